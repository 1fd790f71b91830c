import { unreachable } from "@loom/core";
import { pathBytes, type RawPath } from "../raw-path.ts";
import type { SnapshotGit } from "./git.ts";
import { hashObject, hashTree } from "./hash-tree.ts";
import { LINK_MODE, type IndexEntry } from "./parse-index-entries.ts";

/** A path whose contents are not those of the index. */
export type TreeChange =
  | { readonly kind: "removed"; readonly path: RawPath }
  | { readonly kind: "file"; readonly path: RawPath; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly path: RawPath; readonly aim: Buffer }
  | { readonly kind: "repository"; readonly path: RawPath; readonly headSha: string };

/** What to hash. */
export interface ContentsRequest {
  readonly git: SnapshotGit;
  /** The snapshot's folder. */
  readonly target: string;
  readonly objectFormat: string;
  readonly index: ReadonlyMap<RawPath, IndexEntry>;
  readonly changes: readonly TreeChange[];
  readonly config: readonly (readonly [key: string, value: string])[];
}

/**
 * The name of the git tree that a commit of everything in a snapshot would have.
 *
 * So equal contents have the same name, committed or not. Nothing is stored.
 */
export async function hashContents(request: ContentsRequest): Promise<string> {
  const { changes, objectFormat } = request;
  const shas = await hashFiles(request);
  const entries = new Map(request.index);
  // A file may have become a folder, or the reverse, so removals come first.
  for (const { path } of changes) entries.delete(path);
  for (const change of changes) {
    const entry = entryOf(change, shas, objectFormat);
    if (entry !== undefined) entries.set(change.path, entry);
  }
  return hashTree(entries, objectFormat);
}

function entryOf(
  change: TreeChange,
  shas: ReadonlyMap<RawPath, string>,
  objectFormat: string,
): IndexEntry | undefined {
  switch (change.kind) {
    case "removed":
      return undefined;
    case "file":
      return { mode: change.executable ? "100755" : "100644", sha: shas.get(change.path) ?? "" };
    case "symlink":
      return { mode: LINK_MODE, sha: hashObject("blob", change.aim, objectFormat) };
    case "repository":
      return { mode: "160000", sha: change.headSha };
    default:
      return unreachable(change);
  }
}

/** The object names of the changed files, with line endings converted as for a commit. */
async function hashFiles({ git, target, changes, config }: ContentsRequest): Promise<Map<RawPath, string>> {
  const paths = changes.filter(({ kind }) => kind === "file").map(({ path }) => path);
  if (paths.length === 0) return new Map();
  const input = pathBytes(`${paths.map(quotePath).join("\n")}\n` as RawPath);
  const output = await git.run({ cwd: target, args: ["hash-object", "--stdin-paths"], input, config });
  const shas = output.toString("latin1").split("\n");
  return new Map(paths.map((path, at) => [path, shas[at] ?? ""]));
}

/** One path per line; a path that has a line break, or looks quoted, is quoted as in C. */
function quotePath(path: RawPath): string {
  if (!/^"|[\n\r]/.test(path)) return path;
  const escaped = path.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}
