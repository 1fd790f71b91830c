import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { fingerprint } from "../test/fingerprint.ts";
import { actualTree, type VisibleTree } from "../test/visible-tree.ts";
import { createWorkspace, type WorkspaceOptions } from "./create-workspace.ts";
import { readStaged } from "./staged/read-staged.ts";
import type { Workspace } from "./workspace.ts";

/** What a commit of an index would contain, as git exports the tree; shares no code with a snapshot. */
function committedTree(checkout: Checkout, indexFile?: string): VisibleTree {
  const target = join(temporaryDirectory(), "expected");
  const env = { ...checkout.env, ...(indexFile !== undefined && { GIT_INDEX_FILE: indexFile }) };
  const git = (...args: string[]): Buffer => execFileSync("git", args, { cwd: checkout.top, env });
  const tree = git("write-tree").toString("utf8").trim();
  mkdirSync(target);
  execFileSync("tar", ["-x", "-C", target], { input: git("archive", "--format=tar", tree) });
  return actualTree(target);
}

/** Makes a staged workspace, compares it with git, and checks that the checkout is unchanged. */
async function expectStaged(checkout: Checkout): Promise<Workspace> {
  const expected = committedTree(checkout);
  const tree = checkout.git("write-tree").trim();
  const before = fingerprint(checkout.top);
  const workspace = await checkout.snapshot({ staged: {} });
  expect(fingerprint(checkout.top)).toStrictEqual(before);
  expect(actualTree(workspace.root)).toStrictEqual(expected);
  expect(workspace.treeHash).toBe(tree);
  expect(checkout.gitIn(workspace.root, "diff", "--name-only")).toBe("");
  expect(checkout.gitIn(workspace.root, "ls-files", "--others")).toBe("");
  expect(checkout.gitIn(workspace.root, "write-tree").trim()).toBe(tree);
  return workspace;
}

const STATES: Readonly<Record<string, (checkout: Checkout) => void>> = {
  "nothing staged": () => {},
  "changes and new files that are not staged": (c) => {
    c.write("a.txt", "changed\n");
    c.write("new/untracked.txt");
    c.remove("src");
  },
  "a staged new file": (c) => {
    c.write("new/deep/file", "x");
    c.git("add", "new");
    c.write("new/deep/other");
  },
  "a staged new file that is gone on disk": (c) => {
    c.write("new", "x");
    c.git("add", "new");
    c.remove("new");
  },
  "a staged change that was changed again": (c) => {
    c.write("a.txt", "staged\n");
    c.git("add", "a.txt");
    c.write("a.txt", "changed again\n");
  },
  "a staged deletion": (c) => void c.git("rm", "-q", "a.txt"),
  "a staged deletion of what is still on disk": (c) => void c.git("rm", "-q", "--cached", "a.txt"),
  "a deletion that is not staged": (c) => c.remove("a.txt"),
  "a staged rename": (c) => {
    c.git("mv", "a.txt", "renamed.txt");
    c.write("renamed.txt", "and changed\n");
  },
  "a rename that is not staged": (c) => c.move("a.txt", "renamed.txt"),
  "permission to execute, staged and not": (c) => {
    c.chmod("a.txt", 0o755);
    c.git("add", "a.txt");
    c.chmod("src/b.txt", 0o755);
  },
  "permission to execute that was taken on disk": (c) => {
    c.git("update-index", "--chmod=+x", "a.txt");
  },
  "an intent to add, an empty file, and an empty file that is staged": (c) => {
    c.write("empty", "");
    c.commit();
    c.write("intended/file", "not yet\n");
    c.git("add", "-N", "intended");
    c.write("staged-empty", "");
    c.git("add", "staged-empty");
  },
  "an intent to add a link": (c) => {
    c.link("links/intended", "../a.txt");
    c.git("add", "-N", "links");
  },
  "an intent to add what is gone again": (c) => {
    c.write("intended", "not yet\n");
    c.git("add", "-N", "intended");
    c.remove("intended");
  },
  "a staged symbolic link in place of a file": (c) => {
    c.link("a.txt", "src/b.txt");
    c.git("add", "a.txt");
    c.link("a.txt", "elsewhere");
  },
  "a staged folder in place of a file": (c) => {
    c.remove("a.txt");
    c.write("a.txt/inner");
    c.git("add", "-A");
  },
  "a tracked file that is ignored": (c) => {
    c.write(".gitignore", "*.log\n");
    c.write("forced.log");
    c.git("add", "-f", "forced.log", ".gitignore");
    c.write("other.log");
  },
  "unusual names": (c) => {
    for (const name of ["größe ✓", "new\nline", "-rf", ":(top)magic", "*"]) c.write(name, "");
    c.git("add", "-A");
    c.git("add", "-N", "--", ".");
  },
};

describe("createWorkspace() of what is staged", () => {
  test.each(Object.entries(STATES))("createWorkspace() snapshots the index: %s", async (_state, change) => {
    const checkout = Checkout.committed();
    change(checkout);
    await expectStaged(checkout);
  });

  test("createWorkspace() snapshots the index before the first commit", async () => {
    const checkout = new Checkout().init();
    checkout.write("a.txt");
    checkout.write("b.txt");
    checkout.git("add", "a.txt");
    const { checkout: facts } = await expectStaged(checkout);
    expect(facts).toStrictEqual({ branch: "main", dirtyFiles: ["a.txt"], untrackedFiles: [] });
  });

  test("createWorkspace() reports what is staged, not what is changed", async () => {
    const checkout = Checkout.committed();
    checkout.write("a.txt", "staged\n");
    checkout.git("add", "a.txt");
    checkout.write("src/b.txt", "changed\n");
    checkout.write("untracked");
    const { checkout: facts, warnings } = await expectStaged(checkout);
    expect(facts).toMatchObject({ dirtyFiles: ["a.txt"], untrackedFiles: [] });
    expect(warnings).toStrictEqual([]);
  });

  test("createWorkspace() checks out a submodule at its staged commit", async () => {
    const library = Checkout.committed({ "lib.txt": "one\n" });
    const checkout = Checkout.committed();
    checkout.git("submodule", "--quiet", "add", library.top, "lib");
    checkout.git("commit", "-qm", "With a library");
    checkout.write("lib/lib.txt", "two\n");
    checkout.gitIn(checkout.path("lib"), "commit", "-qam", "Two");
    checkout.git("add", "lib");
    checkout.write("lib/lib.txt", "three\n");
    checkout.gitIn(checkout.path("lib"), "commit", "-qam", "Three");
    checkout.write("lib/untracked.txt");
    const before = fingerprint(checkout.top);
    const { root, warnings } = await checkout.snapshot({ staged: {} });
    expect(fingerprint(checkout.top)).toStrictEqual(before);
    expect(warnings).toStrictEqual([]);
    expect(readFileSync(join(root, "lib/lib.txt"), "utf8")).toBe("two\n");
    expect(checkout.status(join(root, "lib"))).toStrictEqual([""]);
    expect(checkout.gitIn(root, "diff", "--name-only")).toBe("");
  });

  test("createWorkspace() leaves a submodule empty if it lacks its staged commit", async () => {
    const library = Checkout.committed({ "lib.txt": "one\n" });
    const checkout = Checkout.committed();
    checkout.git("submodule", "--quiet", "add", library.top, "lib");
    checkout.git("update-index", "--cacheinfo", `160000,${"1".repeat(40)},lib`);
    const { root, warnings } = await checkout.snapshot({ staged: {} });
    expect(warnings.map(({ code, path }) => [code, path])).toStrictEqual([
      ["WORKSPACE_REPOSITORY_SKIPPED", "lib"],
    ]);
    expect(actualTree(root)["lib"]).toBe("empty folder");
  });

  test("createWorkspace() has filtered contents only where they are staged", async () => {
    const checkout = Checkout.committed();
    checkout.git("config", "filter.upper.clean", "tr a-z A-Z");
    checkout.git("config", "filter.upper.smudge", "tr A-Z a-z");
    checkout.write(".gitattributes", "*.up filter=upper\n");
    checkout.write("same.up", "same\n");
    checkout.write("other.up", "staged\n");
    checkout.commit();
    checkout.write("other.up", "changed since\n");
    const { root, warnings } = await checkout.snapshot({ staged: {} });
    expect(readFileSync(join(root, "other.up"), "utf8")).toBe("STAGED\n");
    expect(warnings.map(({ code, path }) => [code, path])).toContainEqual([
      "WORKSPACE_UNFILTERED",
      "other.up",
    ]);
  });

  test.each([
    ["git commit", ["commit", "-qm", "x"], { "a.txt": "staged\n", "src/b.txt": "b\n" }],
    ["git commit -a", ["commit", "-qam", "x"], { "a.txt": "changed again\n", "src/b.txt": "changed\n" }],
    ["git commit FILE", ["commit", "-qm", "x", "src/b.txt"], { "a.txt": "a\n", "src/b.txt": "changed\n" }],
  ])("createWorkspace() takes the index that %s gives to its hook", async (_command, args, contents) => {
    for (const where of ["checkout", "linked work tree"]) {
      const checkout = Checkout.committed();
      const top = where === "checkout" ? checkout.top : join(checkout.home, "linked");
      if (where !== "checkout") checkout.git("worktree", "add", "-q", top);
      writeFileSync(join(top, "a.txt"), "staged\n");
      checkout.gitIn(top, "add", "a.txt");
      writeFileSync(join(top, "a.txt"), "changed again\n");
      writeFileSync(join(top, "src/b.txt"), "changed\n");
      const options = await inHook(checkout, top, args);
      const made = await createWorkspace(options.given);
      options.go();
      if (!made.ok) expect.fail(made.error.message);
      const { root } = made.value;
      const tree = Object.fromEntries(
        Object.keys(contents).map((path) => [path, readFileSync(join(root, path), "utf8")]),
      );
      expect(tree).toStrictEqual(contents);
      await options.ended;
      expect(checkout.gitIn(top, "rev-parse", "HEAD^{tree}").trim()).toBe(made.value.treeHash);
    }
  });

  test("createWorkspace() ignores the index of another repository, and a missing one", async () => {
    const checkout = Checkout.committed();
    const other = Checkout.committed({ "other.txt": "other\n" });
    const expected = committedTree(checkout);
    for (const indexFile of [other.path(".git/index"), ".git/next-index-1.lock", ""]) {
      const { root } = await checkout.snapshot({ staged: { indexFile } });
      expect(actualTree(root)).toStrictEqual(expected);
    }
    const elsewhere = join(temporaryDirectory(), "index");
    writeFileSync(elsewhere, readFileSync(checkout.path(".git/index")));
    execFileSync("git", ["rm", "-q", "--cached", "a.txt"], {
      cwd: checkout.top,
      env: { ...checkout.env, GIT_INDEX_FILE: elsewhere },
    });
    const { root } = await checkout.snapshot({ staged: { indexFile: elsewhere } });
    expect(Object.keys(actualTree(root))).toStrictEqual(["src/b.txt"]);
  });

  test("createWorkspace() refuses a conflict, and a folder outside any repository", async () => {
    const checkout = Checkout.committed();
    checkout.git("checkout", "-qb", "side");
    checkout.write("a.txt", "side\n");
    checkout.commit();
    checkout.git("checkout", "-q", "main");
    checkout.write("a.txt", "main\n");
    checkout.commit();
    expect(() => checkout.git("merge", "-q", "side")).toThrow(/CONFLICT|Command failed/u);
    expect(await createWorkspace(checkout.options({ staged: {} }))).toMatchObject({
      ok: false,
      error: { code: "WORKSPACE_CONFLICT", path: "a.txt" },
    });
    const plain = new Checkout();
    expect(await createWorkspace(plain.options({ staged: {} }))).toMatchObject({
      ok: false,
      error: { code: "WORKSPACE_NOTHING_STAGED" },
    });
  });
});

/** A real `git commit` that waits in its hook until it is released. */
async function inHook(checkout: Checkout, top: string, args: readonly string[]) {
  const hook = checkout.path(".git/hooks/pre-commit");
  mkdirSync(checkout.path(".git/hooks"), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\nprintf "%s\\n" "$GIT_INDEX_FILE"\ncat >/dev/null <&3\n');
  chmodSync(hook, 0o755);
  const child = spawn("git", args, {
    cwd: top,
    env: checkout.env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ended = once(child, "close").then(([code]: unknown[]) => expect(code).toBe(0));
  // A hook's output appears on git's stderr.
  const [said] = (await once(child.stderr as NodeJS.ReadableStream, "data")) as [Buffer];
  const given: WorkspaceOptions = checkout.options({
    projectFolder: top,
    staged: { indexFile: said.toString("utf8").trim() },
  });
  const gate = child.stdio[3] as NodeJS.WritableStream;
  return { given, go: () => gate.end(), ended };
}

describe("readStaged()", () => {
  test("readStaged() reads what is staged, not what is on disk, below the project", async () => {
    const checkout = Checkout.committed({ "p/.loom/workflow.yml": "old\n", "p/a.txt": "a\n" });
    checkout.write("p/.loom/workflow.yml", "staged\n");
    checkout.link("p/.loom/templates/link.yml", "../workflow.yml");
    checkout.git("add", ".");
    checkout.write("p/.loom/workflow.yml", "on disk\n");
    checkout.write("p/.loom/templates/new.yml", "not staged\n");
    const before = fingerprint(checkout.top);
    const read = await readStaged({
      projectFolder: checkout.path("p"),
      env: checkout.env,
      paths: [".loom/workflow.yml", ".loom/templates"],
    });
    expect(fingerprint(checkout.top)).toStrictEqual(before);
    expect(read.ok && [...read.value].map(([path, bytes]) => [path, bytes?.toString()])).toStrictEqual([
      [".loom/templates/link.yml", undefined],
      [".loom/workflow.yml", "staged\n"],
    ]);
  });

  test("readStaged() reports that nothing is staged outside a repository", async () => {
    const projectFolder = temporaryDirectory();
    const read = await readStaged({ projectFolder, env: process.env, paths: ["a"] });
    expect(read).toMatchObject({ ok: false, error: { code: "WORKSPACE_NOTHING_STAGED" } });
  });
});
