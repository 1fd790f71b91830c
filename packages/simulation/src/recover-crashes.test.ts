import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRun } from "@loom/artifacts";
import { epochMs } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { recoverRun } from "@loom/recovery";
import { expect, onTestFinished, test } from "vitest";
import { endOwner, killAtCall, refuseAtCall } from "./crash/kill-at-call.ts";
import { writeImage } from "./crash/write-image.ts";
import { simulate } from "./simulate.ts";
import type { SimulatedRun } from "./simulated-run.ts";

/** How many crashed runs are closed; each is some hundred files on a real disk. */
const CRASHES = Number(process.env["LOOM_RECOVER_RUNS"] ?? 90);

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

/** How many of them are closed by a recovery that is itself killed, at every call to the disk that it makes. */
const KILLED = Number(process.env["LOOM_KILLED_RECOVERIES"] ?? 3);

test("recoverRun() is taken up by the next one wherever it is killed", { timeout: 240_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "loom-killed-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const found: unknown[] = [];
  let kills = 0;
  let runs = 0;
  for (let seed = 7; runs < KILLED; seed += 1) {
    const run = await simulate(seed);
    if (run.ending.kind !== "crashed" || run.disk.hasRefused) continue;
    runs += 1;
    for (let call = 1, isKilled = true; isKilled; call += 1) {
      const repo = join(root, `${seed}-${call}`);
      const directory = join(repo, ".loom/.runtime/logs", run.identity.runId);
      mkdirSync(join(repo, ".loom/.runtime/receipts"), { recursive: true });
      writeImage(run.image, directory);
      isKilled = await killAtCall(call, () => recoverRun(directory, { nowMs: NOW }));
      if (isKilled) kills += 1;
      endOwner(join(repo, ".loom/.runtime/active", `${run.identity.runId}.json`));
      found.push(...(await complaintsAfterKill(directory)).map((what) => ({ seed, call, what })));
      rmSync(repo, { recursive: true });
    }
  }
  expect(found).toEqual([]);
  expect(kills).toBeGreaterThan(KILLED * 20);
});

test(
  "recoverRun() says what was refused at any call to the disk, and does it the next time",
  { timeout: 240_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), "loom-refused-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const found: unknown[] = [];
    let runs = 0;
    let refusals = 0;
    for (let seed = 70; runs < KILLED; seed += 1) {
      const run = await simulate(seed);
      if (run.ending.kind !== "crashed" || run.disk.hasRefused) continue;
      runs += 1;
      for (let call = 1, isRefused = true; isRefused; call += 1) {
        const repo = join(root, `${seed}-${call}`);
        const directory = join(repo, ".loom/.runtime/logs", run.identity.runId);
        mkdirSync(join(repo, ".loom/.runtime/receipts"), { recursive: true });
        writeImage(run.image, directory);
        const first = await refuseAtCall(call, () => recoverRun(directory, { nowMs: NOW }));
        isRefused = first.isRefused;
        if (!first.result.ok) {
          refusals += 1;
          if (!first.result.error.message.includes("ENOSPC"))
            found.push({ seed, call, what: first.result.error });
        }
        endOwner(join(repo, ".loom/.runtime/active", `${run.identity.runId}.json`));
        found.push(...(await complaintsAfterKill(directory)).map((what) => ({ seed, call, what })));
        rmSync(repo, { recursive: true });
      }
    }
    expect(found).toEqual([]);
    expect(refusals).toBeGreaterThan(KILLED * 10);
  },
);

test("recoverRun() closes a run once, however many ask for it at the same time", async () => {
  const root = mkdtempSync(join(tmpdir(), "loom-closers-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (let seed = 40, runs = 0; runs < 10; seed += 1) {
    const run = await simulate(seed);
    if (run.ending.kind !== "crashed" || run.disk.hasRefused) continue;
    runs += 1;
    const directory = join(root, String(seed), ".loom/.runtime/logs", run.identity.runId);
    mkdirSync(join(root, String(seed), ".loom/.runtime/receipts"), { recursive: true });
    writeImage(run.image, directory);
    const asked = await Promise.all([1, 2, 3].map(() => recoverRun(directory, { nowMs: NOW })));
    const answers = asked.map((each) => (each.ok ? each.value.kind : each.error.code));
    expect(answers.filter((answer) => answer === "recovered").length).toBeLessThanOrEqual(1);
    expect(answers.filter((answer) => !["recovered", "closed", "RUN_ALIVE"].includes(answer))).toEqual([]);
    const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
    expect(report.ok && report.value.violations).toEqual([]);
  }
});

/** What is wrong with a run whose recovery was killed, after the next one. */
async function complaintsAfterKill(directory: string): Promise<readonly unknown[]> {
  const recovered = await recoverRun(directory, { nowMs: NOW });
  if (!recovered.ok) return [recovered.error.message];
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  if (!report.ok) return [report.error.message];
  if (report.value.status !== "valid") return report.value.violations.slice(0, 2);
  const noted = JSON.parse(readFileSync(join(directory, "phase-report.json"), "utf8")) as { status: unknown };
  if (noted.status !== "valid") return ["its own report says otherwise"];
  const left = readdirSync(join(directory, "../.."), { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".tmp") || path.startsWith("active/"),
  );
  if (left.length > 0) return [{ left }];
  const again = await recoverRun(directory, { nowMs: NOW });
  return again.ok && again.value.kind === "closed" ? [] : ["a further recovery did not find it closed"];
}

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
