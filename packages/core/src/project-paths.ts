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

/** What the folders of workers are in, below the folder for caches of some user. */
const WORKERS = "/loom/worker/";

/** Where a job works on a worker, below any folder. */
const WORKER = String.raw`(?:/[^\s/"'\x60():,;]+){1,12}${WORKERS}[\w-]+/jobs/[\w-]+/workspace`;

/**
 * Makes what tools say of files independent of where they ran: absolute paths
 * into the project become relative to it, and those into the rest of the
 * snapshot, too; the same in the workspaces of single jobs, here and on workers. The one place that knows how.
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
  const places = folders.map((folder) => ({ source: escape(folder), leadsTo: upwards(project, folder) }));
  const known = [...folders];
  if (own !== undefined) {
    const [folder, below] = [withoutSlash(own.folder), withoutSlash(`/${own.below}`)];
    const copy = `${escape(folder)}/${JOB}`;
    // The project comes before the rest of the copy that it is in.
    const inProject = { source: `${copy}${escape(below)}`, leadsTo: "" };
    const onWorker = { source: `${WORKER}${escape(below)}`, leadsTo: "" };
    const besideOnWorker = { source: WORKER, leadsTo: upwards(below, "") };
    places.unshift(inProject, { source: copy, leadsTo: upwards(below, "") }, onWorker, besideOnWorker);
    known.push(folder, WORKERS);
  }
  const anyPlace = places.map(({ source }) => `(${source})`).join("|");
  const pattern = new RegExp(
    String.raw`(?<=^|[^\w.~@+/-]|${COLOR})(?:file://)?(?:${anyPlace})/+(?=[^\s/"'\x60():,;])`,
    "gu",
  );
  return (text) => {
    // Stryker disable next-line ConditionalExpression: it saves time only; the pattern finds nothing there.
    if (!known.some((folder) => text.includes(folder))) return text;
    return text.replace(pattern, (path, ...groups: unknown[]) => {
      const place = places.find((_, index) => groups[index] !== undefined);
      // Stryker disable next-line OptionalChaining: the pattern has found one of them.
      return place?.leadsTo ?? path;
    });
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
