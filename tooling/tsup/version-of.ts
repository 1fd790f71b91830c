import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The version of the package in a folder. */
export function versionOf(folder: string): string {
  const manifest = readFileSync(resolve(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
