/** `npm run reference`: writes the fields of every kind, and its example, into docs/configuration.md. */
import { readFile, writeFile } from "node:fs/promises";
import { referenceFile, withReference } from "./docs/files.ts";

await writeFile(referenceFile, await withReference(await readFile(referenceFile, "utf8")));
