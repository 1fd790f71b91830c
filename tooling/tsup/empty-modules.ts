import { fileURLToPath } from "node:url";

const EMPTY = fileURLToPath(new URL("empty-module.cjs", import.meta.url));

/** The option `alias` of esbuild that puts nothing in place of modules that libraries load and of which the program calls nothing. */
export function emptyModules(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, EMPTY]));
}
