import type { RunEnd } from "@loom/ports";
import { graphNode, graphOf, LOGS_DIR, RECEIPT_PATH, type ScriptedRun } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { stageTui } from "../../test/tui-stage.ts";

const CELLS = ["18", "20", "22", "24"].flatMap((node) => ["pg", "sqlite"].map((db) => `unit-${node}-${db}`));

const END: RunEnd = {
  outcome: { status: "failure", exitCode: 1, failedJobIds: [] },
  receiptPath: RECEIPT_PATH,
  logsDir: LOGS_DIR,
};

function begin(run: ScriptedRun): void {
  const matrix = { job: "unit", values: [] };
  run.begins(
    graphOf([
      graphNode("lint", "check"),
      ...CELLS.map((name) => graphNode(name, "check", { matrix, title: "Tests of units" })),
      graphNode("pack", "ship"),
    ]),
  );
  run.runs("lint", 1000);
  for (const name of CELLS.slice(0, 3)) run.runs(name, 20_000);
  run.starts("unit-20-sqlite");
  run.stepStarts("unit-20-sqlite", 1);
}

function fail(run: ScriptedRun): void {
  run.wait(5000);
  run.stepEnds("unit-20-sqlite", 1, { exitCode: 1 });
  run.executionEnds("unit-20-sqlite", { exitCode: 1 });
  run.settles("unit-20-sqlite", "failed", "exit_code");
}

describe("the jobs of a matrix", () => {
  test.each([
    [80, 24, false],
    [120, 40, false],
    [50, 12, false],
    [80, 24, true],
  ])("stand below its name, folded and unfolded, on %i×%i, ASCII only: %s", async (columns, rows, ascii) => {
    const { run, press, settle } = stageTui(columns, rows, { ascii, reducedMotion: true });
    begin(run);
    await press("t");
    expect(await settle()).toMatchSnapshot("running, folded");
    expect(await press("l")).toMatchSnapshot("running, unfolded");
    await press("h");
    fail(run);
    const failed = await settle();
    expect(failed).toMatchSnapshot("failed, closed by hand");
    if (ascii) expect(failed).toMatch(/^[\n -~]*$/u);
  });

  test("show a failure below the folded name without a key, and all of them after one", async () => {
    const { run, press, settle } = stageTui(80, 24, { reducedMotion: true });
    begin(run);
    fail(run);
    const seen = await settle();
    expect(seen).toMatch(/▸ unit .*✗ 4\/8[^]*✗ unit…0-sqlite[^]*▾ ship/u);
    expect(seen).not.toMatch(/│ {5}[^✗] unit/u);
    // From the failed step to its job, and to the name.
    expect(await press("hhh")).toMatch(/▸ {2}▸ unit .*\n.* {5}✗ unit/u);
    const closed = await press("h");
    expect(closed).toMatch(/▸ {2}▸ unit /u);
    expect(closed).not.toMatch(/│ {5}\S unit/u);
    expect(await press("\r")).toMatch(/▸ {2}▾ unit .*\n.*✓ unit-18-pg[^]*unit-24-sqlite/u);
    expect(await press("\r")).not.toMatch(/│ {5}\S unit/u);
    expect(await press("23451]")).toMatch(/▾ unit [^]*▸ {4}✗ unit…0-sqlite/u);
  });

  test("are found in a folded one, which is folded again when the search is given up", async () => {
    const { run, press } = stageTui(80, 24, { reducedMotion: true });
    begin(run);
    await press("gG");
    expect(await press("/24-pg")).toMatch(/▾ unit [^]*▸ {4}\S unit-24-pg/u);
    expect(await press("\u001B")).toMatch(/ ▸ unit /u);
    expect(await press("/:wait\r")).toMatch(/▾ unit [^]*▸ {4}\S unit-22-pg/u);
    expect(await press("n")).toMatch(/▸ {4}\S unit(?:-2|…)2-sqlite/u);
  });

  test("run again by its name: those that failed", async () => {
    const { run, tui, press } = stageTui(80, 24);
    begin(run);
    fail(run);
    for (const name of CELLS.slice(4)) run.skips(name, "condition_not_met");
    run.skips("pack", "stage_blocked", ["unit-20-sqlite"]);
    run.ends("failed");
    const finished = tui.finish(END);
    expect(await press("1hhhr")).toContain("Job: unit-20-sqlite");
    await press("\r");
    await finished;
    expect(tui.rerun).toEqual(["unit-20-sqlite"]);
  });
});
