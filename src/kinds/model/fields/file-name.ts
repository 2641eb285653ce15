import { fieldOf } from "./field.ts";
import { stringType } from "./string.ts";

type Options = {
  /** Such as `.hcl`. */
  readonly ending: string;
};

/** The name of a file in the configuration's folder. */
export const fileName = fieldOf(({ ending }: Options) => ({
  ...stringType({}),
  name: "file name",
  schema: { type: "string", pattern: `${ending.replaceAll(".", "\\.")}$` },
  limits: { ending },
}));
