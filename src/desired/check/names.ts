import type { NamedSpec } from "../../kinds/model/spec.ts";
import { type Problem, problem } from "../problem.ts";
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
  const found = invalidName(name);
  if (found !== undefined) problems.push(problem(at, path, found, `a name for the ${noun}`));
  if (noun === "policy" && found === undefined) checkPolicyName(problems, name, { path, at });
}

/** Vault stores the name of a policy trimmed and in lower case. */
function checkPolicyName(problems: Problem[], name: string, { path, at }: Position): void {
  const kept = name.trim().toLowerCase();
  if (kept === name) return;
  const fault = name === name.trim() ? "in upper case" : "with leading or trailing spaces";
  const expected = kept === "" ? "a name for the policy" : kept;
  problems.push(problem(at, path, `${name} ${fault}, which Vault does not keep`, expected));
}

/** @returns the name and its fault; undefined if there is none */
function invalidName(name: string): string | undefined {
  if (name === "") return "an empty name";
  if (/\p{Cc}/u.test(name)) return "a control character in a name";
  if (name.split("/").some((part) => part === "." || part === "..")) return `${name}, which leads to a different path`;
  if (name.startsWith("/")) return `${name}, with a slash at the start`;
  if (name.endsWith("/")) return `${name}, with a slash at the end`;
  if (name.includes("//")) return `${name}, with a double slash`;
  return undefined;
}
