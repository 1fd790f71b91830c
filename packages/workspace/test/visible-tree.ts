import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The type, executable bit and contents of each path (latin1, one character per byte). */
export type VisibleTree = Readonly<Record<string, string>>;

/**
 * What a snapshot of a checkout must contain, file by file: each path that git tracks, or would offer to add,
 * as it is now on disk.
 *
 * An independent oracle: shares no code with what it checks, and uses only `git ls-files`.
 */
export function expectedTree(top: string, env: Readonly<Record<string, string>>): VisibleTree {
  const tree: Record<string, string> = {};
  addRepository(tree, { top, prefix: "", env });
  return tree;
}

/** A folder's contents without `.git`. Folders are listed only if they are empty. */
export function actualTree(root: string): VisibleTree {
  const tree: Record<string, string> = {};
  addFolder(tree, root, "");
  return tree;
}

interface Place {
  readonly top: string;
  readonly prefix: string;
  readonly env: Readonly<Record<string, string>>;
}

function addRepository(tree: Record<string, string>, { top, prefix, env }: Place): void {
  const raw = Buffer.from(top).toString("latin1");
  const list = (...args: string[]): string[] => {
    const output = execFileSync("git", ["ls-files", "-z", ...args], { cwd: top, env, maxBuffer: 1e9 });
    return output.toString("latin1").split("\0").slice(0, -1);
  };
  const submodules = new Set(
    list("--stage").flatMap((line) =>
      line.startsWith("160000 ") ? [line.slice(line.indexOf("\t") + 1)] : [],
    ),
  );
  for (const listed of new Set(list("--cached", "--others", "--exclude-standard"))) {
    const path = listed.replace(/\/$/, "");
    if (/(^|\/)\.loom\/\.runtime(\/|$)/.test(path)) continue;
    const inside = submodules.has(path) || listed.endsWith("/");
    // What is behind a link is not part of the tree.
    const above = path.split("/").slice(0, -1);
    if (above.some((_, at) => describe(`${raw}/${above.slice(0, at + 1).join("/")}`) !== "folder")) continue;
    const entry = describe(`${raw}/${path}`);
    if (entry === undefined) continue;
    if (entry !== "folder") tree[prefix + path] = entry;
    else if (!inside) continue;
    else if (describe(`${raw}/${path}/.git`) === undefined) tree[prefix + path] = "empty folder";
    else
      addRepository(tree, {
        top: Buffer.from(`${raw}/${path}`, "latin1").toString("utf8"),
        prefix: `${prefix}${path}/`,
        env,
      });
  }
}

function addFolder(tree: Record<string, string>, root: string, below: string): void {
  const names = readdirSync(Buffer.from(`${root}/${below}`, "latin1"), { encoding: "buffer" });
  const shown = names.map((name) => name.toString("latin1")).filter((name) => name !== ".git");
  if (shown.length === 0 && below !== "" && !names.some((name) => name.toString("latin1") === ".git")) {
    tree[below.slice(0, -1)] = "empty folder";
  }
  for (const name of shown) {
    const entry = describe(`${root}/${below}${name}`);
    if (entry === "folder") addFolder(tree, root, `${below}${name}/`);
    else if (entry !== undefined) tree[below + name] = entry;
  }
}

function describe(latin1: string): string | undefined {
  const path = Buffer.from(latin1, "latin1");
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink())
    return `link to ${readlinkSync(path, { encoding: "buffer" }).toString("latin1")}`;
  if (stats.isDirectory()) return "folder";
  if (!stats.isFile()) return undefined;
  const contents = readFileSync(path);
  const shown =
    contents.length < 200
      ? JSON.stringify(contents.toString("latin1"))
      : createHash("sha256").update(contents).digest("hex");
  return `${(stats.mode & 0o100) === 0 ? "file" : "executable"} ${shown}`;
}
