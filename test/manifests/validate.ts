/** `npm run manifests`: validates everything that Argo CD will render against the schemas of the servers that receive it. */
import { join } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { generatorErrors, sizeErrors } from "../helpers/generated-config.ts";
import { placeholderErrors, render, renderedFolders } from "../helpers/manifests.ts";
import { loadSchemas } from "../helpers/schemas.ts";

const errors = await generatorErrors(join(projectDir, "hooks"));
const validate = await loadSchemas();
for (const folder of renderedFolders) {
  const manifests = await render(folder).catch((error: Error) => {
    errors.push(`${folder}: ${error.message}`);
    return [];
  });
  const found = manifests.flatMap((each) => [...validate(each), ...sizeErrors(each), ...placeholderErrors(each)]);
  errors.push(...found.map((each) => `${folder}: ${each}`));
  console.log(`${folder}: ${manifests.length} objects`);
}
for (const error of errors) console.error(error);
process.exitCode = errors.length === 0 ? 0 : 1;
