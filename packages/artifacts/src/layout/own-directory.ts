import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isInArtifacts } from "@loom/record";
import { replaceFile, systemErrorOf } from "@loom/system";
import { writeError, type WriteError } from "../write/write-error.ts";
import { DIRECTORY_MODE } from "./run-files.ts";
import {
  activeDirectory,
  logsDirectory,
  receiptsDirectory,
  runHome,
  runtimeDirectory,
} from "./runtime-directory.ts";

/** What the system gives a directory that is nobody's secret. */
const USUAL_MODE = 0o777;

/**
 * Makes sure that evidence of a repository goes where it belongs: that
 * `.loom/.runtime` and its direct children are directories of this user,
 * inside the repository. What is missing is made, with a `.gitignore` that
 * keeps all of it out of version control.
 *
 * A repository may come from a stranger, who can commit a link in the place of
 * each of them.
 *
 * @param repoRoot - Absolute path.
 * @returns `ARTIFACTS_REFUSED_PLACE` for a link, a file or somebody else's
 *   directory, `ARTIFACTS_WRITE_FAILED` when one cannot be made.
 */
export function prepareRuntimeDirectory(repoRoot: string): WriteError | undefined {
  const runtime = runtimeDirectory(repoRoot);
  const own = ownPlaces(repoRoot).map((path) => () => makeOwnDirectory(path));
  for (const make of [() => prepareDotLoom(repoRoot), ...own]) {
    const refused = make();
    if (refused !== undefined) return refused;
  }
  return keepOutOfVersionControl(join(runtime, ".gitignore"));
}

/**
 * Checks whether a run's directory may be written to: nothing in it, and
 * nothing above it up to `.loom/.runtime`, leads elsewhere or belongs to
 * somebody else. Changes nothing.
 *
 * @param directory - Absolute path of a run's directory, wherever it is.
 * @returns `ARTIFACTS_REFUSED_PLACE`, or nothing.
 */
export function checkRunDirectory(directory: string): WriteError | undefined {
  const root = runHome(directory);
  for (const place of root === undefined ? [directory] : [...ownPlaces(root), directory]) {
    const refused = judgeDirectory(place);
    if (refused !== undefined) return refused;
  }
  try {
    const link = readdirSync(directory, { recursive: true, withFileTypes: true }).find(
      // What a job left as artifacts may hold links; nothing is written through them.
      (entry) =>
        entry.isSymbolicLink() && !isInArtifacts(relative(directory, join(entry.parentPath, entry.name))),
    );
    return link === undefined
      ? undefined
      : refusal(join(link.parentPath, link.name), "it is a symbolic link");
  } catch (cause) {
    return writeError(directory, systemErrorOf(cause));
  }
}

/**
 * Checks whether the evidence of a repository is where it belongs: as
 * {@link prepareRuntimeDirectory} has it. Changes nothing.
 *
 * @param repoRoot - Absolute path.
 * @returns `ARTIFACTS_REFUSED_PLACE`, or nothing. What is not there is as it should be.
 */
export function checkRuntimeDirectory(repoRoot: string): WriteError | undefined {
  const dotLoom = join(repoRoot, ".loom");
  if (!existsSync(dotLoom)) return undefined;
  for (const refused of [judgeDotLoom(dotLoom, repoRoot), ...ownPlaces(repoRoot).map(judgeDirectory)]) {
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** What is Loom's own in a repository, from the top down. */
function ownPlaces(repoRoot: string): readonly string[] {
  return [
    runtimeDirectory(repoRoot),
    logsDirectory(repoRoot),
    receiptsDirectory(repoRoot),
    activeDirectory(repoRoot),
  ];
}

/** `.loom` is the user's: it has the usual mode, and may be a link that stays inside the repository. */
function prepareDotLoom(repoRoot: string): WriteError | undefined {
  const path = join(repoRoot, ".loom");
  return makeDirectory(path, USUAL_MODE, () => judgeDotLoom(path, repoRoot));
}

function judgeDotLoom(path: string, repoRoot: string): WriteError | undefined {
  try {
    const inside = realpathSync(path).startsWith(realpathSync(repoRoot) + sep);
    return inside ? undefined : refusal(path, "it is a link that leads out of the repository");
  } catch (cause) {
    return writeError(path, systemErrorOf(cause));
  }
}

function makeOwnDirectory(path: string): WriteError | undefined {
  return makeDirectory(path, DIRECTORY_MODE, () => judgeDirectory(path));
}

/**
 * Makes one directory below an existing one; one step at a time, so that the system names the true cause.
 *
 * @param judge - What is to be said of one that is there already.
 */
function makeDirectory(
  path: string,
  mode: number,
  judge: () => WriteError | undefined,
): WriteError | undefined {
  try {
    mkdirSync(path, { mode });
    return undefined;
  } catch (cause) {
    const error = systemErrorOf(cause);
    return error.code === "EEXIST" ? judge() : writeError(path, error);
  }
}

/** Checks whether a path, which need not exist, is a directory of this user and not a link. */
export function judgeDirectory(path: string): WriteError | undefined {
  try {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return undefined;
    if (facts.isSymbolicLink()) return refusal(path, "it is a symbolic link");
    if (!facts.isDirectory()) return refusal(path, "it is not a directory");
    const user = process.getuid?.();
    return user === undefined || facts.uid === user
      ? undefined
      : refusal(path, `it belongs to another user (uid ${facts.uid}, and you are ${user})`);
  } catch (cause) {
    return writeError(path, systemErrorOf(cause));
  }
}

function keepOutOfVersionControl(path: string): WriteError | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) return undefined;
    // Renamed into its place, so it replaces a link instead of following it.
    replaceFile(path, "*\n");
    return undefined;
  } catch (cause) {
    return writeError(path, systemErrorOf(cause));
  }
}

function refusal(path: string, why: string): WriteError {
  return {
    code: "ARTIFACTS_REFUSED_PLACE",
    message: `Cannot keep evidence in "${path}": ${why}. Remove it; Loom makes its own`,
  };
}
