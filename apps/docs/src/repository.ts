import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of this app. Absolute, with a slash at the end. */
export const APP: string = fileURLToPath(new URL("../", import.meta.url));

/** The root of the repository. Absolute, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the pages are put together that the site is built from. */
export const PAGES_FOLDER = `${APP}temp/pages`;

/** Where the site is built. */
export const SITE_FOLDER = `${APP}dist`;

/** The address of the repository, as the root manifest has it. */
export const ADDRESS: string = address();

/** Reads a file of the repository. */
export function readSource(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

function address(): string {
  const { repository } = JSON.parse(readSource("package.json")) as { repository: { url: string } };
  return repository.url.replaceAll(/^git\+|\.git$/gu, "");
}
