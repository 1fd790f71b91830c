import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { runAt } from "./run-at.ts";

function arrange(): { root: string; directory: string; receiptPath: string } {
  const root = temporaryDirectory();
  return { root, ...recordFailingRun(root, 1_767_000_000_000_000_001n) };
}

describe("runAt()", () => {
  test.each(["", "pipeline/manifest.json", "events.jsonl", "jobs/unit", "nothing/of/that/name"])(
    "runAt() finds the run from %j within it",
    async (path) => {
      const { directory } = arrange();
      expect(await runAt(join(directory, path))).toEqual({ ok: true, value: directory });
    },
  );

  test("runAt() goes by what a receipt says, whatever it is called and wherever it lies", async () => {
    const { directory, receiptPath } = arrange();
    const elsewhere = join(temporaryDirectory(), "copy.json");
    cpSync(receiptPath, elsewhere);
    expect(await runAt(receiptPath)).toEqual({ ok: true, value: directory });
    expect(await runAt(elsewhere)).toEqual({ ok: true, value: directory });
  });

  test("runAt() finds the run beside a receipt that was moved with it", async () => {
    const { root, directory, receiptPath } = arrange();
    const moved = join(temporaryDirectory(), "moved");
    renameSync(root, moved);
    expect(await runAt(receiptPath.replace(root, moved))).toEqual({
      ok: true,
      value: directory.replace(root, moved),
    });
  });

  test("runAt() tells what a receipt knows of evidence that is gone", async () => {
    const { directory, receiptPath } = arrange();
    rmSync(directory, { recursive: true });
    const { status, exit_code: code } = JSON.parse(readFileSync(receiptPath, "utf8")) as {
      status: string;
      exit_code: number;
    };
    const gone = await runAt(receiptPath);
    expect(gone).toMatchObject({ ok: false, error: { code: "ARTIFACTS_NOT_FOUND" } });
    if (!gone.ok) expect(gone.error.message).toContain(`it ended with ${status}, exit code ${code}`);
  });

  test("runAt() gives back what leads to no run", async () => {
    const folder = temporaryDirectory();
    const other = join(folder, "other.json");
    writeFileSync(other, "[1]");
    mkdirSync(join(folder, "x.json"));
    for (const path of [folder, other, join(folder, "x.json")])
      expect(await runAt(path)).toEqual({ ok: true, value: path });
    expect(await runAt(join(folder, "missing"))).toMatchObject({ ok: false });
  });
});
