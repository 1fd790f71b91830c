import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { createRunDirectory, restoreRunDirectory, type RunDirectory } from "./create-run-directory.ts";

const run = promisify(execFile);

describe("createRunDirectory()", () => {
  test("createRunDirectory() names the run, keeps it private and out of version control", () => {
    const root = temporaryDirectory();
    const runtime = join(root, ".loom/.runtime");
    expect(createRunDirectory(root, 17n)).toStrictEqual({
      ok: true,
      value: {
        identity: { runId: "loom-run-local-17", pipelineId: "loom-local-17" },
        directory: join(runtime, "logs/loom-run-local-17"),
        receiptPath: join(runtime, "receipts/loom-run-local-17.json"),
      },
    });
    expect(readFileSync(join(runtime, ".gitignore"), "utf8")).toBe("*\n");
    const mode = (path: string): string => (statSync(join(runtime, path)).mode & 0o777).toString(8);
    expect(["", "logs", "receipts", "logs/loom-run-local-17", ".gitignore"].map(mode)).toStrictEqual([
      "700",
      "700",
      "700",
      "700",
      "600",
    ]);
  });

  test("createRunDirectory() gives runs that ask at the same moment each their own", async () => {
    const root = temporaryDirectory();
    const script = `
      import { createRunDirectory } from ${JSON.stringify(import.meta.resolve("./create-run-directory.ts"))};
      for (let k = 0; k < 20; k++) console.log(createRunDirectory(process.argv[1], 100n).value.identity.runId);
    `;
    const processes = [1, 2, 3].map(() =>
      run(process.execPath, ["--conditions=@loom/source", "--input-type=module", "-e", script, root]),
    );
    const names = (await Promise.all(processes)).flatMap(({ stdout }) => stdout.trim().split("\n"));
    const expected = Array.from({ length: 60 }, (_, index) => `loom-run-local-${100 + index}`);
    expect(names.sort()).toStrictEqual(expected.sort());
    expect(readdirSync(join(root, ".loom/.runtime/logs")).sort()).toStrictEqual(expected);
  });

  test("createRunDirectory() says which directory cannot be made, and why", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, ".loom"));
    writeFileSync(join(root, ".loom/.runtime"), "in the way");
    const created = createRunDirectory(root, 1n);
    expect(created.ok ? created : created.error.message.replace(root, "<root>")).toMatchInlineSnapshot(
      `"Cannot keep evidence in "<root>/.loom/.runtime": it is not a directory. Remove it; Loom makes its own"`,
    );
  });

  test("createRunDirectory() takes the next number when a run, or anything else, has this one", () => {
    const root = temporaryDirectory();
    expect(created(root, 7n).identity.runId).toBe("loom-run-local-7");
    writeFileSync(join(root, ".loom/.runtime/logs/loom-run-local-8"), "");
    expect(created(root, 7n).identity.runId).toBe("loom-run-local-9");
  });

  test("createRunDirectory() says why the directory of the run itself cannot be made", () => {
    const root = temporaryDirectory();
    const refused = createRunDirectory(root, 10n ** 300n);
    expect(refused).toMatchObject({ ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } });
    expect(refused.ok ? "" : refused.error.message).toContain("(ENAMETOOLONG)");
  });
});

describe("restoreRunDirectory()", () => {
  test("makes the directory again that was removed, with what lies above it", () => {
    const root = temporaryDirectory();
    const run = created(root, 7n);
    expect(restoreRunDirectory(root, run), "one that is there is fine").toBeUndefined();
    rmSync(join(root, ".loom"), { recursive: true });
    expect(restoreRunDirectory(root, run)).toBeUndefined();
    expect(existsSync(run.directory)).toBe(true);
    expect(readFileSync(join(root, ".loom/.runtime/.gitignore"), "utf8")).toBe("*\n");
  });

  test("says why it cannot be made", () => {
    const root = temporaryDirectory();
    const run = created(root, 7n);
    rmSync(join(root, ".loom"), { recursive: true });
    symlinkSync(temporaryDirectory(), join(root, ".loom"));
    expect(restoreRunDirectory(root, run)).toMatchObject({ code: "ARTIFACTS_REFUSED_PLACE" });
    const other = temporaryDirectory();
    const tooLong = { ...run, directory: join(other, ".loom/.runtime/logs", "x".repeat(300)) };
    expect(restoreRunDirectory(other, tooLong)).toMatchObject({
      code: "ARTIFACTS_WRITE_FAILED",
      message: expect.stringContaining("(ENAMETOOLONG)") as string,
    });
  });
});

function created(root: string, ns: bigint): RunDirectory {
  const result = createRunDirectory(root, ns);
  if (!result.ok) expect.fail(result.error.message);
  return result.value;
}
