import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRunDirectory, prepareReceiptsDirectory } from "./create-run-directory.ts";
import { checkRunDirectory, checkRuntimeDirectory, judgeDirectory } from "./own-directory.ts";

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

describe("prepareReceiptsDirectory()", () => {
  test.each<[what: string, make: (root: string) => void, code: string, why: string]>([
    [
      "a dangling link in place of .loom",
      (root) => symlinkSync("nowhere", join(root, ".loom")),
      "ARTIFACTS_WRITE_FAILED",
      '.loom": no such file or directory (ENOENT)',
    ],
    [
      "a file in place of .loom",
      (root) => writeFileSync(join(root, ".loom"), ""),
      "ARTIFACTS_WRITE_FAILED",
      '.runtime": a part of the path is not a folder (ENOTDIR)',
    ],
    [
      "a folder in place of .gitignore",
      (root) => mkdirSync(join(root, ".loom/.runtime/.gitignore"), { recursive: true }),
      "ARTIFACTS_WRITE_FAILED",
      "(EISDIR)",
    ],
    [
      "a file in place of logs",
      (root) => {
        mkdirSync(join(root, ".loom/.runtime"), { recursive: true });
        writeFileSync(join(root, ".loom/.runtime/logs"), "");
      },
      "ARTIFACTS_REFUSED_PLACE",
      "it is not a directory",
    ],
  ])("says what is wrong with %s", (_what, make, code, why) => {
    const { root } = clone();
    make(root);
    const prepared = prepareReceiptsDirectory(root);
    expect(prepared).toMatchObject({ ok: false, error: { code } });
    expect(prepared.ok ? "" : prepared.error.message).toContain(why);
  });

  test("leaves a .gitignore alone that somebody has changed", () => {
    const { root } = clone();
    expect(prepareReceiptsDirectory(root).ok).toBe(true);
    const path = join(root, ".loom/.runtime/.gitignore");
    writeFileSync(path, "/logs/\n");
    expect(prepareReceiptsDirectory(root).ok).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("/logs/\n");
  });

  test("makes .loom for the user as any other directory", () => {
    const { root } = clone();
    expect(prepareReceiptsDirectory(root).ok).toBe(true);
    mkdirSync(join(root, "other"));
    expect(statSync(join(root, ".loom")).mode).toBe(statSync(join(root, "other")).mode);
  });

  test("says that the repository is not there", () => {
    const prepared = prepareReceiptsDirectory(join(clone().root, "gone"));
    expect(prepared.ok ? "" : prepared.error.message).toContain("(ENOENT)");
  });

  test.runIf(process.platform === "linux")("says why the system lets nobody make a folder there", () => {
    const prepared = prepareReceiptsDirectory("/sys");
    expect(prepared.ok ? "" : prepared.error.message).toMatch(
      /^Cannot write "\/sys\/\.loom": .*\((EPERM|EACCES|EROFS)\)$/,
    );
  });

  test("names the folder", () => {
    const { root } = clone();
    expect(prepareReceiptsDirectory(root)).toEqual({
      ok: true,
      value: join(root, ".loom/.runtime/receipts"),
    });
    expect(prepareReceiptsDirectory(root).ok, "again").toBe(true);
  });
});

describe("checkRunDirectory() of a copy", () => {
  test("judges the copy alone, and says that it is not there", () => {
    const { elsewhere } = clone();
    expect(checkRunDirectory(elsewhere)).toBeUndefined();
    expect(checkRunDirectory(join(elsewhere, "gone"))?.message).toContain("(ENOENT)");
    writeFileSync(join(elsewhere, "file"), "");
    expect(checkRunDirectory(join(elsewhere, "file"))?.message).toContain("it is not a directory");
  });
});

describe("checkRuntimeDirectory()", () => {
  test("has nothing to say of a repository without evidence, and makes none", () => {
    const { root } = clone();
    expect(checkRuntimeDirectory(root)).toBeUndefined();
    expect(existsSync(join(root, ".loom"))).toBe(false);
    mkdirSync(join(root, ".loom"));
    expect(checkRuntimeDirectory(root)).toBeUndefined();
  });

  test.each([".loom", ".loom/.runtime", ".loom/.runtime/logs", ".loom/.runtime/active"])(
    "finds a link at %s",
    (path) => {
      const { root, elsewhere } = clone();
      linkIn(root, path, elsewhere);
      expect(checkRuntimeDirectory(root)).toMatchObject({
        code: "ARTIFACTS_REFUSED_PLACE",
        message: expect.stringContaining(join(root, path)) as string,
      });
    },
  );
});

describe("judgeDirectory()", () => {
  test("takes what is not there for right, and says what cannot be looked at", () => {
    const { root } = clone();
    expect(judgeDirectory(join(root, "gone"))).toBeUndefined();
    expect(judgeDirectory(join(root, "x".repeat(300)))?.message).toContain("(ENAMETOOLONG)");
  });

  test("knows no other user where the system has none", () => {
    const { getuid } = process;
    onTestFinished(() => void Object.assign(process, { getuid }));
    delete process.getuid;
    expect(judgeDirectory(clone().root)).toBeUndefined();
  });

  test.runIf(process.getuid?.() === 0)("refuses a directory of another user (needs root)", () => {
    const { root } = clone();
    expect(judgeDirectory(root)).toBeUndefined();
    chownSync(root, 4242, 0);
    expect(judgeDirectory(root)).toEqual({
      code: "ARTIFACTS_REFUSED_PLACE",
      message: `Cannot keep evidence in "${root}": it belongs to another user (uid 4242, and you are 0). Remove it; Loom makes its own`,
    });
  });
});
