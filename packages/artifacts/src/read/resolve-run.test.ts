import { mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { createRunDirectory } from "../layout/create-run-directory.ts";
import { listRuns } from "./list-runs.ts";
import { resolveRun } from "./resolve-run.ts";

const LOGS = ".loom/.runtime/logs";

describe("listRuns()", () => {
  test("listRuns() lists newest first, with those that were interrupted and those whose directory is gone", async () => {
    const root = arrange();
    const runs = await listRuns(root);
    expect(JSON.parse(JSON.stringify(runs).replaceAll(root, "<repo>"))).toMatchInlineSnapshot(`
      {
        "ok": true,
        "value": [
          {
            "directory": "<repo>/.loom/.runtime/logs/loom-run-local-1900000000000000000",
            "namedAtMs": 1900000000000,
            "runId": "loom-run-local-1900000000000000000",
          },
          {
            "namedAtMs": 1800000000000,
            "receiptPath": "<repo>/.loom/.runtime/receipts/loom-run-local-1800000000000000000.json",
            "runId": "loom-run-local-1800000000000000000",
          },
          {
            "directory": "<repo>/.loom/.runtime/logs/loom-run-local-1767000000000000002",
            "namedAtMs": 1767000000000,
            "receiptPath": "<repo>/.loom/.runtime/receipts/loom-run-local-1767000000000000002.json",
            "runId": "loom-run-local-1767000000000000002",
          },
          {
            "directory": "<repo>/.loom/.runtime/logs/loom-run-local-1767000000000000001",
            "namedAtMs": 1767000000000,
            "receiptPath": "<repo>/.loom/.runtime/receipts/loom-run-local-1767000000000000001.json",
            "runId": "loom-run-local-1767000000000000001",
          },
        ],
      }
    `);
  });

  test("listRuns() returns an empty list where nothing was run", async () => {
    expect(await listRuns(temporaryDirectory())).toStrictEqual({ ok: true, value: [] });
  });
});

describe("resolveRun()", () => {
  test.each([
    ["last", "1900000000000000000"],
    ["last~0", "1900000000000000000"],
    ["last~2", "1767000000000000002"],
    ["loom-run-local-1767000000000000001", "1767000000000000001"],
    ["loom-local-1767000000000000001", "1767000000000000001"],
    ["last-failed", "1767000000000000002"],
    ["1767000000000000001", "1767000000000000001"],
    ["19", "1900000000000000000"],
    ["loom-run-local-19", "1900000000000000000"],
    [`.loom/.runtime/logs/loom-run-local-19`, undefined],
  ])("resolveRun() finds %s", async (ref, ns) => {
    const root = arrange();
    const found = await resolveRun(root, ref);
    expect(found.ok ? found.value : undefined).toBe(ns && join(root, LOGS, `loom-run-local-${ns}`));
  });

  test("resolveRun() takes the path of a directory or a receipt, relative to the working directory", async () => {
    const root = arrange();
    const directory = join(root, LOGS, "loom-run-local-1767000000000000001");
    const receipt = join(root, ".loom/.runtime/receipts/loom-run-local-1767000000000000001.json");
    for (const path of [directory, receipt]) {
      expect(await resolveRun(root, path)).toStrictEqual({ ok: true, value: path });
      expect(await resolveRun(root, relative(process.cwd(), path))).toStrictEqual({ ok: true, value: path });
    }
  });

  test("resolveRun() gives the receipt of a run whose directory is gone", async () => {
    const root = arrange();
    expect(await resolveRun(root, "last~1")).toStrictEqual({
      ok: true,
      value: join(root, ".loom/.runtime/receipts/loom-run-local-1800000000000000000.json"),
    });
  });

  test("resolveRun() says why it cannot tell", async () => {
    const root = arrange();
    const refs = ["17", "2", "last~4", "./nowhere", "first"];
    const messages = await Promise.all(
      refs.map(async (ref) => {
        const found = await resolveRun(root, ref);
        return found.ok
          ? found.value
          : `${found.error.code}: ${found.error.message.replaceAll(process.cwd(), "<cwd>")}`;
      }),
    );
    const nothing = await resolveRun(temporaryDirectory(), "last");
    expect([...messages, nothing.ok ? "" : nothing.error.message]).toMatchInlineSnapshot(`
      [
        "ARTIFACTS_AMBIGUOUS_RUN: Cannot tell which run "17" is: it could be "loom-run-local-1767000000000000002", "loom-run-local-1767000000000000001"; give more of the id",
        "ARTIFACTS_NOT_FOUND: Cannot find run "2": no run has an id that begins like that; the last runs are "loom-run-local-1900000000000000000", "loom-run-local-1800000000000000000", "loom-run-local-1767000000000000002", and "loom runs" lists all 4",
        "ARTIFACTS_NOT_FOUND: Cannot find run "last~4": there are 4 runs, the oldest is last~3",
        "ARTIFACTS_NOT_FOUND: Cannot read "<cwd>/nowhere": no such file or directory (ENOENT)",
        "ARTIFACTS_NOT_FOUND: Cannot find run "first": no run has an id that begins like that; the last runs are "loom-run-local-1900000000000000000", "loom-run-local-1800000000000000000", "loom-run-local-1767000000000000002", and "loom runs" lists all 4",
        "Cannot find run "last": nothing was run in this repository yet",
      ]
    `);
  });
});

/** A repository with two recorded runs, one that was interrupted, one whose directory was removed. */
function arrange(): string {
  const root = temporaryDirectory();
  recordFailingRun(root, 1767000000000000001n);
  recordFailingRun(root, 1767000000000000002n);
  const { directory } = recordFailingRun(root, 1800000000000000000n);
  rmSync(directory, { recursive: true });
  createRunDirectory(root, 1900000000000000000n);
  mkdirSync(join(root, LOGS, "something-else"));
  return root;
}
