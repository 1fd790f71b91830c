import { lstat } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import type { Workplace } from "@loom/core";
import type { LeftOut } from "./explanation.ts";

/** Where a project has programs in folders that are usually ignored. */
const PROGRAMS = [
  "node_modules/.bin",
  ".venv/bin",
  "venv/bin",
  "vendor/bin",
  "target/release",
  "target/debug",
];

/** How tools say that something is not there, and where in a project that would be. */
const MISSING: readonly { readonly said: RegExp; readonly places: readonly string[] }[] = [
  // A path, as of a script that calls a program by it.
  {
    said: /(?<what>[\w.@+-]+(?:\/[\w.@+-]+)+)'?: (?:command )?(?:not found|No such file or directory)/,
    places: [""],
  },
  // A command, as shells, make and env say it.
  {
    said: /(?<what>[\w.+-]+)[’']?: (?:(?:command )?not found|No such file or directory)/,
    places: PROGRAMS,
  },
  { said: /command not found: (?<what>[\w.+-]+)/, places: PROGRAMS },
  // A module of Node, also as TypeScript and bundlers say it.
  {
    said: /(?:Cannot find (?:module|package)|Could not resolve) ['"](?<what>[^'"]+)['"]/,
    places: ["node_modules", ""],
  },
  // PHP.
  { said: /(?<what>vendor\/[\w./-]+).*No such file or directory/, places: [""] },
];

/** Folders that are whole where they are: what is not in one was not left out with it. */
const WHOLE = /(?:^|\/)(?:node_modules|\.venv|venv|vendor|target)(?:\/|$)/;

/** Python looks for modules in a folder that is named by its version. */
const PYTHON = /No module named '?[\w.]+/;

/** Lines of output that are looked at. */
const LINES = 200;

/**
 * Finds what a step missed that lies in the checkout, in a folder that is not
 * in the snapshot, because snapshots leave out what is ignored.
 *
 * @param lines - What the step printed, paths relative to the project.
 * @param place - Where the job worked.
 * @param checkout - Absolute path of the project in the checkout.
 * @returns `undefined` where nothing is missed, or nothing there would provide it.
 */
export async function findLeftOut(
  lines: readonly string[],
  place: Workplace,
  checkout: string,
): Promise<LeftOut | undefined> {
  // A snapshot that was pruned cannot be compared.
  if (place.snapshotPath === undefined || !(await isThere(place.projectDir))) return undefined;
  for (const path of lines.slice(-LINES).flatMap(candidates)) {
    if (isAbsolute(path) || path.split("/").includes("..")) continue;
    const folder = await missingFolder(path, place.projectDir);
    if (folder === undefined || !(await isThere(join(checkout, path)))) continue;
    return { folder, path, message: sentence(path, folder) };
  }
  return undefined;
}

/** Where in a project that would be which a line says is missing. */
function candidates(line: string): readonly string[] {
  const paths = MISSING.flatMap(({ said, places }) => {
    const what = said.exec(line)?.groups?.["what"];
    return what === undefined ? [] : places.map((place) => posix.join(place, what));
  });
  return PYTHON.test(line) ? [...paths, ".venv", "venv"] : paths;
}

/** The topmost folder of a path that the snapshot does not have; `undefined` where only the file is not there, or nothing. */
async function missingFolder(path: string, projectDir: string): Promise<string | undefined> {
  const parts = path.split("/");
  const folders = parts.length === 1 ? parts : parts.slice(0, -1);
  for (const [index] of folders.entries()) {
    const folder = folders.slice(0, index + 1).join("/");
    if (await isThere(join(projectDir, folder))) continue;
    return WHOLE.test(posix.dirname(folder)) ? undefined : folder;
  }
  return undefined;
}

function sentence(path: string, folder: string): string {
  const has = path === folder ? `"${folder}", which may provide it` : `"${path}"`;
  return `The checkout has ${has}, but a snapshot leaves ignored folders out: have a job make "${folder}" and keep it with cache, or run with --in-place`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    // A name that the system does not take is not there either.
    if (cause instanceof Error && "code" in cause) return false;
    throw cause;
  }
}
