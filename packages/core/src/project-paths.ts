import type { LoomEvent } from "./event.ts";

/** Where the jobs of a run worked. */
export interface Workplace {
  /** Absolute path of the project's folder: in the checkout, or in a snapshot of it. */
  readonly projectDir: string;
  /** Absolute path of the snapshot, which covers the whole repository; absent for a run in the checkout. */
  readonly snapshotPath?: string;
  /** Where jobs with their own workspace worked; absent if no job has one. */
  readonly own?: OwnWorkplaces;
}

/** Copies of the snapshot, each of one job, and named after it. */
export interface OwnWorkplaces {
  /** Absolute path of the folder that they are in. */
  readonly folder: string;
  /** Path of the project in each of them; empty for most. */
  readonly below: string;
}

/** The workplace that a record of the run's own stream announces, or `undefined`. */
export function workplaceOf(record: LoomEvent): Workplace | undefined {
  if (record.event !== "log") return undefined;
  const { workspace, snapshot_path: snapshotPath, own_workspaces: folder, own_project: below } = record;
  if (typeof workspace !== "string") return undefined;
  return {
    projectDir: workspace,
    ...(typeof snapshotPath === "string" && { snapshotPath }),
    ...(typeof folder === "string" && { own: { folder, below: typeof below === "string" ? below : "" } }),
  };
}

/** A colour sequence ends in a letter, but is not part of a path. */
const COLOR = String.raw`\u001B\[[\d;:]*m`;

/** The name of a job, as a part of a path. */
const JOB = "[a-z][a-z0-9_-]*";

/**
 * Makes what tools say of files independent of where they ran: absolute paths
 * into the project become relative to it, and those into the rest of the
 * snapshot, too; the same in the workspaces of single jobs. The one place that knows how.
 *
 * @returns A function of a text, such as a line of output or a path, that gives it back as it is where it names no such path.
 */
export function relativePaths({
  projectDir,
  snapshotPath = projectDir,
  own,
}: Workplace): (text: string) => string {
  const [project, snapshot] = [withoutSlash(projectDir), withoutSlash(snapshotPath)];
  // Longest first, as one may be inside the other.
  const folders = [...new Set([project, snapshot])].filter((folder) => folder.startsWith("/"));
  const copies = own === undefined ? [] : [...new Set([`/${own.below}`.replace(/\/$/, ""), ""])];
  if (folders.length + copies.length === 0) return (text) => text;
  const ownFolder = own === undefined ? "" : withoutSlash(own.folder);
  const places = [
    ...copies.map((below) => `${escape(ownFolder)}/${JOB}${escape(below)}`),
    ...folders.map(escape),
  ];
  const pattern = new RegExp(
    String.raw`(?<=^|[^\w.~@+/-]|${COLOR})(?:file://)?(${places.join("|")})/+(?=[^\s/"'\x60():,;])`,
    "gu",
  );
  const up = new Map(folders.map((folder) => [folder, upwards(project, folder)]));
  const leadsUp = (folder: string): string => {
    const known = up.get(folder);
    if (known !== undefined || own === undefined) return known ?? "";
    const job = folder.slice(ownFolder.length + 1).split("/")[0] ?? "";
    return upwards(withoutSlash(`${ownFolder}/${job}/${own.below}`), folder);
  };
  const known = own === undefined ? folders : [...folders, ownFolder];
  return (text) => {
    if (!known.some((folder) => text.includes(folder))) return text;
    return text.replace(pattern, (_path, folder: string) => leadsUp(folder));
  };
}

/** `/` contains everything, so it identifies nothing. */
function withoutSlash(folder: string): string {
  return folder.replace(/\/+$/, "");
}

/** The path from the project to the folder that it is, or is in. */
function upwards(project: string, folder: string): string {
  if (!`${project}/`.startsWith(`${folder}/`)) return `${folder}/`;
  const below = project
    .slice(folder.length)
    .split("/")
    .filter((part) => part !== "");
  return "../".repeat(below.length);
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
