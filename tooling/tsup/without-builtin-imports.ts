import { isBuiltin } from "node:module";
import { init, parse } from "es-module-lexer";
import type { Options } from "tsup";

type Plugin = NonNullable<Options["plugins"]>[number];

/** For CommonJS in a bundle, such as React: it requires Node's modules only, as everything else is in the bundle. */
const REQUIRE =
  'const require=(name)=>{const found=process.getBuiltinModule(name);if(found===undefined)throw new Error(`Cannot find module "${name}"`);return found};';

/**
 * A plugin for programs: loads Node's own modules with `process.getBuiltinModule()` instead of `import`.
 *
 * An import reads every export of such a module, and some of them load more modules when they are read: importing
 * `node:crypto` takes 11 ms, loading it 4 ms. It also provides a `require` for CommonJS in the bundle.
 */
export function withoutBuiltinImports(): Plugin {
  return {
    name: "without-builtin-imports",
    async renderChunk(code, { path }) {
      if (!path.endsWith(".js")) return undefined;
      await init;
      return { code: replaceBuiltinImports(code) };
    },
  };
}

/** Replaces the imports in one file. `init` of `es-module-lexer` must have resolved. */
export function replaceBuiltinImports(code: string): string {
  const declarations: string[] = [];
  let rest = "";
  let end = 0;
  for (const { n: name, ss: from, se: to, d: dynamic } of parse(code)[0]) {
    if (dynamic !== -1 || name === undefined || !isBuiltin(name)) continue;
    declarations.push(...declarationsOf(code.slice(from, to), name));
    rest += code.slice(end, from);
    end = to;
  }
  rest += code.slice(end);
  // At the top, as imports are hoisted too.
  const loaded = declarations.length > 0 ? `const ${declarations.join(",")};` : "";
  return `${/\brequire\b/u.test(rest) ? REQUIRE : ""}${loaded}${rest}`;
}

/** What follows `const` instead of an import: `{readFile:a}=…` for `import {readFile as a} from …`. */
function declarationsOf(statement: string, name: string): readonly string[] {
  const clause = /^import\b(.*)\bfrom\s*["'][^"']+["']$/su.exec(statement)?.[1];
  // An import for its effects alone: Node's modules have none.
  if (clause === undefined) return [];
  const module = `process.getBuiltinModule(${JSON.stringify(name)})`;
  const [, whole = "", list = ""] = /^([^{]*)(?:\{([^}]*)\})?\s*$/su.exec(clause) ?? [];
  const names = list
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => part.trim().split(/\s+as\s+/u));
  const wholes = [
    ...whole.split(",").map((part) => part.replace(/^\s*\*\s*as\s/u, "").trim()),
    ...names.filter(([exported]) => exported === "default").map(([, local = ""]) => local),
  ].filter((local) => local !== "");
  const properties = names
    .filter(([exported]) => exported !== "default")
    .map(([exported, local]) => (local === undefined ? exported : `${exported}:${local}`));
  return [
    ...wholes.map((local) => `${local}=${module}`),
    ...(properties.length > 0 ? [`{${properties.join(",")}}=${module}`] : []),
  ];
}
