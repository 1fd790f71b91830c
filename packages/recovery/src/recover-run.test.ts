import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimRun } from "@loom/artifacts";
import { epochMs } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { describe, expect, onTestFinished, test } from "vitest";
import { recoverRun } from "./recover-run.ts";

const NOW = epochMs(1_900_000_000_000);

function emptyRun(): string {
  const root = mkdtempSync(join(tmpdir(), "loom-recovery-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const directory = join(root, ".loom/.runtime/logs/loom-run-local-1772865600000000000");
  mkdirSync(directory, { recursive: true });
  mkdirSync(join(root, ".loom/.runtime/receipts"));
  return directory;
}

describe("recoverRun()", () => {
  test("closes a run that was killed before its first record, and finds it closed then", async () => {
    const directory = emptyRun();
    const recovered = await recoverRun(directory, { nowMs: NOW });
    expect(recovered).toMatchObject({ ok: true, value: { kind: "recovered", verdict: "valid" } });
    const [start, note] = readFileSync(join(directory, "events.jsonl"), "utf8").split("\n");
    expect(start).toContain('"phase_start"');
    expect(note).toContain("The run was interrupted");
    const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
    expect(report.ok && report.value.violations).toEqual([]);
    expect(JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"))).toMatchObject({
      status: "failure",
      exit_code: 1,
      error: { code: "interrupted" },
    });
    expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject({
      ok: true,
      value: { kind: "closed" },
    });
  });

  test("keeps the beginning of a line that was cut off", async () => {
    const directory = emptyRun();
    writeFileSync(join(directory, "events.jsonl"), '{"seq":1,"ts":"2026-03-');
    expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject({
      ok: true,
      value: { verdict: "valid" },
    });
    expect(readFileSync(join(directory, "events.jsonl"), "utf8")).toContain(
      String.raw`"text":"{\"seq\":1,\"ts\":\"2026-03-"`,
    );
  });

  test("leaves a run alone that somebody still has", async () => {
    const directory = emptyRun();
    const claim = claimRun(directory);
    expect(claim.ok).toBe(true);
    expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject({
      ok: false,
      error: { code: "RUN_ALIVE" },
    });
  });

  test("says what is not a run, and what cannot be read", async () => {
    const directory = emptyRun();
    expect(await recoverRun(join(directory, "nowhere"), { nowMs: NOW })).toMatchObject({
      ok: false,
      error: { code: "ARTIFACTS_NOT_FOUND" },
    });
    const gone = join(directory, "../loom-run-local-5");
    expect(await recoverRun(gone, { nowMs: NOW })).toMatchObject({
      ok: false,
      error: { code: "ARTIFACTS_NOT_FOUND" },
    });
    writeFileSync(gone, "no receipt");
    expect(await recoverRun(gone, { nowMs: NOW })).toMatchObject({
      ok: false,
      error: { code: "ARTIFACTS_INVALID_DOCUMENT" },
    });
    writeFileSync(join(directory, "events.jsonl"), "no record\n");
    const damaged = await recoverRun(directory, { nowMs: NOW });
    expect(damaged).toMatchObject({ ok: false, error: { code: "ARTIFACTS_INVALID_DOCUMENT" } });
  });

  test("takes no directory for a run that is not named like one and names none", async () => {
    const directory = emptyRun();
    for (const name of ["notes", "x-loom-run-local-1", "loom-run-local-1x", "loom-run-local-"]) {
      const other = join(directory, "..", name);
      mkdirSync(other);
      const refused = { ok: false, error: { code: "ARTIFACTS_NOT_FOUND" } };
      expect(await recoverRun(other, { nowMs: NOW })).toMatchObject(refused);
      writeFileSync(
        join(other, "events.jsonl"),
        '{"seq":1,"ts":"2026-01-01T00:00:00.000Z","event":"log","level":"info","message":"x"}\n',
      );
      expect(await recoverRun(other, { nowMs: NOW })).toEqual({
        ok: false,
        error: {
          code: "ARTIFACTS_NOT_FOUND",
          message: `Cannot recover "${other}": it is not a run's directory`,
        },
      });
    }
  });
});
