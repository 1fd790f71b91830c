import { createRequire, isBuiltin } from "node:module";
import { init, parse } from "es-module-lexer";
import type { Options } from "tsup";

type Plugin = NonNullable<Options["plugins"]>[number];

/** For CommonJS in a bundle, such as React: it requires Node's modules only, as everything else is in the bundle. */
const REQUIRE =
  'const require=(name)=>{const found=process.getBuiltinModule(name);if(found===undefined)throw new Error(`Cannot find module "${name}"`);return found};';

/**
 * Modules that take milliseconds, of which most commands call nothing: `child_process` 2, with network and streams, and
 * `crypto` 4. They are loaded when one of their functions is called.
 */
const LAZY = /^(?:node:)?(child_process|crypto)$/u;

/** Makes a function that loads its module when it is called. `promisify()` asks a function for its other form. */
const LAZY_FUNCTION =
  'const $lazy=(name,key,custom=Symbol.for("nodejs.util.promisify.custom"))=>Object.defineProperty((...args)=>process.getBuiltinModule(name)[key](...args),custom,{get:()=>process.getBuiltinModule(name)[key][custom]});';

/** Stands for a module that is loaded when anything of it is read. */
const LAZY_MODULE =
  "const $lazyModule=(name)=>new Proxy({},{get:(_,key)=>process.getBuiltinModule(name)[key]});";

/**
 * A plugin for programs: loads Node's own modules with `process.getBuiltinModule()` instead of `import`.
 *
 * An import reads every export of such a module, and some of them load more modules when they are read: importing
 * `node:crypto` takes 11 ms, loading it 4 ms, and it is not even loaded before it is used. It also provides a `require`
 * for CommonJS in the bundle.
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
  const helpers = [
    ...(/\brequire\b/u.test(rest) ? [REQUIRE] : []),
    ...(loaded.includes("$lazy(") ? [LAZY_FUNCTION] : []),
    ...(loaded.includes("$lazyModule(") ? [LAZY_MODULE] : []),
  ];
  return `${helpers.join("")}${loaded}${rest}`;
}

/** What follows `const` instead of an import: `{readFile:a}=…` for `import {readFile as a} from …`. */
function declarationsOf(statement: string, name: string): readonly string[] {
  const clause = /^import\b(.*)\bfrom\s*["'][^"']+["']$/su.exec(statement)?.[1];
  // An import for its effects alone: Node's modules have none.
  if (clause === undefined) return [];
  const [, lazy] = LAZY.exec(name) ?? [];
  const module = `process.getBuiltinModule(${JSON.stringify(name)})`;
  const wholeModule = lazy === "child_process" ? `$lazyModule(${JSON.stringify(name)})` : module;
  const [, whole = "", list = ""] = /^([^{]*)(?:\{([^}]*)\})?\s*$/su.exec(clause) ?? [];
  const names = list
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => part.trim().split(/\s+as\s+/u));
  const wholes = [
    ...whole.split(",").map((part) => part.replace(/^\s*\*\s*as\s/u, "").trim()),
    ...names.filter(([exported]) => exported === "default").map(([, local = ""]) => local),
  ].filter((local) => local !== "");
  const named = names.filter(([exported]) => exported !== "default");
  const isLazy = ([exported = ""]: readonly string[]): boolean =>
    lazy !== undefined && isFunction(lazy, exported);
  const properties = named
    .filter((each) => !isLazy(each))
    .map(([exported, local]) => (local === undefined ? exported : `${exported}:${local}`));
  return [
    ...wholes.map((local) => `${local}=${wholeModule}`),
    ...named
      .filter(isLazy)
      .map(([exported, local = exported]) => `${local}=$lazy(${JSON.stringify(name)},"${exported}")`),
    ...(properties.length > 0 ? [`{${properties.join(",")}}=${module}`] : []),
  ];
}

/** Whether it is a function of the module, and no class: those begin with a capital, as everywhere. */
function isFunction(module: string, name: string): boolean {
  const real = (createRequire(import.meta.url)(module) as Readonly<Record<string, unknown>>)[name];
  return typeof real === "function" && /^[a-z]/u.test(name);
}
