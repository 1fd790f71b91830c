import { createGit } from "@loom/system";
import { findRepository } from "@loom/runner/workflow";
import { MINIMUM_GIT_VERSION } from "@loom/workspace";
import { worksInPlace, type DoctorPlace } from "./doctor-place.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** How long git may take. Milliseconds. */
const TIMEOUT_MS = 2000;

/** Whether there is a git that can make snapshots. Without a repository nothing needs one. */
export async function checkGit(place: DoctorPlace): Promise<DoctorFinding> {
  const { env, cwd } = place;
  const said = await createGit(cwd, { env, timeoutMs: TIMEOUT_MS })(["--version"]);
  const state = await stateWithoutGit(place);
  if (!said.ok) {
    const advice = `Install git ${MINIMUM_GIT_VERSION} or newer, or add its folder to PATH${orInPlace(state)}`;
    const found = isMissing(said.error) ? "There is no git on PATH" : `git does not work: ${said.error}`;
    return { state, found, advice };
  }
  const version = /\d+\.\d+[.\d]*/u.exec(said.value)?.[0] ?? "";
  if (isOlder(version, MINIMUM_GIT_VERSION)) {
    const found = `git is ${version}, older than ${MINIMUM_GIT_VERSION}`;
    return { state, found, advice: `Install a newer git${orInPlace(state)}` };
  }
  return { state: "ok", found: `git is ${version}` };
}

/** Whether this folder is in a repository, and git agrees to read it. */
export async function checkRepository(place: DoctorPlace): Promise<DoctorFinding> {
  const { env, projectRoot } = place;
  const root = findRepository(projectRoot);
  if (root === undefined)
    return {
      state: "note",
      found: `"${projectRoot}" is not in a git repository: jobs work in a copy of the folder`,
      advice: "Run git init to have snapshots, commits in the evidence and loom bisect; else do nothing",
    };
  const said = await createGit(projectRoot, { env, timeoutMs: TIMEOUT_MS })(["rev-parse", "--git-dir"]);
  if (said.ok) return { state: "ok", found: `The repository is "${root}"` };
  if (isMissing(said.error))
    return {
      state: "note",
      found: `The repository is "${root}"; whether git agrees to read it is not known without git`,
      advice: "Install git, then run loom doctor again",
    };
  const state = await stateWithoutGit(place);
  const isForeign = said.error.includes("dubious ownership");
  return {
    state,
    found: isForeign
      ? `git refuses "${root}", as it belongs to another user`
      : `git cannot read "${root}": ${said.error}`,
    advice: isForeign
      ? `If you trust it, run git config --global --add safe.directory '${root}'`
      : `See what git status says in "${root}"${orInPlace(state)}`,
  };
}

/** How bad it is that git does not work: a snapshot of a repository needs it, and a run in place only warns. */
async function stateWithoutGit(place: DoctorPlace): Promise<"failure" | "warning" | "note"> {
  if (findRepository(place.projectRoot) === undefined) return "note";
  return (await worksInPlace(place)) ? "warning" : "failure";
}

/** Whether git could not be started, by the words of `createGit`. */
function isMissing(reason: string): boolean {
  return reason.startsWith("git is not installed");
}

function orInPlace(state: DoctorFinding["state"]): string {
  return state === "failure" ? "; or work in the folder itself with --in-place" : "";
}

function isOlder(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
