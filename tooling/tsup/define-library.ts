import { defineConfig } from "tsup";
import { writeDeclarations } from "./write-declarations.ts";

/**
 * The one build shape of a published package: ESM for ES2023, types, source
 * maps, nothing left over from an earlier build.
 *
 * @param entry - Entry files below `src`. Default: `src/index.ts`.
 */
export function defineLibrary(entry: readonly string[] = ["src/index.ts"]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: [...entry],
    format: ["esm"],
    target: "es2023",
    platform: "node",
    // Its own way reads the whole program again for each package, which took half of the time of a build.
    dts: false,
    sourcemap: true,
    clean: true,
    treeshake: true,
    onSuccess: async () => writeDeclarations(entry, "dist"),
  });
}
