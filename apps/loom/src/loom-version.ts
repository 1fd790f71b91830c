import manifest from "../package.json" with { type: "json" };

/** Version of the program, as in its package. */
export const LOOM_VERSION: string = manifest.version;
