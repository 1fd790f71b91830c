import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import ignore, { type Ignore } from "ignore";
import { errnoCode, isAbsent } from "@loom/system";
import { joinRaw, pathBytes, rawPathOf, showPath, type RawPath } from "../raw-path.ts";
import { specialFile, unreadableFile, type WorkspaceWarning } from "../workspace-warning.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { isRuntimePath } from "./runtime-path.ts";
import { TreeCopy } from "./tree-copy.ts";

/** What was copied. */
export interface FolderCopy {
  /** Equal for equal paths, contents, links and executable bits. */
  readonly treeHash: string;
  readonly warnings: readonly WorkspaceWarning[];
}

/** The ignore file of one folder. Its rules apply to paths below it. */
interface IgnoreFile {
  readonly folder: RawPath;
  readonly rules: Ignore;
}

/** Files of this size or more are hashed in chunks. */
const STREAMED_BYTES = 8 * 1024 * 1024;

/**
 * Copies a folder without regard to any git repository: everything, including empty folders, except
 * `.loom/.runtime`, its own `.git` and what its `.gitignore` files ignore.
 *
 * @param target - An existing, empty folder.
 * @param check - Called before each file; aborts the copy by throwing.
 */
export async function copyFolder(source: RawPath, target: RawPath, check: () => void): Promise<FolderCopy> {
  const tree = new TreeCopy(source, target);
  const facts: string[] = [];
  const warnings: WorkspaceWarning[] = [];
  const pending: { readonly folder: RawPath; readonly ignoreFiles: readonly IgnoreFile[] }[] = [
    { folder: "" as RawPath, ignoreFiles: [] },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder } = next;
    const entries = await list(joinRaw(source, folder));
    if (entries === undefined) {
      warnings.push(unreadableFile(folder));
      continue;
    }
    const own = entries.some(({ name }) => name.toString("latin1") === ".gitignore")
      ? await readIgnoreFile(source, folder)
      : [];
    const ignoreFiles = [...next.ignoreFiles, ...own];
    const files: RawPath[] = [];
    for (const entry of entries) {
      const path = joinRaw(folder, rawPathOf(entry.name));
      if (path === ".git" || isRuntimePath(path) || isIgnored(path, entry.isDirectory(), ignoreFiles))
        continue;
      if (!entry.isDirectory()) files.push(path);
      else {
        await tree.makeFolder(path);
        facts.push(`folder ${path}`);
        pending.push({ folder: path, ignoreFiles });
      }
    }
    await forEachLimited(files, async (path) => {
      check();
      try {
        const outcome = await tree.copy(path);
        if (outcome.kind === "special") warnings.push(specialFile(path));
        if (outcome.kind === "symlink") facts.push(`link ${path} ${outcome.aim.toString("latin1")}`);
        if (outcome.kind === "file") {
          const contents = await hashFile(pathBytes(joinRaw(target, path)), outcome.sizeBytes);
          facts.push(`file ${path} ${outcome.executable ? "x" : "-"} ${contents}`);
        }
      } catch (thrown) {
        if (!isReadRefusal(thrown, joinRaw(source, path))) throw thrown;
        warnings.push(unreadableFile(path));
      }
    });
  }
  return {
    treeHash: hash("sha256", Buffer.from(facts.toSorted().join("\0"), "latin1"), "hex"),
    warnings: warnings.toSorted((a, b) => ((a.path ?? "") < (b.path ?? "") ? -1 : 1)),
  };
}

async function list(folder: RawPath): Promise<Awaited<ReturnType<typeof readEntries>> | undefined> {
  try {
    return await readEntries(folder);
  } catch (thrown) {
    if (isAbsent(thrown)) return [];
    if (errnoCode(thrown) === "EACCES") return undefined;
    throw thrown;
  }
}

function readEntries(folder: RawPath) {
  return readdir(pathBytes(folder), { withFileTypes: true, encoding: "buffer" });
}

async function readIgnoreFile(source: RawPath, folder: RawPath): Promise<IgnoreFile[]> {
  try {
    const text = await readFile(pathBytes(joinRaw(joinRaw(source, folder), ".gitignore")), "utf8");
    return [{ folder, rules: ignore({ ignorecase: false }).add(text) }];
  } catch (thrown) {
    // As in git, a folder of this name or an unreadable file has no rules.
    if (["EISDIR", "EACCES", "ENOENT", "ELOOP"].includes(errnoCode(thrown) ?? "")) return [];
    throw thrown;
  }
}

/** The deepest ignore file with a matching rule decides. */
function isIgnored(path: RawPath, isFolder: boolean, ignoreFiles: readonly IgnoreFile[]): boolean {
  for (const { folder, rules } of ignoreFiles.toReversed()) {
    const below = showPath((folder === "" ? path : path.slice(folder.length + 1)) as RawPath);
    const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

async function hashFile(path: Buffer, sizeBytes: number): Promise<string> {
  if (sizeBytes < STREAMED_BYTES) return hash("sha256", await readFile(path), "hex");
  const hashing = createHash("sha256");
  await pipeline(createReadStream(path), hashing);
  return hashing.digest("hex");
}

function isReadRefusal(thrown: unknown, path: RawPath): boolean {
  if (errnoCode(thrown) !== "EACCES") return false;
  const at = (thrown as { readonly path?: string | Buffer }).path;
  return at !== undefined && Buffer.from(at as string).equals(pathBytes(path));
}
