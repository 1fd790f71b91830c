import { basename } from "node:path";
import type { Options } from "tsup";
import { versionOf } from "./version-of.ts";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

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
