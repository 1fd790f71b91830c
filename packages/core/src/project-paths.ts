import type { LoomEvent } from "./event.ts";

/** Where the jobs of a run worked. */
export interface Workplace {
  /** Absolute path of the project's folder: in the checkout, or in a snapshot of it. */
  readonly projectDir: string;
  /** Absolute path of the snapshot, which is that of the whole repository; absent for a run in the checkout. */
  readonly snapshotPath?: string;
}

/** The workplace that a record of the run's own stream announces; `undefined` when it announces none. */
export function workplaceOf(record: LoomEvent): Workplace | undefined {
  if (record.event !== "log") return undefined;
  const { workspace, snapshot_path: snapshotPath } = record;
  if (typeof workspace !== "string") return undefined;
  return { projectDir: workspace, ...(typeof snapshotPath === "string" && { snapshotPath }) };
}

/** What sets a colour ends in a letter, and is no part of a path all the same. */
const COLOR = String.raw`\u001B\[[\d;:]*m`;

/**
 * Makes what tools say of files independent of where they ran: absolute paths
 * into the project become relative to it, and those into the rest of the
 * snapshot, too. The one place that knows how.
 *
 * @returns A function of a text, such as a line of output or a path, that gives it back as it is where it names no such path.
 */
export function relativePaths({
  projectDir,
  snapshotPath = projectDir,
}: Workplace): (text: string) => string {
  const [project, snapshot] = [withoutSlash(projectDir), withoutSlash(snapshotPath)];
  // Longest first, where one lies in the other.
  const folders = [...new Set([project, snapshot])].filter((folder) => folder.startsWith("/"));
  if (folders.length === 0) return (text) => text;
  const pattern = new RegExp(
    String.raw`(?<=^|[^\w.~@+/-]|${COLOR})(?:file://)?(${folders.map(escape).join("|")})/+(?=[^\s/"'\x60():,;])`,
    "gu",
  );
  const up = new Map(folders.map((folder) => [folder, upwards(project, folder)]));
  return (text) => {
    if (!folders.some((folder) => text.includes(folder))) return text;
    return text.replace(pattern, (_path, folder: string) => up.get(folder) ?? "");
  };
}

/** `/` itself holds everything: nothing can be told from it. */
function withoutSlash(folder: string): string {
  return folder.replace(/\/+$/, "");
}

/** What leads from the project to the folder that it is or lies in. */
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
