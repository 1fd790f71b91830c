import { defineConfig } from "tsup";
import { writeDeclarations } from "./write-declarations.ts";

/**
 * The one build shape of a published package: ESM for ES2023, types, nothing
 * left over from an earlier build.
 *
 * No source maps: the code keeps its names and lines and is read as it is, and
 * maps would be two thirds of what a user downloads. For the same reason the
 * sources stay here; an editor's way to a definition ends in the declarations,
 * a file each as the sources are, with all comments.
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
    clean: true,
    treeshake: true,
    onSuccess: async () => writeDeclarations(entry, "dist"),
  });
}
