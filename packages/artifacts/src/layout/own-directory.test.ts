import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { createRunDirectory, prepareReceiptsDirectory } from "./create-run-directory.ts";
import { checkRunDirectory } from "./own-directory.ts";

/** A repository, and a folder beside it in which nothing may ever appear. */
function clone(): { root: string; elsewhere: string } {
  const folder = temporaryDirectory();
  const [root, elsewhere] = [join(folder, "clone"), join(folder, "elsewhere")];
  mkdirSync(root);
  mkdirSync(elsewhere);
  return { root, elsewhere };
}

function linkIn(root: string, path: string, to: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  symlinkSync(to, join(root, path));
}

describe("prepareReceiptsDirectory() and createRunDirectory()", () => {
  test.each([
    ".loom",
    ".loom/.runtime",
    ".loom/.runtime/logs",
    ".loom/.runtime/receipts",
    ".loom/.runtime/active",
  ])("refuse a link at %s that a clone brought along, and write nothing through it", (path) => {
    const { root, elsewhere } = clone();
    linkIn(root, path, elsewhere);
    for (const made of [prepareReceiptsDirectory(root), createRunDirectory(root, 1n)]) {
      const message = made.ok ? "made" : `${made.error.code} ${made.error.message}`;
      expect(message).toContain(
        `ARTIFACTS_REFUSED_PLACE Cannot keep evidence in "${join(root, path)}": it is a `,
      );
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("replace a link in the place of .gitignore instead of writing through it", () => {
    const { root, elsewhere } = clone();
    writeFileSync(join(elsewhere, "profile"), "precious");
    linkIn(root, ".loom/.runtime/.gitignore", join(elsewhere, "profile"));
    expect(prepareReceiptsDirectory(root).ok).toBe(true);
    expect(readFileSync(join(elsewhere, "profile"), "utf8")).toBe("precious");
    expect(readFileSync(join(root, ".loom/.runtime/.gitignore"), "utf8")).toBe("*\n");
  });

  test("allow .loom to be a link that stays in the repository", () => {
    const { root } = clone();
    mkdirSync(join(root, "config"));
    symlinkSync("config", join(root, ".loom"));
    expect(createRunDirectory(root, 1n).ok).toBe(true);
    expect(existsSync(join(root, "config/.runtime/logs/loom-run-local-1"))).toBe(true);
  });
});

describe("checkRunDirectory()", () => {
  test("finds a link anywhere in a run, and in what holds the runs", () => {
    const { root, elsewhere } = clone();
    const run = createRunDirectory(root, 1n);
    const directory = run.ok ? run.value.directory : "";
    expect(checkRunDirectory(directory)).toBeUndefined();
    mkdirSync(join(directory, "jobs"));
    symlinkSync(elsewhere, join(directory, "jobs/build"));
    expect(checkRunDirectory(directory)?.message).toBe(
      `Cannot keep evidence in "${join(directory, "jobs/build")}": it is a symbolic link. Remove it; Loom makes its own`,
    );
    const other = clone();
    mkdirSync(join(other.elsewhere, "logs/loom-run-local-2"), { recursive: true });
    linkIn(other.root, ".loom/.runtime", other.elsewhere);
    expect(checkRunDirectory(join(other.root, ".loom/.runtime/logs/loom-run-local-2"))?.code).toBe(
      "ARTIFACTS_REFUSED_PLACE",
    );
  });
});
