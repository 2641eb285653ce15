import packageJson from "../package.json" with { type: "json" };

/** The version in package.json. The tag of a release has the same. */
export const version: string = packageJson.version;
