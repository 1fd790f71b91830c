import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRun } from "@loom/artifacts";
import { epochMs } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { recoverRun } from "@loom/recovery";
import { expect, onTestFinished, test } from "vitest";
import { writeImage } from "./crash/write-image.ts";
import { simulate } from "./simulate.ts";
import type { SimulatedRun } from "./simulated-run.ts";

/** How many crashed runs are closed; each is some hundred files on a real disk. */
const CRASHES = Number(process.env["LOOM_RECOVER_RUNS"] ?? 150);

const NOW = epochMs(1_900_000_000_000);

test(
  "recoverRun() closes every run whose process ended at some call to the disk",
  { timeout: 240_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), "loom-recover-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const found: unknown[] = [];
    let crashes = 0;
    for (let seed = 1; crashes < CRASHES; seed += 1) {
      const run = await simulate(seed);
      if (run.ending.kind !== "crashed" || run.disk.hasRefused) continue;
      crashes += 1;
      found.push(...(await complaintsOf(run, join(root, String(seed)))));
    }
    expect(found).toEqual([]);
  },
);

/** What is wrong with a run after it was recovered; nothing is good. */
async function complaintsOf(run: SimulatedRun, repo: string): Promise<readonly unknown[]> {
  const { runId } = run.identity;
  const directory = join(repo, ".loom/.runtime/logs", runId);
  mkdirSync(join(repo, ".loom/.runtime/receipts"), { recursive: true });
  writeImage(run.image, directory);
  const before = linesOf(directory);
  const recovered = await recoverRun(directory, { nowMs: NOW });
  const told = (what: unknown): readonly unknown[] => [{ seed: run.seed, what }];
  if (!recovered.ok) return told(recovered.error.message);
  if (recovered.value.kind === "closed") return [];
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) return told(report.error.message);
  if (report.value.status !== "valid") return told(report.value.violations.slice(0, 2));
  const opened = await openRun(directory);
  const summary = opened.ok ? await opened.value.runSummary() : opened;
  if (!summary.ok) return told(summary.error.message);
  const cutOff = readFileSync(join(directory, "events.jsonl"), "utf8").includes(
    '"stop":{"kind":"interrupted"}',
  );
  const { status, error } = summary.value;
  if (cutOff !== (status === "failure" && error?.code === "interrupted")) return told(summary.value);
  const after = new Set(linesOf(directory));
  const lost = before.filter((line) => !after.has(line));
  if (lost.length > 0) return told({ lost: lost.slice(0, 2) });
  const again = await recoverRun(directory, { nowMs: NOW });
  rmSync(repo, { recursive: true });
  return again.ok && again.value.kind === "closed" ? [] : told("a second recovery did not find it closed");
}

/** Every whole record in the streams of a run. */
function linesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("events.jsonl"))
    .flatMap((path) => {
      const text = readFileSync(join(directory, path), "utf8");
      return text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    });
}
