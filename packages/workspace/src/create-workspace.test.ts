import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { expectSnapshot } from "../test/expect-snapshot.ts";
import { fingerprint } from "../test/fingerprint.ts";
import { actualTree, expectedTree } from "../test/visible-tree.ts";
import { createWorkspace } from "./create-workspace.ts";

/** Each state of a work tree that git can tell apart, and how a user gets there. */
const STATES: Readonly<Record<string, (checkout: Checkout) => void>> = {
  "nothing changed": () => {},
  "a changed file": (c) => c.write("a.txt", "changed\n"),
  "a file changed to the same size": (c) => c.write("a.txt", "z\n"),
  "a staged change": (c) => {
    c.write("a.txt", "staged\n");
    c.git("add", "a.txt");
  },
  "a staged change that was changed again": (c) => {
    c.write("a.txt", "staged\n");
    c.git("add", "a.txt");
    c.write("a.txt", "changed again\n");
  },
  "a staged change that was reverted on disk": (c) => {
    c.write("a.txt", "staged\n");
    c.git("add", "a.txt");
    c.write("a.txt", "a\n");
  },
  "a staged new file": (c) => {
    c.write("new/deep/file", "x");
    c.git("add", "new");
  },
  "a staged new file that is gone": (c) => {
    c.write("new", "x");
    c.git("add", "new");
    c.remove("new");
  },
  "a staged rename": (c) => void c.git("mv", "a.txt", "renamed.txt"),
  "a staged rename, then changed": (c) => {
    c.git("mv", "a.txt", "renamed.txt");
    c.write("renamed.txt", "and changed");
  },
  "a rename that is not staged": (c) => c.move("a.txt", "sub/renamed.txt"),
  "a rename by case only": (c) => void c.git("mv", "a.txt", "A.txt"),
  "a rename of a folder by case only": (c) => {
    c.move("src", "SRC");
  },
  "a deleted file": (c) => c.remove("a.txt"),
  "a deleted folder": (c) => c.remove("src"),
  "a staged deletion": (c) => void c.git("rm", "-q", "a.txt"),
  "a file that is no longer tracked": (c) => void c.git("rm", "-q", "--cached", "a.txt"),
  "a file that is no longer tracked, and ignored": (c) => {
    c.git("rm", "-q", "--cached", "a.txt");
    c.write(".gitignore", "a.txt\n");
  },
  "untracked files": (c) => {
    c.write("untracked.txt");
    c.write("un/tracked/deep.txt");
  },
  "ignored files": (c) => {
    c.write(".gitignore", "*.log\nnode_modules/\n/build\n!keep.log\n");
    c.write("x.log");
    c.write("keep.log");
    c.write("node_modules/m/index.js");
    c.write("src/.gitignore", "*.gen\n");
    c.write("src/x.gen");
    c.write(".git/info/exclude", "secret\n");
    c.write("secret");
  },
  "a tracked file that is ignored": (c) => {
    c.write("forced.log");
    c.write(".gitignore", "*.log\n");
    c.git("add", "-f", "forced.log");
    c.git("commit", "-qm", "forced");
    c.write("forced.log", "and changed");
  },
  "symbolic links, tracked and not": (c) => {
    for (const prefix of ["tracked", "untracked"]) {
      c.link(`${prefix}/file`, "../a.txt");
      c.link(`${prefix}/folder`, "../src");
      c.link(`${prefix}/outside`, "/etc");
      c.link(`${prefix}/dangling`, "nowhere/at all");
      if (prefix === "tracked") c.commit();
    }
  },
  "a symbolic link that points elsewhere now": (c) => {
    c.link("link", "a.txt");
    c.commit();
    c.link("link", "src");
  },
  "permission to execute, in a commit, in the index, on disk": (c) => {
    for (const name of ["committed.sh", "staged.sh", "disk.sh", "taken.sh"]) c.write(name);
    c.chmod("committed.sh", 0o755);
    c.chmod("taken.sh", 0o755);
    c.commit();
    c.chmod("staged.sh", 0o755);
    c.git("add", "-A");
    c.chmod("disk.sh", 0o755);
    c.chmod("taken.sh", 0o644);
    c.write("untracked.sh");
    c.chmod("untracked.sh", 0o755);
  },
  "unusual names": (c) => {
    const names = [
      "größe ✓.txt",
      "new\nline",
      "-rf",
      "--",
      " leading",
      "trailing ",
      'quo"te',
      "back\\slash",
      "tab\there",
      '"quoted"',
      ":(top)magic",
      "#hash",
      "*",
      "a b/ c /d",
    ];
    for (const name of names) c.write(`tracked/${name}`);
    for (const name of names.slice(2)) c.write(`${name} too`);
    c.commit();
    for (const name of names) c.write(`tracked/${name}`, `changed ${name}`);
    for (const name of names) c.write(`untracked/${name}`);
    c.write("-n");
  },
  "a name that is not UTF-8": (c) => {
    writeFileSync(Buffer.from(`${c.top}/caf\xe9-tracked`, "latin1"), "x");
    c.commit();
    writeFileSync(Buffer.from(`${c.top}/caf\xe9-tracked`, "latin1"), "changed");
    writeFileSync(Buffer.from(`${c.top}/caf\xe9-untracked`, "latin1"), "x");
  },
  "an intent to add": (c) => {
    c.write("intended", "contents");
    c.git("add", "-N", "intended");
  },
  "an intent to add a link, and one that is gone again": (c) => {
    c.link("links/intended", "../a.txt");
    c.link("gone", "a.txt");
    c.git("add", "-N", "links", "gone");
    c.remove("gone");
  },
  "a conflict": (c) => {
    c.git("checkout", "-qb", "other");
    c.write("a.txt", "theirs\n");
    c.write("removed-here", "x\n");
    c.commit();
    c.write("removed-here", "theirs\n");
    c.commit();
    c.git("checkout", "-q", "main");
    c.write("a.txt", "ours\n");
    c.commit();
    expect(() => c.git("merge", "other")).toThrow("Command failed");
  },
  "a conflict of a change with a deletion": (c) => {
    c.git("checkout", "-qb", "other");
    c.write("a.txt", "theirs\n");
    c.commit();
    c.git("checkout", "-q", "main");
    c.remove("a.txt");
    c.commit();
    expect(() => c.git("merge", "other")).toThrow("Command failed");
    c.remove("a.txt");
  },
  "a file that became a link": (c) => c.link("a.txt", "src/b.txt"),
  "a file that became a folder": (c) => {
    c.remove("a.txt");
    c.write("a.txt/inside");
  },
  "a file that became an empty folder": (c) => {
    c.remove("a.txt");
    mkdirSync(c.path("a.txt"));
  },
  "a folder that became a file": (c) => {
    c.remove("src");
    c.write("src", "now a file");
  },
  "a folder that became a link": (c) => {
    c.write("elsewhere/b.txt", "another b");
    c.remove("src");
    c.link("src", "elsewhere");
  },
  "a folder that became a link to itself": (c) => {
    c.remove("src");
    c.link("src", "src");
  },
  "a link that became a folder": (c) => {
    c.link("link", "src");
    c.commit();
    c.remove("link");
    c.write("link/b.txt", "in the folder");
  },
  "a link that became a file": (c) => {
    c.link("link", "src/b.txt");
    c.commit();
    c.remove("link");
    c.write("link", "now a file");
  },
  "a folder that is staged as a link": (c) => {
    c.remove("src");
    c.link("src", "..");
    c.git("add", "-A");
  },
  "empty folders": (c) => mkdirSync(c.path("empty/deep"), { recursive: true }),
  "a detached HEAD": (c) => {
    c.write("a.txt", "second\n");
    c.commit();
    c.git("checkout", "-q", "--detach", "HEAD~1");
    c.write("a.txt", "changed\n");
  },
  "evidence of runs": (c) => {
    c.write(".loom/workflow.yml", "version: v1\n");
    c.write(".loom/.runtime/.gitignore", "*\n");
    c.write(".loom/.runtime/logs/x/events.jsonl", "{}\n");
  },
  "a split index": (c) => {
    c.git("update-index", "--split-index");
    c.write("a.txt", "changed\n");
    c.write("staged", "x");
    c.git("add", "staged");
  },
  "line ends that git converts": (c) => {
    c.git("config", "core.autocrlf", "true");
    c.write(".gitattributes", "*.bin -text\n*.lf eol=lf\n");
    c.write("x.bin", "a\nb\r\n");
    c.write("crlf.txt", "a\r\nb\r\n");
    c.write("x.lf", "a\nb\n");
    c.commit();
    for (const path of [".gitattributes", "crlf.txt", "a.txt"]) c.remove(path);
    c.remove("src");
    c.git("checkout", "-q", "--", ".");
    c.write("untracked.txt", "a\r\n");
  },
};

describe("createWorkspace()", () => {
  test.each(Object.entries(STATES))(
    "createWorkspace() makes the same of %s, and names the tree that a commit of it has",
    async (name, change) => {
      const checkout = Checkout.committed();
      change(checkout);
      const { treeHash, warnings } = await expectSnapshot(checkout);
      expect(warnings).toStrictEqual([]);
      expect(treeHash).toBe(committedTree(checkout, name.includes("ignored")));
    },
  );

  test.each(Object.entries(STATES))(
    "createWorkspace() leaves a checkout alone, with %s",
    async (name, change) => {
      const checkout = Checkout.committed();
      change(checkout);
      // As after an edit: the file times in git's index are stale, and git would normally refresh them.
      execFileSync("find", [checkout.top, "-name", "*.txt", "-exec", "touch", "-h", "{}", "+"]);
      // Reading a split index updates the timestamp of its shared part.
      const seen = (): unknown => {
        const print = fingerprint(checkout.top);
        return name === "a split index" ? withoutTimes(print) : print;
      };
      const before = seen();
      await checkout.snapshot();
      expect(seen()).toStrictEqual(before);
    },
  );

  test("createWorkspace() reports commit, branch and files", async () => {
    const checkout = Checkout.committed();
    const headSha = checkout.commit("Größe\n\nand more");
    checkout.write("a.txt", "changed\n");
    checkout.git("mv", "src/b.txt", "src/c.txt");
    checkout.write("new.txt");
    const workspace = await checkout.snapshot();
    expect(workspace).toStrictEqual({
      root: workspace.root,
      projectFolder: workspace.root,
      sourceFolder: checkout.top,
      checkout: {
        headSha,
        branch: "main",
        commitMessage: "Größe\n\nand more",
        dirtyFiles: ["a.txt", "src/b.txt", "src/c.txt"],
        untrackedFiles: ["new.txt"],
      },
      treeHash: workspace.treeHash,
      warnings: [],
    });
    const group = dirname(workspace.root);
    expect(group).toMatch(/\/home\/\.cache\/loom\/workspaces\/project-[0-9a-f]{12}$/);
    expect((statSync(group).mode & 0o777).toString(8)).toBe("700");
  });

  test("createWorkspace() detaches HEAD, and keeps the branches, tags and remotes of the original", async () => {
    const upstream = Checkout.committed();
    upstream.git("tag", "-a", "v1.0", "-m", "one");
    upstream.git("branch", "side");
    const checkout = new Checkout();
    rmSync(checkout.top, { recursive: true });
    upstream.gitIn(dirname(checkout.top), "clone", "-q", upstream.top, checkout.top);
    checkout.commit("second");
    checkout.git("stash", "list");
    const { root } = await checkout.snapshot();
    const inside = (...args: string[]): string => checkout.gitIn(root, ...args);
    expect(() => inside("symbolic-ref", "-q", "HEAD")).toThrow("Command failed");
    for (const args of [
      ["rev-parse", "HEAD"],
      ["log", "--oneline"],
      ["describe", "--tags"],
      ["for-each-ref"],
      ["remote", "-v"],
      ["symbolic-ref", "refs/remotes/origin/HEAD"],
      ["merge-base", "HEAD", "origin/side"],
      ["show", "HEAD:a.txt"],
    ]) {
      expect([args, inside(...args)]).toStrictEqual([args, checkout.git(...args)]);
    }
    inside("fsck", "--strict");
    inside("commit", "-q", "--allow-empty", "-m", "in the workspace");
    expect(
      existsSync(join(root, ".git/objects/pack")) && readdirSync(join(root, ".git/objects/pack")),
    ).toStrictEqual([]);
  });

  test("createWorkspace() gives a job's commit the same names as the original would", async () => {
    const checkout = Checkout.committed();
    // git updates the timestamp of an object that it would store but finds in the original.
    const contents = (): string[] => withoutTimes(fingerprint(checkout.top));
    const before = contents();
    const { root } = await checkout.snapshot();
    writeFileSync(join(root, "a.txt"), "of a job\n");
    checkout.gitIn(root, "commit", "-qam", "of a job");
    checkout.gitIn(root, "branch", "of-a-job");
    checkout.gitIn(root, "gc", "-q", "--prune=now");
    expect(contents()).toStrictEqual(before);
  });

  test("createWorkspace() snapshots the whole repository, and names the project in it", async () => {
    const checkout = Checkout.committed({ "shared/x": "x", "apps/one/.loom/workflow.yml": "version: v1\n" });
    checkout.write("shared/x", "changed");
    checkout.write("apps/one/new");
    const workspace = await checkout.snapshot({ projectFolder: checkout.path("apps/one") });
    expect(workspace.projectFolder).toBe(join(workspace.root, "apps/one"));
    expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
    expect(dirname(workspace.root)).toBe(dirname((await checkout.snapshot()).root));
  });

  test("createWorkspace() treats a project that its repository ignores as a folder", async () => {
    const checkout = Checkout.committed({ ".gitignore": "/work/\n" });
    checkout.write("work/project/.loom/workflow.yml", "version: v1\n");
    const { root, warnings } = await checkout.snapshot({ projectFolder: checkout.path("work/project") });
    expect(Object.keys(actualTree(root))).toStrictEqual([".loom/workflow.yml"]);
    expect(warnings.map(({ code }) => code)).toStrictEqual(["WORKSPACE_NO_REPOSITORY"]);
  });

  test("createWorkspace() leaves out evidence that was committed by mistake", async () => {
    const checkout = Checkout.committed({
      ".loom/.runtime/logs/x": "old",
      keep: "x",
      "sub/.loom/.runtime/y": "old",
    });
    checkout.write(".loom/.runtime/logs/x", "changed");
    checkout.write(".loom/.runtime/logs/new");
    const { root, checkout: facts } = await checkout.snapshot();
    expect(Object.keys(actualTree(root))).toStrictEqual(["keep"]);
    expect(facts?.dirtyFiles).toStrictEqual([]);
  });

  test("createWorkspace() works before the first commit", async () => {
    const checkout = new Checkout().init();
    checkout.write("staged");
    checkout.git("add", "staged");
    checkout.write("untracked");
    checkout.write(".gitignore", "ignored\n");
    checkout.write("ignored");
    const { checkout: facts, root } = await expectSnapshot(checkout);
    expect(facts).toStrictEqual({
      branch: "main",
      dirtyFiles: ["staged"],
      untrackedFiles: [".gitignore", "untracked"],
    });
    expect(checkout.gitIn(root, "symbolic-ref", "HEAD")).toBe("refs/heads/main\n");
  });

  test("createWorkspace() works in a repository with nothing in it", async () => {
    const { checkout } = await expectSnapshot(new Checkout().init());
    expect(checkout).toStrictEqual({ branch: "main", dirtyFiles: [], untrackedFiles: [] });
  });

  test("createWorkspace() works with SHA-256 names", async () => {
    const checkout = new Checkout().init("--object-format=sha256");
    checkout.write("a");
    checkout.commit();
    const clean = await expectSnapshot(checkout);
    expect(clean.treeHash).toBe(checkout.git("rev-parse", "HEAD^{tree}").trim());
    checkout.write("a", "changed");
    checkout.link("link", "a");
    const { treeHash } = await expectSnapshot(checkout);
    checkout.commit();
    expect((await expectSnapshot(checkout)).treeHash).toBe(treeHash);
  });

  test("createWorkspace() works in a linked work tree", async () => {
    const main = Checkout.committed();
    main.git("config", "extensions.worktreeConfig", "true");
    const checkout = new Checkout(dirname(main.top), "linked");
    rmSync(checkout.top, { recursive: true });
    main.git("worktree", "add", "-q", "-b", "linked", checkout.top);
    checkout.write("a.txt", "changed in the linked one\n");
    checkout.write("untracked");
    const before = [fingerprint(main.top), fingerprint(checkout.top)];
    const { checkout: facts, root } = await expectSnapshot(checkout);
    expect(facts?.branch).toBe("linked");
    expect(checkout.gitIn(root, "config", "core.bare")).toBe("false\n");
    expect([fingerprint(main.top), fingerprint(checkout.top)].map(withoutIndex)).toStrictEqual(
      before.map(withoutIndex),
    );
  });

  test.each([["--cone"], ["--no-cone"], ["--cone", "--sparse-index"]])(
    "createWorkspace() keeps a sparse checkout sparse (%s %s)",
    async (...flags) => {
      const checkout = Checkout.committed({ "in/a": "a", "out/b": "b", "out/deep/c": "c", top: "t" });
      checkout.git("sparse-checkout", "set", ...flags, "in");
      checkout.write("in/a", "changed");
      // Outside the sparse set, but present.
      checkout.write("out/deep/c", "changed");
      checkout.write("in/new");
      const workspace = await checkout.snapshot();
      expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
      expect(checkout.status(workspace.root)).toStrictEqual(checkout.status());
      expect(existsSync(join(workspace.root, "out/b"))).toBe(false);
    },
  );

  test("createWorkspace() knows an intent to add a link in a sparse checkout", async () => {
    const checkout = Checkout.committed({ "in/a": "a", "out/b": "b" });
    checkout.git("sparse-checkout", "set", "--cone", "in");
    checkout.link("in/intended", "a");
    checkout.git("add", "-N", "in/intended");
    const workspace = await checkout.snapshot();
    expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
    expect(checkout.status(workspace.root)).toStrictEqual(checkout.status());
  });

  test("createWorkspace() works in a shallow clone", async () => {
    const upstream = Checkout.committed();
    upstream.commit("second");
    upstream.commit("third");
    const checkout = new Checkout();
    rmSync(checkout.top, { recursive: true });
    upstream.gitIn(dirname(checkout.top), "clone", "-q", "--depth=2", `file://${upstream.top}`, checkout.top);
    checkout.write("a.txt", "changed");
    const { root } = await expectSnapshot(checkout);
    expect(checkout.gitIn(root, "log", "--format=%s")).toBe("third\nsecond\n");
    expect(checkout.gitIn(root, "rev-parse", "--is-shallow-repository")).toBe("true\n");
  });

  test.each(["--assume-unchanged", "--skip-worktree"])(
    "createWorkspace() has the committed file where git is told to look away (%s)",
    async (flag) => {
      const checkout = Checkout.committed();
      checkout.git("update-index", flag, "a.txt");
      checkout.write("a.txt", "local settings\n");
      const { root, treeHash } = await checkout.snapshot();
      expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("a\n");
      expect(treeHash).toBe(checkout.git("rev-parse", "HEAD^{tree}").trim());
      expect(checkout.status(root)).toStrictEqual(checkout.status());
    },
  );
});

describe("createWorkspace() and repositories inside", () => {
  function withSubmodule(): { checkout: Checkout; library: Checkout } {
    const library = Checkout.committed({ "lib.txt": "lib\n", ".gitignore": "*.o\n" });
    const checkout = Checkout.committed();
    checkout.git("submodule", "add", "-q", library.top, "vendor/lib");
    checkout.commit();
    return { checkout, library };
  }

  test("createWorkspace() checks out an initialised submodule", async () => {
    const { checkout } = withSubmodule();
    const before = fingerprint(checkout.top);
    const workspace = await checkout.snapshot();
    expect(fingerprint(checkout.top)).toStrictEqual(before);
    await expectSnapshot(checkout);
    expect(workspace.treeHash).toBe(checkout.git("rev-parse", "HEAD^{tree}").trim());
    const inside = (...args: string[]): string => checkout.gitIn(join(workspace.root, "vendor/lib"), ...args);
    expect(inside("rev-parse", "--show-toplevel").trim()).toBe(join(workspace.root, "vendor/lib"));
    expect(inside("log", "--format=%s")).toBe("All files\n");
    expect(checkout.gitIn(workspace.root, "submodule", "status")).toMatch(/^ [0-9a-f]{40} vendor\/lib/);
  });

  test("createWorkspace() leaves an uninitialised submodule empty", async () => {
    const { checkout } = withSubmodule();
    const full = await checkout.snapshot();
    checkout.git("submodule", "-q", "deinit", "-f", "vendor/lib");
    const { root, treeHash, warnings } = await expectSnapshot(checkout);
    expect(readdirSync(join(root, "vendor/lib"))).toStrictEqual([]);
    expect(warnings).toStrictEqual([]);
    expect(treeHash).not.toBe(full.treeHash);
  });

  test("createWorkspace() includes changes inside a submodule", async () => {
    const { checkout } = withSubmodule();
    const clean = await checkout.snapshot();
    checkout.write("vendor/lib/lib.txt", "changed\n");
    checkout.write("vendor/lib/new.txt");
    checkout.write("vendor/lib/x.o");
    const { checkout: facts, treeHash } = await expectSnapshot(checkout);
    expect(facts).toMatchObject({
      dirtyFiles: ["vendor/lib/lib.txt"],
      untrackedFiles: ["vendor/lib/new.txt"],
    });
    expect(treeHash).not.toBe(clean.treeHash);
    expect((await checkout.snapshot()).treeHash).toBe(treeHash);
    checkout.write("vendor/lib/new.txt", "other contents");
    expect((await checkout.snapshot()).treeHash).not.toBe(treeHash);
  });

  test("createWorkspace() checks out a submodule at its current commit", async () => {
    const { checkout } = withSubmodule();
    checkout.gitIn(checkout.path("vendor/lib"), "commit", "-q", "--allow-empty", "-m", "newer");
    checkout.write("vendor/lib/lib.txt", "newer\n");
    checkout.gitIn(checkout.path("vendor/lib"), "commit", "-qam", "newer");
    const { checkout: facts, treeHash } = await expectSnapshot(checkout);
    expect(facts?.dirtyFiles).toStrictEqual(["vendor/lib"]);
    checkout.commit();
    const committed = await expectSnapshot(checkout);
    expect(committed.treeHash).toBe(treeHash);
  });

  test.each<[string, (c: Checkout) => void]>([
    ["removed", (c) => c.remove("vendor/lib")],
    [
      "replaced by a file",
      (c) => {
        c.remove("vendor/lib");
        c.write("vendor/lib", "a file");
      },
    ],
    [
      "replaced by a link",
      (c) => {
        c.remove("vendor/lib");
        c.link("vendor/lib", "../src");
      },
    ],
    [
      "moved behind a link",
      (c) => {
        c.move("vendor", "elsewhere");
        c.link("vendor", "elsewhere");
      },
    ],
    ["removed in the index too", (c) => void c.git("rm", "-qf", "vendor/lib")],
    ["only staged", (c) => void c.git("reset", "-q", "--soft", "HEAD~1")],
  ])("createWorkspace() copes with a submodule that was %s", async (_name, change) => {
    const { checkout } = withSubmodule();
    change(checkout);
    const workspace = await checkout.snapshot();
    expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
  });

  test("createWorkspace() checks out submodules of submodules", async () => {
    const { checkout: middle } = withSubmodule();
    const checkout = Checkout.committed();
    checkout.git("submodule", "add", "-q", middle.top, "middle");
    checkout.git("submodule", "update", "-q", "--init", "--recursive");
    checkout.commit();
    checkout.write("middle/vendor/lib/lib.txt", "changed deep\n");
    const { checkout: facts } = await expectSnapshot(checkout);
    expect(facts?.dirtyFiles).toStrictEqual(["middle/vendor/lib/lib.txt"]);
  });

  test("createWorkspace() treats an untracked repository as a repository, without what it ignores", async () => {
    const checkout = Checkout.committed();
    for (const [name, committed] of [
      ["tool", true],
      ["größe/unborn", false],
    ] as const) {
      checkout.gitIn(checkout.top, "init", "-q", name);
      checkout.write(`${name}/.gitignore`, "*.o\n");
      checkout.write(`${name}/x.c`);
      checkout.write(`${name}/x.o`);
      if (committed) {
        checkout.gitIn(checkout.path(name), "add", "-A");
        checkout.gitIn(checkout.path(name), "commit", "-qm", "tool");
        checkout.write(`${name}/x.c`, "changed");
      }
    }
    const { root } = await expectSnapshot(checkout);
    expect(existsSync(join(root, "tool/x.o"))).toBe(false);
    expect(checkout.gitIn(join(root, "tool"), "log", "--format=%s")).toBe("tool\n");
  });

  test("createWorkspace() warns that a broken submodule is left empty", async () => {
    const { checkout } = withSubmodule();
    checkout.write("vendor/lib/.git", "gitdir: ../../.git/modules/nowhere\n");
    const made = await createWorkspace(checkout.options());
    // git itself fails on such a checkout.
    expect(made.ok ? made.value.warnings.map(({ code }) => code) : made.error.code).toStrictEqual([
      "WORKSPACE_REPOSITORY_SKIPPED",
    ]);
  });
});

describe("createWorkspace() and user configuration", () => {
  test("createWorkspace() is unaffected by configuration that changes git's output", async () => {
    const checkout = Checkout.committed();
    const settings = {
      "status.showUntrackedFiles": "no",
      "status.renames": "copies",
      "status.relativePaths": "false",
      "status.branch": "true",
      "status.showStash": "true",
      "status.submoduleSummary": "true",
      "core.quotePath": "true",
      "color.ui": "always",
      "color.status": "always",
      "log.showSignature": "true",
      "log.decorate": "full",
      "diff.ignoreSubmodules": "all",
      "core.untrackedCache": "true",
      "submodule.recurse": "true",
      "checkout.workers": "1",
    };
    for (const [key, value] of Object.entries(settings)) checkout.git("config", "--global", key, value);
    checkout.git("mv", "a.txt", "ä.txt");
    checkout.write("untracked ö.txt");
    const { checkout: facts } = await checkout.snapshot().then(async (workspace) => {
      expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
      return workspace;
    });
    expect(facts).toMatchObject({ dirtyFiles: ["a.txt", "ä.txt"], untrackedFiles: ["untracked ö.txt"] });
  });

  test("createWorkspace() runs no hook, no fsmonitor and no filter", async () => {
    const checkout = Checkout.committed({ "a.txt": "a\n", "x.bin": "pointer\n" });
    const ran = join(checkout.home, "ran");
    const command = join(checkout.home, "command");
    writeFileSync(command, `#!/bin/sh\necho "$0 $*" >> ${ran}\nexec cat\n`, { mode: 0o755 });
    for (const hook of [
      "post-checkout",
      "post-index-change",
      "fsmonitor-watchman",
      "reference-transaction",
      "pre-auto-gc",
    ]) {
      checkout.write(`.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> ${ran}\n`);
      checkout.chmod(`.git/hooks/${hook}`, 0o755);
    }
    mkdirSync(join(checkout.home, "hooks"));
    symlinkSync(command, join(checkout.home, "hooks/post-index-change"));
    checkout.write(".gitattributes", "*.bin filter=spy diff=spy merge=spy\n");
    checkout.commit();
    const settings = {
      "core.fsmonitor": command,
      "core.hooksPath": join(checkout.home, "hooks"),
      "filter.spy.smudge": command,
      "filter.spy.clean": command,
      "filter.spy.required": "true",
      "diff.spy.command": command,
      "diff.spy.textconv": command,
      "core.sshCommand": command,
      "core.alternateRefsCommand": command,
    };
    for (const [key, value] of Object.entries(settings)) {
      checkout.git("config", key, value);
      checkout.git("config", "--global", key, value);
    }
    checkout.write("x.bin", "the real contents\n");
    rmSync(ran, { force: true });
    const { root } = await checkout.snapshot();
    expect(existsSync(ran) ? readFileSync(ran, "utf8") : "").toBe("");
    expect(readFileSync(join(root, "x.bin"), "utf8")).toBe("the real contents\n");
  });

  test("createWorkspace() copies filtered contents from the checkout, and a pointer where there is a pointer", async () => {
    const checkout = Checkout.committed();
    checkout.git("config", "--global", "filter.store.clean", "sed s/real/pointer/");
    checkout.git("config", "--global", "filter.store.smudge", "sed s/pointer/real/");
    checkout.git("config", "--global", "filter.store.required", "true");
    checkout.write(".gitattributes", "*.bin filter=store\n");
    checkout.write("a.bin", "real contents of a\n");
    checkout.write("b.bin", "real contents of b\n");
    // Older than the index, so that git knows without the filter that they are unchanged.
    for (const name of ["a.bin", "b.bin"]) utimesSync(checkout.path(name), 1_700_000_000, 1_700_000_000);
    checkout.commit();
    expect(checkout.git("show", "HEAD:a.bin")).toBe("pointer contents of a\n");
    const { root, checkout: facts } = await expectSnapshot(checkout);
    expect(facts?.dirtyFiles).toStrictEqual([]);
    expect(readFileSync(join(root, "a.bin"), "utf8")).toBe("real contents of a\n");

    checkout.git("config", "--global", "--remove-section", "filter.store");
    for (const name of ["a.bin", "b.bin"]) checkout.remove(name);
    checkout.git("checkout", "-q", "--", ".");
    const pointers = await expectSnapshot(checkout);
    expect(readFileSync(join(pointers.root, "a.bin"), "utf8")).toBe("pointer contents of a\n");
  });

  test("createWorkspace() works the same when a git hook or alias calls it", async () => {
    const checkout = Checkout.committed();
    const other = Checkout.committed({ other: "other" });
    checkout.write("a.txt", "changed");
    const env = {
      ...checkout.env,
      GIT_DIR: other.path(".git"),
      GIT_WORK_TREE: other.top,
      GIT_INDEX_FILE: other.path(".git/index"),
      GIT_OBJECT_DIRECTORY: other.path(".git/objects"),
      GIT_COMMON_DIR: other.path(".git"),
      GIT_PREFIX: "src/",
      GIT_LITERAL_PATHSPECS: "1",
      GIT_CONFIG_PARAMETERS: "'core.bare'='true'",
      GIT_NAMESPACE: "x",
      GIT_TRACE: "1",
    };
    const { root } = await checkout.snapshot({ env });
    expect(actualTree(root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
  });

  test("createWorkspace() keeps configuration that contents and jobs depend on", async () => {
    const checkout = Checkout.committed();
    const kept = {
      "user.name": 'Some "One" \\ ; # x',
      "remote.Ori gin.url": "https://example.com/x.git",
      'branch.a"b.remote': "origin",
      "some.multi": "line one\nline\ttwo ",
    };
    for (const [key, value] of Object.entries(kept)) checkout.git("config", key, value);
    checkout.git("config", "remote.near.url", "../near.git");
    checkout.git("config", "core.hooksPath", "/nowhere");
    checkout.git("config", "core.worktree", checkout.top);
    checkout.git("config", "core.fsmonitor", "true");
    const { root } = await checkout.snapshot();
    const inside = (key: string): string => checkout.gitIn(root, "config", "--get", key).replace(/\n$/, "");
    for (const [key, value] of Object.entries(kept)) expect(inside(key)).toBe(value);
    expect(inside("remote.near.url")).toBe(`${checkout.top}/../near.git`);
    expect(inside("core.fsmonitor")).toBe("false");
    expect(() => inside("core.hooksPath")).toThrow("Command failed");
    expect(checkout.gitIn(root, "rev-parse", "--show-toplevel").trim()).toBe(root);
  });
});

describe("createWorkspace() and files that are not copied", () => {
  test("createWorkspace() leaves out FIFOs and sockets, and warns", async () => {
    const checkout = Checkout.committed({ "a.txt": "a", "src/b": "b", ".gitignore": "*.ignored\n" });
    execFileSync("mkfifo", [checkout.path("fifo"), checkout.path("src/fifo"), checkout.path("x.ignored")]);
    checkout.remove("a.txt");
    execFileSync("mkfifo", [checkout.path("a.txt")]);
    const server = createServer().listen(checkout.path("socket"));
    await once(server, "listening");
    const { root, warnings } = await checkout.snapshot();
    server.close();
    expect(Object.keys(actualTree(root))).toStrictEqual([".gitignore", "src/b"]);
    expect(warnings).toStrictEqual(
      ["a.txt", "fifo", "socket", "src/fifo"].map((path) => ({
        code: "WORKSPACE_SPECIAL_FILE",
        message: `"${path}" is not in the workspace: devices, sockets and FIFOs are not copied`,
        path,
      })),
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    "createWorkspace() leaves out an untracked file that may not be read, and says so",
    async () => {
      const checkout = Checkout.committed();
      checkout.write("closed");
      checkout.chmod("closed", 0);
      const { root, warnings } = await checkout.snapshot();
      expect(existsSync(join(root, "closed"))).toBe(false);
      expect(warnings.map(({ code, path }) => [code, path])).toStrictEqual([
        ["WORKSPACE_UNREADABLE", "closed"],
      ]);
    },
  );

  test("createWorkspace() does not look for them behind a link", async () => {
    const outside = temporaryDirectory();
    execFileSync("mkfifo", [join(outside, "fifo")]);
    const checkout = Checkout.committed();
    checkout.remove("src");
    checkout.link("src", outside);
    expect((await expectSnapshot(checkout)).warnings).toStrictEqual([]);
  });

  test("createWorkspace() removes nothing through a link", async () => {
    const outside = temporaryDirectory();
    writeFileSync(join(outside, "b.txt"), "precious");
    const checkout = Checkout.committed();
    checkout.remove("src");
    checkout.link("src", outside);
    checkout.git("add", "-A");
    await expectSnapshot(checkout);
    expect(readFileSync(join(outside, "b.txt"), "utf8")).toBe("precious");
  });

  test("createWorkspace() writes nothing through a link that git is told to ignore", async () => {
    const outside = temporaryDirectory();
    const checkout = Checkout.committed();
    checkout.link("link", outside);
    checkout.commit();
    checkout.git("update-index", "--assume-unchanged", "link");
    checkout.remove("link");
    checkout.write("link/inside");
    const { root } = await checkout.snapshot();
    expect(readdirSync(outside)).toStrictEqual([]);
    expect(readFileSync(join(root, "link/inside"), "utf8")).toBe("link/inside\n");
  });
});

/** The tree that git makes when adding everything to a separate index. */
function committedTree(checkout: Checkout, someIgnored: boolean): string {
  const env = { ...checkout.env, GIT_INDEX_FILE: join(checkout.home, "index") };
  const run = (...args: string[]): string =>
    execFileSync("git", args, { cwd: checkout.top, env }).toString().trim();
  run("read-tree", "--empty");
  run("add", "-A");
  // Ignored files that are tracked stay tracked.
  const tracked = someIgnored ? checkout.git("ls-files", "-z").split("\0") : [];
  const present = tracked.filter((path) => path !== "" && existsSync(checkout.path(path)));
  if (present.length > 0) run("add", "-f", "--", ...present);
  return run("write-tree");
}

/** Ignores the index, which the oracle's own `git status` may refresh; other tests show that a snapshot does not. */
function withoutIndex(print: Record<string, string>): string[] {
  return Object.entries(print)
    .filter(([path]) => !/^\.git($|\/index$|\/worktrees\/linked)/.test(path))
    .map((entry) => entry.join(" "));
}

function withoutTimes(print: Record<string, string>): string[] {
  return Object.entries(print).map(([path, facts]) => [path, ...facts.split(" ").toSpliced(3, 2)].join(" "));
}
