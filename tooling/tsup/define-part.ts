import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { defineConfig, type Options } from "tsup";
import { emptyModules } from "./empty-modules.ts";
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
 * The version of a part is in the path of its files: see {@link fromParts}.
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
    format: ["esm"],
    target: "node22",
    platform: "node",
    splitting: true,
    clean: true,
    minify: true,
    sourcemap: false,
    dts: false,
    noExternal: [/.*/],
    plugins: [withoutBuiltinImports()],
    esbuildPlugins: [...plugins],
    esbuildOptions: (options) => {
      options.alias = emptyModules(unused);
      options.conditions = ["@loom/source"];
    },
    onSuccess: async () => Promise.resolve(onBuilt?.(resolve("dist", version))),
  });
}

/**
 * An esbuild plugin for the program: leaves modules to its parts.
 *
 * A part of another version is not found, as its files have other paths. Otherwise it would be loaded, and might not fit.
 *
 * @param parts - By the folder of a part, which file of it has which module.
 */
export function fromParts(parts: Readonly<Record<string, Readonly<Record<string, string>>>>): EsbuildPlugin {
  const places = new Map(
    Object.entries(parts).flatMap(([folder, modules]) =>
      Object.entries(modules).map(([module, file]) => [
        module,
        `@loom/${basename(folder)}/dist/${versionOf(folder)}/${file}.js`,
      ]),
    ),
  );
  return {
    name: "from-parts",
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, ({ path }) => {
        const place = places.get(path);
        return place === undefined ? undefined : { path: place, external: true };
      });
    },
  };
}

/** The version of the package in a folder. */
function versionOf(folder: string): string {
  const manifest = readFileSync(resolve(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
