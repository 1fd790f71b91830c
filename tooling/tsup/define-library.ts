import { defineConfig } from "tsup";

/**
 * The one build shape of a published package: ESM for ES2023, types, source
 * maps, nothing left over from an earlier build.
 *
 * @param entry - Entry files. Default: `src/index.ts`.
 */
export function defineLibrary(entry: readonly string[] = ["src/index.ts"]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: [...entry],
    format: ["esm"],
    target: "es2023",
    platform: "node",
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
  });
}
