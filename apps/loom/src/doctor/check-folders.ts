import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prepareReceiptsDirectory } from "@loom/artifacts";
import { errnoCode, systemErrorReason } from "@loom/system";
import { worksInPlace, type DoctorPlace } from "./doctor-place.ts";
import { existingFolder } from "./existing-folder.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** More than a file system keeps in the inode itself. */
const SAMPLE = Buffer.alloc(8192);

/** Whether Loom can write where evidence, caches and snapshots go. */
export async function checkFolders(place: DoctorPlace): Promise<readonly DoctorFinding[]> {
  const { cacheHome, location } = place;
  const advice = "Make that folder writable and leave it some space, or set XDG_CACHE_HOME to another one";
  const inPlace = await worksInPlace(place);
  const own = [
    { subject: "caches", refusedIs: "warning", path: join(cacheHome, "loom/cache"), advice },
    {
      subject: "snapshots",
      refusedIs: inPlace ? "warning" : "failure",
      path: join(cacheHome, "loom/workspaces"),
      advice: inPlace ? advice : `${advice}; or work in the folder itself with --in-place`,
    },
  ] as const;
  const findings = own.map(async ({ subject, refusedIs, path, advice: what }): Promise<DoctorFinding> => {
    const refused = await refusalAt(path);
    return refused === undefined
      ? { state: "ok", subject, found: `"${path}" can be written to` }
      : { state: refusedIs, subject, found: `Cannot write to "${path}": ${refused}`, advice: what };
  });
  // Without a workflow there are no runs, and a place for them would only be in the way.
  const evidence = location.ok ? [checkEvidence(location.value.repoRoot)] : [];
  return await Promise.all([...evidence, ...findings]);
}

async function checkEvidence(repoRoot: string): Promise<DoctorFinding> {
  const subject = "evidence";
  const advice = "Make that folder writable and leave it some space";
  const receipts = prepareReceiptsDirectory(repoRoot);
  if (!receipts.ok) return { state: "failure", subject, ...partsOf(receipts.error.message, advice) };
  const folder = join(receipts.value, "..");
  const refused = await refusalAt(folder);
  return refused === undefined
    ? { state: "ok", subject, found: `"${folder}" can be written to` }
    : { state: "failure", subject, found: `Cannot write to "${folder}": ${refused}`, advice };
}

/** Why nothing can be written to a folder, or made where it will be; tried with a file that is removed at once. */
async function refusalAt(path: string): Promise<string | undefined> {
  let made: string | undefined;
  try {
    const folder = existingFolder(path);
    if (!(await stat(folder)).isDirectory()) return `"${folder}" is not a folder`;
    made = await mkdtemp(join(folder, ".loom-doctor-"));
    await writeFile(join(made, "sample"), SAMPLE);
    return undefined;
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    return systemErrorReason(cause);
  } finally {
    if (made !== undefined) await rm(made, { recursive: true, force: true });
  }
}
