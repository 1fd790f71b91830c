import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openRun } from "@loom/artifacts";
import { epochMs } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { recoverRun } from "@loom/recovery";
import { currentProcess } from "@loom/system";
import { expect, test } from "vitest";
import { endOwner, killAtCall, refuseAtCall } from "./crash/kill-at-call.ts";
import { crashedRuns, linesOf, onDisk } from "../test/crashed-runs.ts";
import { simulate } from "./simulate.ts";
import type { SimulationRun } from "./simulated-run.ts";

/** How many crashed runs to close; each has a few hundred files on a real disk. */
const CRASHES = Number(process.env["LOOM_RECOVER_RUNS"] ?? 60);

const NOW = epochMs(1_900_000_000_000);

test("recoverRun() closes every run whose process died at a disk call", { timeout: 240_000 }, async () => {
  const found: unknown[] = [];
  for await (const run of crashedRuns(1, CRASHES)) found.push(...(await complaintsOf(run)));
  expect(found).toEqual([]);
});

test.for([1168, 3447])("recoverRun() keeps a record that was in a mirror, seed %i", async (seed) => {
  expect(await complaintsOf(await simulate(seed))).toEqual([]);
});

/** How many of them to recover with a recovery that is itself killed, at each of its disk calls. */
const KILLED = Number(process.env["LOOM_KILLED_RECOVERIES"] ?? 2);

test("recoverRun() is completed by the next one wherever it is killed", { timeout: 240_000 }, async () => {
  const found: unknown[] = [];
  let kills = 0;
  for await (const run of crashedRuns(55, KILLED)) {
    for (let call = 1, isKilled = true; isKilled; call += 1) {
      const { directory, claim, repo } = onDisk(run);
      isKilled = await killAtCall(call, () => recoverRun(directory, { nowMs: NOW }));
      if (isKilled) kills += 1;
      endOwner(claim);
      found.push(...(await complaintsAfterKill(directory)).map((what) => ({ seed: run.seed, call, what })));
      rmSync(repo, { recursive: true });
    }
  }
  expect(found).toEqual([]);
  expect(kills).toBeGreaterThan(KILLED * 20);
});

test(
  "recoverRun() reports a refused disk call, and completes the work the next time",
  { timeout: 240_000 },
  async () => {
    const found: unknown[] = [];
    let refusals = 0;
    for await (const run of crashedRuns(70, KILLED)) {
      for (let call = 1, isRefused = true; isRefused; call += 1) {
        const { directory, claim, repo } = onDisk(run);
        const first = await refuseAtCall(call, () => recoverRun(directory, { nowMs: NOW }));
        isRefused = first.isRefused;
        if (!first.result.ok) {
          refusals += 1;
          if (!first.result.error.message.includes("ENOSPC"))
            found.push({ seed: run.seed, call, what: first.result.error });
        }
        endOwner(claim);
        found.push(...(await complaintsAfterKill(directory)).map((what) => ({ seed: run.seed, call, what })));
        rmSync(repo, { recursive: true });
      }
    }
    expect(found).toEqual([]);
    expect(refusals).toBeGreaterThan(KILLED * 10);
  },
);

test("recoverRun() leaves a run alone whose process is or may be alive, until a person overrides it", async () => {
  for await (const run of crashedRuns(300, 12)) {
    const { directory, claim, repo } = onDisk(run);
    mkdirSync(dirname(claim), { recursive: true });
    const before = contentOf(directory);
    const me = currentProcess();
    const owners = [
      { code: "RUN_ALIVE", mark: me, force: true },
      { code: "RUN_ALIVE", mark: me, force: false },
      { code: "RUN_OWNER_UNKNOWN", mark: { ...me, host: "another machine" }, force: false },
      { code: "RUN_OWNER_UNKNOWN", mark: { ...me, started: "" }, force: false },
      { code: "RUN_OWNER_UNKNOWN", mark: {}, force: false },
    ];
    for (const { code, mark, force } of owners) {
      writeFileSync(claim, JSON.stringify(mark));
      expect(await recoverRun(directory, { nowMs: NOW, force })).toMatchObject({
        ok: false,
        error: { code },
      });
      expect(contentOf(directory)).toEqual(before);
    }
    const forced = await recoverRun(directory, { nowMs: NOW, force: true });
    expect(forced).toMatchObject({ ok: true, value: { kind: "recovered", verdict: "valid" } });
    expect(existsSync(claim)).toBe(false);
    rmSync(repo, { recursive: true });
  }
});

test("recoverRun() closes a run once, however many call it at the same time", async () => {
  for await (const run of crashedRuns(40, 10)) {
    const { directory } = onDisk(run);
    const asked = await Promise.all([1, 2, 3].map(() => recoverRun(directory, { nowMs: NOW })));
    const answers = asked.map((each) => (each.ok ? each.value.kind : each.error.code));
    expect(answers.filter((answer) => answer === "recovered").length).toBeLessThanOrEqual(1);
    expect(answers.filter((answer) => !["recovered", "closed", "RUN_ALIVE"].includes(answer))).toEqual([]);
    const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
    expect(report.ok && report.value.violations).toEqual([]);
  }
});

/** Every file of a folder, by path. */
function contentOf(directory: string): ReadonlyMap<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).toSorted();
  return new Map(paths.map((path) => [path, readFileSync(path, "latin1")]));
}

/** What is wrong with a run after its recovery was killed and run again. */
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

/** What is wrong with a run after recovery; empty is good. */
async function complaintsOf(run: SimulationRun): Promise<readonly unknown[]> {
  const { directory, repo } = onDisk(run);
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
