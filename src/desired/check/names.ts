import type { NamedSpec } from "../../kinds/model/spec.ts";
import { problem } from "../problem.ts";
import type { Checker, Position } from "./checker.ts";

/** Names become parts of an API path. Reports names that are reserved, would lead to a different path, or that Vault would change. */
export function checkName({ problems }: Checker, spec: NamedSpec, name: string, { path, at }: Position): void {
  const { noun, reserved = {} } = spec;
  const reason = Object.hasOwn(reserved, name) ? reserved[name] : spec.refuse?.(name);
  if (reason !== undefined) {
    problems.push(problem(at, path, `the reserved name ${name} (${reason})`, `a different name for the ${noun}`));
  }
  const fault = spec.faultOf?.(name);
  if (fault !== undefined) {
    problems.push(problem(at, path, fault.found ?? `the name ${JSON.stringify(name)}`, fault.expected));
    return;
  }
  if (noun === "key") return;
  const found = invalidName(name, noun);
  if (found !== undefined) problems.push(problem(at, path, found, `a name for the ${noun}`));
}

/** @returns the name and its fault; undefined if there is none */
function invalidName(name: string, noun: string): string | undefined {
  if (name === "") return "an empty name";
  if (/\p{Cc}/u.test(name)) return "a control character in a name";
  if (name.split("/").some((part) => part === "." || part === "..")) return `${name}, which leads to a different path`;
  if (name.startsWith("/")) return `${name}, with a slash at the start`;
  if (name.endsWith("/")) return `${name}, with a slash at the end`;
  if (name.includes("//")) return `${name}, with a double slash`;
  if (noun === "policy" && name !== name.trim())
    return `${name} with leading or trailing spaces, which Vault does not keep`;
  if (noun === "policy" && name !== name.toLowerCase()) return `${name} in upper case, which Vault does not keep`;
  return undefined;
}
