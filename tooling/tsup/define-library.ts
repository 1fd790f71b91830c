import { defineConfig, type Options } from "tsup";
import { writeDeclarations } from "./write-declarations.ts";

/**
 * The build configuration of every published package: ESM for ES2023, with types, and a clean output folder.
 *
 * No source maps: the output keeps names and lines and is readable as it is, and maps would be two thirds of a
 * download. For the same reason sources are not published; "go to definition" leads to the declarations, which
 * mirror the source files with all comments.
 *
 * @param entry - Entry files below `src`. Default: `src/index.ts`.
 * @param plugins - Plugins of esbuild. Default: none.
 */
export function defineLibrary(
  entry: readonly string[] = ["src/index.ts"],
  plugins: NonNullable<Options["esbuildPlugins"]> = [],
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: [...entry],
    format: ["esm"],
    target: "es2023",
    platform: "node",
    // tsup's own `dts` reads the whole program again for each package, which took half of the build time.
    dts: false,
    clean: true,
    treeshake: true,
    esbuildPlugins: plugins,
    esbuildOptions: (options) => {
      // By default esbuild works in the folder in which the process started: see build-libraries.ts.
      options.absWorkingDir = process.cwd();
    },
    onSuccess: async () => writeDeclarations(entry, "dist"),
  });
}
