import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { findLeftOut } from "./find-left-out.ts";

/** A checkout and a snapshot with these files. */
function places(
  checkout: readonly string[],
  snapshot: readonly string[] = ["package.json"],
): readonly [string, string] {
  const made = [checkout, snapshot].map((files) => {
    const folder = temporaryDirectory();
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
    return folder;
  });
  return [made[0] ?? "", made[1] ?? ""];
}

async function leftOut(
  line: string,
  checkout: readonly string[],
  snapshot?: readonly string[],
): Promise<string | undefined> {
  const [there, projectDir] = places(checkout, snapshot);
  return (await findLeftOut(["before", line, "after"], { projectDir, snapshotPath: projectDir }, there))
    ?.path;
}

describe("findLeftOut()", () => {
  test.each([
    ["sh: 1: vitest: not found", "node_modules/.bin/vitest"],
    ["bash: line 1: vitest: command not found", "node_modules/.bin/vitest"],
    ["zsh: command not found: vitest", "node_modules/.bin/vitest"],
    ["make: vitest: No such file or directory", "node_modules/.bin/vitest"],
    ["env: ‘pytest’: No such file or directory", ".venv/bin/pytest"],
    ["sh: 1: ./node_modules/.bin/vitest: not found", "node_modules/.bin/vitest"],
    ["sh: 1: target/release/app: not found", "target/release/app"],
    ["Error: Cannot find module 'zod'", "node_modules/zod"],
    [
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@scope/it' imported from a.js",
      "node_modules/@scope/it",
    ],
    ["src/a.ts(1,1): error TS2307: Cannot find module 'zod' or its type declarations.", "node_modules/zod"],
    ["Error: Cannot find module 'dist/main.js'", "dist/main.js"],
    ["ModuleNotFoundError: No module named 'requests'", ".venv"],
    ["require(vendor/autoload.php): Failed to open stream: No such file or directory", "vendor/autoload.php"],
  ])("finds what is missing by %j", async (line, path) => {
    const inside = path === ".venv" ? ".venv/pyvenv.cfg" : path;
    expect(await leftOut(line, [inside])).toBe(path);
  });

  test("names the folder, cache and --in-place in one sentence; of a guess it says so", async () => {
    const [checkout, projectDir] = places(["node_modules/.bin/vitest", "venv/pyvenv.cfg"]);
    const found = (line: string): ReturnType<typeof findLeftOut> =>
      findLeftOut([line], { projectDir, snapshotPath: projectDir }, checkout);
    expect((await found("sh: 1: vitest: not found"))?.message).toBe(
      'The checkout has "node_modules/.bin/vitest", but a snapshot leaves ignored folders out: have a job make "node_modules" and keep it with cache, or run with --in-place',
    );
    expect((await found("No module named x"))?.message).toContain('has "venv", which may provide it, but');
  });

  test.each<[string, string, readonly string[], readonly string[]]>([
    ["the checkout has it neither", "sh: 1: vitest: not found", ["node_modules/.bin/tsc"], ["a"]],
    [
      "the snapshot has the folder",
      "sh: 1: vitest: not found",
      ["node_modules/.bin/vitest"],
      ["node_modules/x"],
    ],
    ["nothing is missing", "vitest failed", ["node_modules/.bin/vitest"], ["a"]],
    ["it leads out of the project", "Cannot find module '../other/x'", ["a"], ["a"]],
  ])("says nothing where %s", async (_why, line, checkout, snapshot) => {
    expect(await leftOut(line, checkout, snapshot)).toBeUndefined();
  });

  test("says nothing of a run in the checkout, and of a snapshot that is gone", async () => {
    const [checkout] = places(["node_modules/.bin/vitest"]);
    const lines = ["sh: 1: vitest: not found"];
    expect(await findLeftOut(lines, { projectDir: checkout }, checkout)).toBeUndefined();
    const gone = join(checkout, "gone");
    expect(await findLeftOut(lines, { projectDir: gone, snapshotPath: gone }, checkout)).toBeUndefined();
  });
});
