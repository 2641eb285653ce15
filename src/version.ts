import packageJson from "../package.json" with { type: "json" };

/** The version in package.json, which a release's tag repeats. */
export const version: string = packageJson.version;
