import { jsonSchema } from "../desired/json-schema.ts";
import { ExitCode } from "../errors.ts";
import { rootSpec } from "../kinds/index.ts";
import type { Command } from "./command.ts";

export const schema: Command = {
  name: "schema",
  describe: "Print the JSON Schema of the desired state, for editors",
  flags: ["log-level"],
  async run({ print }) {
    print(`${JSON.stringify(jsonSchema(rootSpec), null, 2)}\n`);
    return ExitCode.done;
  },
};
