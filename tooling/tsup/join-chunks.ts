import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { init, parse } from "es-module-lexer";
import type { Options } from "tsup";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];
type Esbuild = Parameters<EsbuildPlugin["setup"]>[0]["esbuild"];

/** The text of each file of JavaScript in the output, by its name. */
type Texts = ReadonlyMap<string, string>;

/**
 * An esbuild plugin for programs: joins chunks that the same commands load.
 *
 * esbuild makes a chunk of what the same set of files imports, and a program with 80 files that are loaded later has many
 * such sets. To find, read and link each chunk takes some 0.3 ms. The commands that are named load nothing that they did
 * not load; others may load more of a file than they need.
 *
 * @param sources.always - Ends of the paths of the sources that each command loads.
 * @param sources.commands - Ends of the paths of the sources with which those commands begin.
 */
export function joinChunks(sources: {
  readonly always: readonly string[];
  readonly commands: readonly string[];
}): EsbuildPlugin {
  return {
    name: "join-chunks",
    setup(build) {
      build.onEnd(async ({ outputFiles = [], metafile }) => {
        const written = outputFiles.filter(({ path }) => path.endsWith(".js"));
        const [first] = written;
        if (first === undefined) return;
        await init;
        const outputs = Object.entries(metafile?.outputs ?? {});
        const fileOf = (source: string): string => {
          const found = outputs.find(([, { entryPoint }]) => entryPoint?.endsWith(source));
          if (found === undefined) throw new Error(`No file of the output begins with ${source}`);
          return basename(found[0]);
        };
        const begins = { always: sources.always.map(fileOf), commands: sources.commands.map(fileOf) };
        const texts = new Map(written.map(({ path, text }) => [basename(path), text]));
        const imports = new Map([...texts].map(([name, text]) => [name, importedBy(text)]));
        const joined = await joinTexts(build.esbuild, texts, groupsOf(imports, begins));
        outputFiles.splice(0, Infinity, ...outputFiles.filter((file) => !written.includes(file)));
        for (const [name, text] of joined)
          outputFiles.push({
            path: join(dirname(first.path), name),
            contents: Buffer.from(text),
            hash: "",
            text,
          });
      });
    },
  };
}

/**
 * The files that are loaded by the same commands, in groups of two and more.
 *
 * What a file imports is loaded by at least as many commands, so no two groups import each other.
 *
 * @param imports - What each file loads before it.
 * @param begins - The files that stay by themselves: those that are always loaded, and those with which commands begin.
 */
export function groupsOf(
  imports: ReadonlyMap<string, readonly string[]>,
  { always, commands }: { readonly always: readonly string[]; readonly commands: readonly string[] },
): readonly (readonly string[])[] {
  const loadedAlways = loadedBy(always, imports);
  const loaded = commands.map((command) => loadedBy([command], imports));
  const groups = new Map<string, string[]>();
  for (const name of imports.keys()) {
    const by = loadedAlways.has(name)
      ? "always"
      : loaded.flatMap((names, at) => (names.has(name) ? [at] : [])).join(" ");
    if (by === "" || always.includes(name) || commands.includes(name)) continue;
    groups.set(by, [...(groups.get(by) ?? []), name]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function loadedBy(
  begins: readonly string[],
  imports: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const loaded = new Set(begins);
  // Those that are added come later in this loop.
  for (const name of loaded) for (const each of imports.get(name) ?? []) loaded.add(each);
  return loaded;
}

/** Where the members of groups are, and as what. */
interface Place {
  readonly file: string;
  /** What stands before the names of its exports. */
  readonly prefix: string;
}

/**
 * The files of the output after each group has become one. A member that is loaded later, when it is needed, stays as a
 * file that passes on what it exported.
 */
export async function joinTexts(
  esbuild: Pick<Esbuild, "build">,
  texts: Texts,
  groups: readonly (readonly string[])[],
): Promise<Texts> {
  const places = new Map<string, Place>();
  for (const group of groups) {
    // The names have hashes of what is in the files.
    const hash = createHash("sha256").update(group.join(" ")).digest("hex").slice(0, 8).toUpperCase();
    for (const [at, name] of group.entries())
      places.set(name, { file: `joined-${hash}.js`, prefix: `_${at.toString(36)}_` });
  }
  const result = new Map<string, string>();
  const later = new Set([...texts.values()].flatMap((text) => importedBy(text, "later")));
  for (const [name, text] of texts) {
    const place = places.get(name);
    if (place === undefined) result.set(name, importFromJoined(text, places));
    else if (later.has(name)) result.set(name, exportsOf(name, text, { ...place, isInside: false }));
  }
  for (const group of groups) {
    const file = places.get(group[0] ?? "")?.file ?? "";
    const others = new Map([...places].filter(([, place]) => place.file !== file));
    const sources = new Map(
      group.map((name) => [`./${name}`, importFromJoined(texts.get(name) ?? "", others)]),
    );
    const contents = group
      .map((name) => {
        const place = { file, prefix: places.get(name)?.prefix ?? "", isInside: true };
        return exportsOf(name, texts.get(name) ?? "", place);
      })
      .join("");
    result.set(file, await bundled(esbuild, contents, sources));
  }
  return result;
}

/** Passes on what a member exports: out of the member under its new names, or out of the joined file under the old ones. */
function exportsOf(
  name: string,
  text: string,
  { file, prefix, isInside }: Place & { readonly isInside: boolean },
): string {
  const names = parse(text)[1].map(({ n: exported }) =>
    isInside ? `${exported} as ${prefix}${exported}` : `${prefix}${exported} as ${exported}`,
  );
  const from = isInside ? name : file;
  return `import"./${from}";export{${names.join(",")}}from"./${from}";`;
}

async function bundled(
  esbuild: Pick<Esbuild, "build">,
  contents: string,
  sources: ReadonlyMap<string, string>,
): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, loader: "js" },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    plugins: [
      {
        name: "members",
        setup(build) {
          build.onResolve({ filter: /.*/ }, ({ path, kind }) =>
            sources.has(path) && kind === "import-statement"
              ? { path, namespace: "member" }
              : { path, external: true },
          );
          build.onLoad({ filter: /.*/, namespace: "member" }, ({ path }) => ({
            contents: sources.get(path) ?? "",
            loader: "js",
          }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

/** The files beside it that a file imports: before it is evaluated, or later. */
function importedBy(text: string, when: "before" | "later" = "before"): readonly string[] {
  return parse(text)[0].flatMap(({ n: name, d: dynamic }) =>
    name?.startsWith("./") === true && (when === "later" ? dynamic >= 0 : dynamic === -1)
      ? [name.slice(2)]
      : [],
  );
}

/** The text of a file that imports from joined files what it imported from their members. */
export function importFromJoined(text: string, places: ReadonlyMap<string, Place>): string {
  let result = "";
  let end = 0;
  for (const { n: name = "", d: dynamic, ss: from, se: to } of parse(text)[0]) {
    const place = places.get(name.slice(2));
    if (dynamic !== -1 || place === undefined) continue;
    result += text.slice(end, from) + renamed(text.slice(from, to), place);
    end = to;
  }
  return result + text.slice(end);
}

function renamed(statement: string, { file, prefix }: Place): string {
  const [, kind, list] =
    /^(import|export)\s*(?:\{([^{}]*)\}\s*from\s*)?["'][^"']+["']$/u.exec(statement) ?? [];
  if (kind === undefined) throw new Error(`Cannot tell what this imports: ${statement}`);
  if (list === undefined) return `import"./${file}"`;
  const names = list
    .split(",")
    .map((part) => part.trim().split(/\s+as\s+/u))
    .filter(([imported]) => imported !== "")
    .map(([imported = "", local = imported]) => `${prefix}${imported} as ${local}`);
  return `${kind}{${names.join(",")}}from"./${file}"`;
}
