import { isMap } from "../values.ts";
import { fieldOf } from "./field.ts";
import { jsonType } from "./json.ts";

/** Lists of numbers by name: `{rsa: [2048, 4096]}`. One number, or a string with commas, counts as a list. */
export const numberLists = fieldOf(() => ({
  ...jsonType({}),
  name: "number lists",
  normalise(value) {
    if (!isMap(value)) return value;
    const numbers = (each: unknown) => (Array.isArray(each) ? each : String(each).split(",")).map(Number);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, numbers(each)]));
  },
}));
