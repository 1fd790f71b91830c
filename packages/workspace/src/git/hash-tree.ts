import { createHash } from "node:crypto";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { unreachable } from "@loom/core";
import { systemCode } from "../fault-of.ts";
import { pathBytes, type RawPath } from "../raw-path.ts";
import type { Git } from "./git.ts";

/** A path whose contents are not those of the index. */
export type TreeChange =
  | { readonly kind: "removed"; readonly path: RawPath }
  | { readonly kind: "file"; readonly path: RawPath; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly path: RawPath; readonly aim: Buffer }
  | { readonly kind: "repository"; readonly path: RawPath; readonly headSha: string };

/** What is hashed. */
export interface TreeHashRequest {
  readonly git: Git;
  /** Folder of the snapshot. */
  readonly target: string;
  readonly objectFormat: string;
  readonly changes: readonly TreeChange[];
  readonly config: readonly (readonly [key: string, value: string])[];
}

/**
 * The name of the git tree that a commit of everything in a snapshot would have.
 *
 * So the same contents have the same name, committed or not. The contents of
 * files are hashed, not stored; the index of the snapshot stays as it is.
 */
export async function hashTree(request: TreeHashRequest): Promise<string> {
  const { git, target, config } = request;
  const index = join(target, ".git/loom-tree-index");
  const env = { GIT_INDEX_FILE: index };
  const [shas] = await Promise.all([hashFiles(request), copyIndex(join(target, ".git/index"), index)]);
  const input = Buffer.concat(request.changes.flatMap((change) => indexLines(change, shas, request.objectFormat)));
  await git.run({ cwd: target, args: ["update-index", "-z", "--index-info"], input, env, config });
  const tree = await git.run({ cwd: target, args: ["write-tree", "--missing-ok"], env, config });
  await rm(index, { force: true });
  return tree.toString("latin1").trim();
}

/** The blob names of the changed files, converted (line ends) as git would to commit them. */
async function hashFiles({ git, target, changes, config }: TreeHashRequest): Promise<Map<RawPath, string>> {
  const paths = changes.filter(({ kind }) => kind === "file").map(({ path }) => path);
  if (paths.length === 0) return new Map();
  const input = pathBytes(`${paths.map(quotePath).join("\n")}\n` as RawPath);
  const output = await git.run({ cwd: target, args: ["hash-object", "--stdin-paths"], input, config });
  const shas = output.toString("latin1").split("\n");
  return new Map(paths.map((path, at) => [path, shas[at] ?? ""]));
}

/** A line is a path; one that has a line break, or looks quoted, is quoted as in C. */
function quotePath(path: RawPath): string {
  if (!/^"|[\n\r]/.test(path)) return path;
  const escaped = path.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

function indexLines(change: TreeChange, shas: ReadonlyMap<RawPath, string>, objectFormat: string): Buffer[] {
  const none = "0".repeat(objectFormat === "sha256" ? 64 : 40);
  // Whatever stages a conflict has go first.
  const removed = indexLine("0", none, change.path);
  switch (change.kind) {
    case "removed":
      return [removed];
    case "file":
      return [removed, indexLine(change.executable ? "100755" : "100644", shas.get(change.path) ?? none, change.path)];
    case "symlink":
      return [removed, indexLine("120000", blobName(change.aim, objectFormat), change.path)];
    case "repository":
      return [removed, indexLine("160000", change.headSha, change.path)];
    default:
      return unreachable(change);
  }
}

function indexLine(mode: string, sha: string, path: RawPath): Buffer {
  return pathBytes(`${mode} ${sha}\t${path}\0` as RawPath);
}

function blobName(contents: Buffer, objectFormat: string): string {
  const hash = createHash(objectFormat === "sha256" ? "sha256" : "sha1");
  return hash.update(`blob ${contents.length}\0`).update(contents).digest("hex");
}

async function copyIndex(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
  }
}
