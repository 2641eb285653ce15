import { type Checked, type Fault, fieldOf, wrong } from "./field.ts";
import { elements, listType } from "./list.ts";
import { stringType } from "./string.ts";

/** Beginnings of API paths and of sections of the configuration, which no auth mount has after `auth/`. */
const elsewhere = /^(sys|secrets|identity|cubbyhole)(\/|$)/;
/** `auth_TYPE_` and eight hexadecimal digits. */
const accessor = /^[a-z]+_[a-z0-9-]+_[0-9a-f]{8}$/;

/** @returns `auth/PATH` for an auth mount that was written with or without `auth/` */
export function authMountPath(text: string): string {
  return text.startsWith("auth/") ? text : `auth/${text}`;
}

/** @returns the fault of a text that cannot be the path of an auth mount; undefined if it can */
export function authMountFault(text: string): Fault | undefined {
  const path = text.trim().replace(/^\/|\/$/g, "");
  const expected = "the path of an auth mount, as auth/PATH";
  if (path === "" || path === "auth") return { expected };
  if (accessor.test(path) || path.includes("{{")) return { expected: `${expected}; vault-hooks finds its accessor` };
  const meant = path.replace(/^sys\/(?=auth\/)/, "");
  if (elsewhere.test(meant)) return { expected };
  return meant === text ? undefined : { expected: authMountPath(meant) };
}

/** The path of one auth mount. Without `auth/` it means an auth mount too, never a secrets engine of that name. */
export const authMount = fieldOf(() => ({
  ...stringType({}),
  name: "auth mount",
  check(value) {
    if (typeof value !== "string") return wrong("the path of an auth mount, as auth/PATH");
    const fault = authMountFault(value);
    return fault === undefined ? { value: authMountPath(value) } : { value: undefined, faults: [fault] };
  },
}));

/** As `authMount`, several of them. */
export const authMounts = fieldOf(() => ({ ...listType({}), name: "auth mount list", check: checkMounts }));

function checkMounts(value: unknown): Checked {
  const { value: checked, faults = [] } = listType({}).check(value);
  if (checked === undefined || faults.length > 0) return { value: checked, faults };
  const paths = Array.isArray(checked) ? checked.map(String) : elements(checked, (each) => each);
  const wrongs = paths.flatMap((path, i) => {
    const fault = authMountFault(path);
    return fault === undefined ? [] : [{ ...fault, path: Array.isArray(value) ? [String(i)] : [] }];
  });
  return { value: paths.map(authMountPath), faults: wrongs };
}
