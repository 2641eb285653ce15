import { fieldOf } from "./field.ts";
import { stringType } from "./string.ts";

/** A URL or DSN of a database whose login consists of templates only: `{{username}}:{{password}}@host`. */
export const connectionUrl = fieldOf(() => ({
  ...stringType({}),
  name: "connection URL",
  passwordRule: {
    hasPassword,
    expected: "{{username}} and {{password}} instead, with their values in the fields username and password",
  },
}));

/** Finds `scheme://user:password@host`, Oracle's `user/password@host`, and `password=...` anywhere. */
function hasPassword(text: string): boolean {
  const named = [...text.matchAll(/(?:password|passwd|pwd)\s*=\s*([^&;\s]*)/gi)].map(([, given]) => given ?? "");
  const login = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^:/@]*[:/]([^@]*)@/i.exec(text)?.[1];
  return [...named, ...(login === undefined ? [] : [login])].some(
    (each) => !/^['"]?(\{\{password\}\})?['"]?$/.test(each),
  );
}
