import { resolve } from "node:path";
import { defineConfig, type Options } from "tsup";
import { emptyModules } from "./empty-modules.ts";
import { PROGRAM_OPTIONS } from "./program-options.ts";
import { versionOf } from "./version-of.ts";
import { withoutBuiltinImports } from "./without-builtin-imports.ts";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** What a part is made of. */
interface PartOptions {
  /** Names of files of `src`, without `.ts`. */
  readonly files: readonly string[];
  /** Modules that are loaded and of which nothing is called. */
  readonly unused?: readonly string[];
  readonly plugins?: readonly EsbuildPlugin[];
  /** Runs when the files are there. Default: nothing does. */
  readonly onBuilt?: (folder: string) => void;
}

/**
 * The build configuration of a part of the program: a package with what not everybody needs, to be installed beside the
 * program. A file of `src` becomes one that needs no other package.
 *
 * The version of a part is in the path of its files: see `fromParts()`.
 */
export function definePart({
  files,
  unused = [],
  plugins = [],
  onBuilt,
}: PartOptions): ReturnType<typeof defineConfig> {
  const version = versionOf(".");
  return defineConfig({
    entry: Object.fromEntries(files.map((file) => [`${version}/${file}`, `src/${file}.ts`])),
    ...PROGRAM_OPTIONS,
    plugins: [withoutBuiltinImports()],
    esbuildPlugins: [...plugins],
    esbuildOptions: (options) => {
      options.alias = emptyModules(unused);
      options.conditions = ["@loom/source"];
    },
    onSuccess: async () => Promise.resolve(onBuilt?.(resolve("dist", version))),
  });
}
