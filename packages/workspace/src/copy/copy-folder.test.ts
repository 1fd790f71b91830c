import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Checkout } from "../../test/checkout.ts";
import { actualTree, expectedTree } from "../../test/visible-tree.ts";

/** Ignore files of a folder, to compare with git. */
const RULES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "names and folders": { ".gitignore": "*.log\nnode_modules/\n# comment\n\\#not\n" },
  exceptions: { ".gitignore": "*.log\n!keep.log\nsub/*\n!sub/keep\n" },
  anchors: { ".gitignore": "/top.txt\nsub/only.txt\n**/deep\na/**/z\n" },
  "ignore files below": { ".gitignore": "*.txt\n", "sub/.gitignore": "!x.txt\n*.log\n/only\n" },
  "what an ignored folder has to say": { ".gitignore": "node_modules/\n", "node_modules/.gitignore": "!*\n" },
};

describe("createWorkspace() without a repository", () => {
  test.each(Object.entries(RULES))("createWorkspace() ignores as git does: %s", async (_name, rules) => {
    const checkout = new Checkout();
    for (const folder of ["", "sub/", "node_modules/m/", "a/b/c/", "a/"]) {
      for (const name of [
        "x.log",
        "keep.log",
        "top.txt",
        "x.txt",
        "only.txt",
        "only",
        "keep",
        "deep",
        "z",
        "#not",
      ]) {
        checkout.write(`${folder}${name}`);
      }
    }
    for (const [path, text] of Object.entries(rules)) checkout.write(path, text);
    const { root } = await checkout.snapshot();
    checkout.init();
    expect(actualTree(root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
  });

  test("createWorkspace() copies a folder without its evidence, and warns", async () => {
    const checkout = new Checkout();
    checkout.write(".loom/workflow.yml");
    checkout.write(".loom/.runtime/logs/x");
    checkout.write("node_modules/m/index.js");
    checkout.write("ö/new\nline");
    checkout.write("run.sh");
    checkout.chmod("run.sh", 0o755);
    checkout.link("link", "ö");
    checkout.link("dangling", "/nowhere");
    execFileSync("mkfifo", [checkout.path("fifo")]);
    execFileSync("mkdir", [checkout.path("empty")]);
    const {
      root,
      warnings,
      checkout: facts,
      treeHash,
      ...rest
    } = await checkout.snapshot({ env: { PATH: "/nowhere" } });
    expect(actualTree(root)).toMatchInlineSnapshot(`
      {
        ".loom/workflow.yml": "file ".loom/workflow.yml\\n"",
        "dangling": "link to /nowhere",
        "empty": "empty folder",
        "link": "link to Ã¶",
        "node_modules/m/index.js": "file "node_modules/m/index.js\\n"",
        "run.sh": "executable "run.sh\\n"",
        "Ã¶/new
      line": "file "Ã¶/new\\nline\\n"",
      }
    `);
    expect(facts).toBeUndefined();
    expect(rest).toStrictEqual({ projectFolder: root, sourceFolder: checkout.top });
    expect(warnings.map(({ message }) => message.replace(checkout.top, "<folder>"))).toMatchInlineSnapshot(`
      [
        ""<folder>" is not in a git repository: the workspace is a copy of the folder, without what its .gitignore files ignore",
        ""fifo" is not in the workspace: devices, sockets and FIFOs are not copied",
      ]
    `);
    expect((await checkout.snapshot()).treeHash).toBe(treeHash);
    checkout.chmod("run.sh", 0o644);
    expect((await checkout.snapshot()).treeHash).not.toBe(treeHash);
  });

  test("createWorkspace() treats a .git that is not a repository as a folder", async () => {
    const checkout = new Checkout();
    checkout.write("a");
    execFileSync("mkdir", [checkout.path(".git")]);
    const { root, warnings } = await checkout.snapshot();
    expect(readFileSync(join(root, "a"), "utf8")).toBe("a\n");
    expect(warnings.map(({ code }) => code)).toStrictEqual(["WORKSPACE_NO_REPOSITORY"]);
  });

  test("createWorkspace() copies large files whole", async () => {
    const checkout = new Checkout();
    const large = Buffer.alloc(9 * 1024 * 1024, "x");
    checkout.write("large", large);
    const { root, treeHash } = await checkout.snapshot();
    expect(readFileSync(join(root, "large")).equals(large)).toBe(true);
    checkout.write("large", Buffer.concat([large.subarray(1), Buffer.from("y")]));
    expect((await checkout.snapshot()).treeHash).not.toBe(treeHash);
    expect(readdirSync(checkout.top)).toStrictEqual(["large"]);
  });
});
