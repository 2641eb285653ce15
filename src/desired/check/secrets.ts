import type { Field, PasswordRule } from "../../kinds/model/fields/field.ts";
import { SecretReference } from "../../kinds/model/secret-reference.ts";
import { secretsIn, wordsIn } from "../../redact.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

/** Write-only fields that hold a secret, by their names; not those for the type or name of a key. */
const confidential =
  /(pass|password|password_hash|secret|token|jwt|credentials|(^|_)key|^url|_uri|_json|pem_bundle|_base64|^env)$/;

/**
 * @returns whether a literal value of a write-only field is a secret that stands in Git. A URL is one only if it has a login, an
 * environment variable (`NAME=value`) only by its name.
 */
export function isSecretInGit(name: string, value: unknown): boolean {
  if (value === "" || value === null || value instanceof SecretReference || !confidential.test(name)) return false;
  if (name === "env") return [value].flat().some((each) => typeof each === "string" && isSecretVariable(each));
  return !/_uri$/.test(name) || String(value).includes("@");
}

function isSecretVariable(text: string): boolean {
  return confidential.test((text.split("=")[0] ?? "").toLowerCase());
}

/** @returns whether the value may be shown in a mistake: it is that of a fixed list, or Vault returns it */
export function mayShow(field: Field, path: Path): boolean {
  if (field.secret) return false;
  return !field.writeOnly || (field.type.limits?.values !== undefined && !confidential.test(path.at(-1) ?? ""));
}

/** Registers a secret for redaction, since an error of Vault may repeat what was sent to it. */
export function registerSecret(field: Field, value: unknown, path: Path): void {
  if (field.ordinary) wordsIn(value);
  else if (field.secret || (field.writeOnly && confidential.test(path.at(-1) ?? ""))) secretsIn(value);
}

const urlWithLogin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*:(?!\{\{)[^\s/?#@]*@/i;
const urlRule: PasswordRule = { hasPassword: (text) => urlWithLogin.test(text), expected: "a URL without one" };

/** Reports a password in a URL. Every plan would show it, and Vault hides it, so a changed password would not be detected. */
export function refusePassword(problems: Problem[], field: Field, tree: Tree, path: Path): void {
  if (field.writeOnly || tree.is !== "scalar" || typeof tree.value !== "string") return;
  const { hasPassword, expected } = field.type.passwordRule ?? urlRule;
  if (hasPassword(tree.value)) problems.push(problem(tree.at, path, "a password in a URL", expected));
}
