/** What a policy says, before it is written in HCL or JSON. */
export type Tree =
  /** The characters between the quotes, with their escapes. */
  | { readonly is: "string"; readonly body: string }
  /** A number, `true`, `false` or `null`. */
  | { readonly is: "raw"; readonly text: string }
  | { readonly is: "list"; readonly items: readonly Tree[] }
  | { readonly is: "block"; readonly entries: readonly Branch[] };

export type Branch = { readonly key: string; readonly labels: readonly string[]; readonly value: Tree };

export const string = (body: string): Tree => ({ is: "string", body });
export const raw = (text: string): Tree => ({ is: "raw", text });
export const list = (items: readonly Tree[]): Tree => ({ is: "list", items });
export const block = (entries: readonly Branch[]): Tree => ({ is: "block", entries });
export const branch = (key: string, value: Tree, ...labels: string[]): Branch => ({ key, labels, value });
