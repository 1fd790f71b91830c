import {
  chmodSync,
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
import { epochMs } from "@loom/core";
import { currentProcess } from "@loom/system";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { createRunDirectory, type RunDirectory } from "../layout/create-run-directory.ts";
import { claimPath, claimRun } from "../owner/claim-run.ts";
import type { OwnedRun } from "../owner/owned-runs.ts";
import { removeRuns, type RemovedRuns, type RemoveRunsOptions } from "./remove-runs.ts";

const isRoot = process.getuid?.() === 0; // root may remove everything

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY_MS;

/** A moment so many days before now, as the names of runs have it. */
function daysAgo(days: number): bigint {
  return BigInt(NOW - days * DAY_MS) * 1_000_000n;
}

async function remove(root: string, options: Partial<RemoveRunsOptions> = {}): Promise<RemovedRuns> {
  const removed = await removeRuns(root, { nowMs: epochMs(NOW), ...options });
  if (!removed.ok) throw new Error(removed.error.message);
  return removed.value;
}

/** A run that is over. Its summary is the sign of it. */
function closedRun(root: string, ns: bigint): RunDirectory {
  const run = recordFailingRun(root, ns);
  writeFileSync(join(run.directory, "summary.json"), "{}");
  return run;
}

/** A run that was never closed. */
function openRun(root: string, ns: bigint): RunDirectory {
  const run = closedRun(root, ns);
  rmSync(join(run.directory, "summary.json"));
  rmSync(run.receiptPath);
  return run;
}

/** Notes a run for a process that is not this one. */
function claimFor(run: RunDirectory, change: object): void {
  writeFileSync(claimPath(run.directory), JSON.stringify({ ...currentProcess(), ...change }));
}

function checkReceipt(root: string, ns: bigint): string {
  const path = join(root, ".loom/.runtime/receipts", `loom-check-${ns}.json`);
  writeFileSync(path, "{}\n");
  return path;
}

const left = (root: string, folder: string): string[] => readdirSync(join(root, ".loom/.runtime", folder));

describe("removeRuns()", () => {
  test("removes runs that are over with their receipts, and receipts of checks, and says what they took", async () => {
    const root = temporaryDirectory();
    const runs = [1, 2, 3].map((days) => closedRun(root, daysAgo(days)));
    const check = checkReceipt(root, daysAgo(1));
    const removed = await remove(root);
    expect(removed).toMatchObject({
      runs: runs.map(({ identity }) => identity.runId),
      checks: [check.slice(check.lastIndexOf("/") + 1)],
      inUse: [],
      failed: [],
    });
    expect(removed.runBytes).toBeGreaterThan(removed.checkBytes);
    expect([left(root, "logs"), left(root, "receipts"), left(root, "active")]).toEqual([[], [], []]);
  });

  test("counts what became free on the disk, links and directories by themselves", async () => {
    const root = temporaryDirectory();
    const { directory, receiptPath } = closedRun(root, daysAgo(1));
    const below = readdirSync(directory, { recursive: true, encoding: "utf8" });
    const paths = [receiptPath, directory, ...below.map((path) => join(directory, path))];
    const expected = paths.reduce((sum, path) => sum + statSync(path).blocks * 512, 0);
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, "large"), Buffer.alloc(1_000_000));
    symlinkSync(elsewhere, join(directory, "link"));
    expect((await remove(root)).runBytes).toBe(expected);
  });

  test.each<[string, Partial<RemoveRunsOptions>, number[]]>([
    ["nothing but the newest", { keep: 2 }, [1, 2]],
    ["all of fewer than are kept", { keep: 9 }, [1, 2, 3, 4]],
    ["what is not older", { olderThanMs: 2 * DAY_MS }, [1, 2]],
    ["what is either new or not older", { keep: 1, olderThanMs: 3 * DAY_MS }, [1, 2, 3]],
    ["what is either new or not older", { keep: 3, olderThanMs: DAY_MS }, [1, 2, 3]],
  ])("leaves %s: %j", async (_name, options, stays) => {
    const root = temporaryDirectory();
    for (const days of [4, 3, 2, 1]) {
      closedRun(root, daysAgo(days));
      checkReceipt(root, daysAgo(days));
    }
    await remove(root, options);
    const names = stays.map((days) => daysAgo(days)).toReversed();
    expect(left(root, "logs").toSorted()).toEqual(names.map((ns) => `loom-run-local-${ns}`));
    expect(left(root, "receipts").toSorted()).toEqual(
      ["loom-check", "loom-run-local"].flatMap((kind) => names.map((ns) => `${kind}-${ns}.json`)),
    );
  });

  test("leaves a run that goes on, and one of which that cannot be told", async () => {
    const root = temporaryDirectory();
    const [alive, elsewhere, unclaimed] = [1, 2, 3].map((days) => openRun(root, daysAgo(days))) as [
      RunDirectory,
      RunDirectory,
      RunDirectory,
    ];
    claimRun(alive.directory);
    claimFor(elsewhere, { host: "another machine" });
    const unreadable = closedRun(root, daysAgo(4));
    writeFileSync(claimPath(unreadable.directory), "no note");
    const { inUse, runs } = await remove(root);
    expect(inUse.map(({ runId, owner }) => [runId, owner])).toEqual([
      [alive.identity.runId, "alive"],
      [elsewhere.identity.runId, "unknown"],
      [unclaimed.identity.runId, "unknown"],
      [unreadable.identity.runId, "unknown"],
    ]);
    expect(runs).toEqual([]);
    expect(left(root, "logs").length).toBe(4);
    expect(left(root, "active").length).toBe(3);
  });

  test("removes a run whose process is gone with its claim, once what it left running is ended", async () => {
    const root = temporaryDirectory();
    const run = openRun(root, daysAgo(1));
    claimFor(run, { started: "long ago" });
    const ended: unknown[] = [];
    const endLeftovers = async ({ runId, owner }: OwnedRun): Promise<void> => {
      await Promise.resolve();
      const { pid, started } = JSON.parse(readFileSync(claimPath(run.directory), "utf8")) as ReturnType<
        typeof currentProcess
      >;
      ended.push([runId, owner, existsSync(run.directory), { pid, started }]);
    };
    expect((await remove(root, { endLeftovers })).runs).toEqual([run.identity.runId]);
    const { pid, started } = currentProcess();
    expect(ended).toEqual([[run.identity.runId, "dead", true, { pid, started }]]);
    expect([left(root, "logs"), left(root, "active")]).toEqual([[], []]);
  });

  test("leaves a run alone that is just being started, and removes what one left that never was", async () => {
    const root = temporaryDirectory();
    createRunDirectory(root, daysAgo(1));
    const starting = createRunDirectory(root, daysAgo(0) - 1_000_000_000n);
    expect(starting.ok && (await remove(root)).inUse).toEqual([
      { runId: starting.ok && starting.value.identity.runId, owner: "unknown" },
    ]);
    expect(left(root, "logs").length).toBe(1);
  });

  test("removes a receipt whose run is gone, and what a removal left that was killed", async () => {
    const root = temporaryDirectory();
    const run = closedRun(root, daysAgo(1));
    rmSync(run.directory, { recursive: true });
    mkdirSync(join(root, ".loom/.runtime/logs/.removing-loom-run-local-5/jobs"), { recursive: true });
    expect((await remove(root)).runs).toEqual([run.identity.runId]);
    expect([left(root, "logs"), left(root, "receipts")]).toEqual([[], []]);
  });

  test.skipIf(isRoot)("removes directories among artifacts that may not be read or written", async () => {
    const root = temporaryDirectory();
    const { directory } = closedRun(root, daysAgo(1));
    const artifacts = join(directory, "jobs/unit/artifacts");
    mkdirSync(join(artifacts, "closed/deep"), { recursive: true });
    writeFileSync(join(artifacts, "closed/deep/file"), "made");
    chmodSync(join(artifacts, "closed/deep"), 0o500);
    chmodSync(join(artifacts, "closed"), 0);
    expect((await remove(root)).failed).toEqual([]);
    expect(left(root, "logs")).toEqual([]);
  });

  test("removes nothing that is no evidence", async () => {
    const root = temporaryDirectory();
    closedRun(root, daysAgo(1));
    for (const path of ["logs/notes.txt", "receipts/loom-check-x.json", "receipts/other.json"])
      writeFileSync(join(root, ".loom/.runtime", path), "mine");
    await remove(root);
    expect([left(root, "logs"), left(root, "receipts")]).toEqual([
      ["notes.txt"],
      ["loom-check-x.json", "other.json"],
    ]);
  });

  test("does nothing where nothing was ever run, and makes nothing there", async () => {
    const root = temporaryDirectory();
    expect(await remove(root)).toMatchObject({ runs: [], checks: [], inUse: [], failed: [] });
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("removeRuns() and links", () => {
  /** A repository with a run, and a folder beside it that must stay as it is. */
  function clone(): { root: string; elsewhere: string; run: RunDirectory } {
    const folder = temporaryDirectory();
    const [root, elsewhere] = [join(folder, "clone"), join(folder, "elsewhere")];
    mkdirSync(root);
    mkdirSync(join(elsewhere, "loom-run-local-7"), { recursive: true });
    for (const name of [
      "precious",
      "loom-check-7.json",
      "loom-run-local-7.json",
      "loom-run-local-7/summary.json",
    ])
      writeFileSync(join(elsewhere, name), "precious");
    return { root, elsewhere, run: closedRun(root, daysAgo(1)) };
  }

  const untouched = (elsewhere: string): void => {
    expect(readdirSync(elsewhere, { recursive: true }).length).toBe(5);
  };

  test.each(["", "/logs", "/receipts", "/active"])("refuses a link at .loom/.runtime%s", async (path) => {
    const { root, elsewhere } = clone();
    rmSync(join(root, `.loom/.runtime${path}`), { recursive: true });
    symlinkSync(elsewhere, join(root, `.loom/.runtime${path}`));
    const removed = await removeRuns(root, { nowMs: epochMs(NOW) });
    expect(!removed.ok && removed.error.code).toBe("ARTIFACTS_REFUSED_PLACE");
    untouched(elsewhere);
  });

  test("refuses a .loom that leads out of the repository", async () => {
    const { root, elsewhere } = clone();
    rmSync(join(root, ".loom"), { recursive: true });
    symlinkSync(elsewhere, join(root, ".loom"));
    const removed = await removeRuns(root, { nowMs: epochMs(NOW) });
    expect(!removed.ok && removed.error.code).toBe("ARTIFACTS_REFUSED_PLACE");
  });

  test("names a link in the place of a run, and removes the others", async () => {
    const { root, elsewhere, run } = clone();
    const link = join(root, ".loom/.runtime/logs/loom-run-local-7");
    symlinkSync(join(elsewhere, "loom-run-local-7"), link);
    const { runs, failed } = await remove(root);
    expect(runs).toEqual([run.identity.runId]);
    expect(failed.map(({ message }) => message)).toEqual([expect.stringContaining(`"${link}"`) as string]);
    expect(existsSync(link)).toBe(true);
    untouched(elsewhere);
  });

  test("removes links in a run and among receipts, not what they lead to", async () => {
    const { root, elsewhere, run } = clone();
    symlinkSync(elsewhere, join(run.directory, "jobs/link"));
    symlinkSync(join(elsewhere, "precious"), join(root, ".loom/.runtime/receipts/loom-check-5.json"));
    symlinkSync(elsewhere, join(root, ".loom/.runtime/receipts/loom-run-local-5.json"));
    expect(await remove(root)).toMatchObject({ runs: [run.identity.runId, "loom-run-local-5"], failed: [] });
    expect([left(root, "logs"), left(root, "receipts")]).toEqual([[], []]);
    untouched(elsewhere);
  });

  test.skipIf(isRoot)("names what cannot be removed", async () => {
    const { root, run } = clone();
    const check = checkReceipt(root, daysAgo(1));
    const folder = join(root, ".loom/.runtime/receipts");
    chmodSync(folder, 0o500);
    const { failed } = await remove(root);
    chmodSync(folder, 0o700);
    expect(failed.map(({ message }) => message)).toEqual(
      [run.receiptPath, check].map((path) => expect.stringContaining(`Cannot remove "${path}"`) as string),
    );
  });
});
