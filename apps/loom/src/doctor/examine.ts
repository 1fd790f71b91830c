import { systemErrorReason } from "@loom/system";
import { checkCgroups } from "./check-cgroups.ts";
import { checkConfig } from "./check-config.ts";
import { checkDisk } from "./check-disk.ts";
import { checkEngine } from "./check-engine.ts";
import { checkFolders } from "./check-folders.ts";
import { checkGit, checkRepository } from "./check-git.ts";
import { checkLoom } from "./check-loom.ts";
import { checkParts } from "./check-parts.ts";
import { checkSecrets } from "./check-secrets.ts";
import { checkShell } from "./check-shell.ts";
import { checkTerminal } from "./check-terminal.ts";
import { checkWorkers } from "./check-workers.ts";
import { checkWorkflow } from "./check-workflow.ts";
import type { DoctorPlace } from "./doctor-place.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** What a check found, with its name. */
export type Examined = DoctorFinding & { readonly name: string };

type Findings = DoctorFinding | readonly DoctorFinding[];
type Check = (place: DoctorPlace) => Findings | Promise<Findings>;

/** In the order in which they are shown. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["loom", checkLoom],
  ["parts", checkParts],
  ["shell", checkShell],
  ["git", checkGit],
  ["repository", checkRepository],
  ["workflow", checkWorkflow],
  ["engine", checkEngine],
  ["workers", checkWorkers],
  ["cgroups", async () => checkCgroups()],
  ["disk", checkDisk],
  ["folder", checkFolders],
  ["terminal", checkTerminal],
  ["config", checkConfig],
];

/** How long one check may take. Milliseconds. */
const LIMIT_MS = 5000;

/** Makes all checks at a time. None depends on how another one ends. */
export async function examine(place: DoctorPlace): Promise<readonly Examined[]> {
  const first = await Promise.all(CHECKS.map(async ([name, check]) => carryOut(name, check, place)));
  // Opening a database of KeePass keeps the program busy for seconds, which others would take for a git that hangs.
  return [...first.flat(), ...(await carryOut("secret", checkSecrets, place))];
}

/** Makes one check. One that throws or does not end failed, like one that found something. */
async function carryOut(name: string, check: Check, place: DoctorPlace): Promise<readonly Examined[]> {
  const named = (finding: DoctorFinding): Examined => ({ name, ...finding });
  try {
    const findings = await inTime(async () => check(place));
    return [findings].flat().map(named);
  } catch (thrown) {
    const found = `This could not be checked: ${systemErrorReason(thrown)}`;
    return [named({ state: "failure", found, advice: "Look into that, then run loom doctor again" })];
  }
}

async function inTime(check: () => Promise<Findings>): Promise<Findings> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  return await Promise.race([check(), late]).finally(() => clearTimeout(timer));
}
