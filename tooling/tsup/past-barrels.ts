import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Options } from "tsup";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** An import of names from one of the workspace's packages, as the formatter writes it. */
const IMPORT = /^import (type )?\{([^{}]*)\} from "(@loom\/[^"]+)";$/gmu;

/** An export of names from another file, as the formatter writes it. */
const EXPORT = /^export (?:type )?\{([^{}]*)\} from "(\.[^"]+)";$/gmu;

/**
 * An esbuild plugin for programs: names are imported from the files that have them, in place of the index of their package.
 *
 * What is said to be free of side effects leaves the bundle, but not the chunks: esbuild puts every file of an index in
 * the way of whoever imports one name from it. So `loom explain` loaded the engine for regular expressions of `loom logs`.
 *
 * @param files - Ends of the paths of the files whose imports are meant.
 */
export function pastBarrels(files: readonly string[]): EsbuildPlugin {
  return {
    name: "past-barrels",
    setup(build) {
      const known = new Map<string, ReadonlyMap<string, string>>();
      build.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
        if (!files.some((file) => path.endsWith(sep + file))) return undefined;
        const text = readFileSync(path, "utf8");
        for (const [, , , name = ""] of text.matchAll(IMPORT)) {
          if (known.has(name)) continue;
          const found = await build.resolve(name, { kind: "import-statement", resolveDir: dirname(path) });
          known.set(name, found.errors.length > 0 ? new Map() : exportsOf(found.path));
        }
        const contents = importFromFiles(text, (name) => known.get(name));
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts", resolveDir: dirname(path) };
      });
    },
  };
}

function exportsOf(index: string): ReadonlyMap<string, string> {
  return exportedFiles(readFileSync(index, "utf8"), dirname(index));
}

/** The file of each name that an index exports from one, by the text of the index. */
export function exportedFiles(index: string, folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [, list = "", path = ""] of index.matchAll(EXPORT))
    for (const name of namesIn(list)) if (/^\w+$/u.test(name)) files.set(name, join(folder, path));
  return files;
}

/** The text of a file whose imports are from the files that have the names. Those that are not known stay as they are. */
export function importFromFiles(
  text: string,
  filesOf: (name: string) => ReadonlyMap<string, string> | undefined,
): string {
  return text.replaceAll(IMPORT, (statement, type: string | undefined, list: string, from: string) => {
    if (type !== undefined) return statement;
    const files = filesOf(from);
    return list
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "" && !part.startsWith("type "))
      .map(
        (part) =>
          `import { ${part} } from ${JSON.stringify(files?.get(part.split(" as ")[0] ?? "") ?? from)};`,
      )
      .join(" ");
  });
}

function namesIn(list: string): readonly string[] {
  return list.split(",").map((part) => part.trim().replace(/^type /u, ""));
}
