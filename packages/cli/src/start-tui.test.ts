import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import {
  FAILING_GRAPH,
  FAILING_OUTCOME,
  LOGS_DIR,
  RECEIPT_PATH,
  type ScriptedRun,
  graphNode,
  graphOf,
  playFailure,
} from "@loom/testkit";
import { createPalette } from "@loom/reporters/view";
import { stageRecorded, stageTui } from "../test/tui-stage.ts";
import type { RunEnd } from "@loom/ports";
import type { Keyboard, Terminal } from "./terminal/terminal.ts";

const FAILURE: RunEnd = { outcome: FAILING_OUTCOME, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR };
const SUCCESS: RunEnd = { ...FAILURE, outcome: { status: "success", exitCode: 0, failedJobIds: [] } };

const graph = {
  ...FAILING_GRAPH,
  nodes: FAILING_GRAPH.nodes.map((job) =>
    job.id === "install" ? job : { ...job, needs: job.stage === "check" ? ["install"] : ["lint"] },
  ),
};

function playHalf(run: ScriptedRun): void {
  run.begins(graph);
  run.runs("install", 21_000);
  run.starts("lint");
  run.stepStarts("lint", 1);
  run.stepEnds("lint", 1);
  run.starts("typecheck");
  run.stepStarts("lint", 2);
  run.stepStarts("typecheck", 1);
  run.prints("lint", 2, [
    "\u001B[2Jpackages/core/src/plan.ts",
    "  41:7  error  Promises must be awaited",
    "✗ 世界 3 problems",
  ]);
  run.wait(19_000);
}

function failLint(run: ScriptedRun): void {
  run.stepEnds("lint", 2, { exitCode: 1 });
  run.executionEnds("lint", { exitCode: 1 });
  run.settles("lint", "failed", "exit_code");
  run.skips("unit", "stage_blocked", ["lint"]);
}

/** Plays the rest of the run after {@link playHalf} and {@link failLint}. */
function playRest(run: ScriptedRun): void {
  run.stepEnds("typecheck", 1);
  run.executionEnds("typecheck");
  run.settles("typecheck", "success");
  run.runs("format", 400);
  run.skips("integration", "upstream_failed", ["lint"]);
  run.runs("audit", 1_500);
  run.runs("docs", 2_000);
  run.skips("image", "upstream_failed", ["lint"]);
  run.ends("failed");
}

/** Plays the whole run. @returns The project that contains its files. */
async function recordFailedRun(): Promise<string> {
  const { run, documents, root, tui, settle } = stageTui(80, 24);
  playHalf(run);
  failLint(run);
  playRest(run);
  documents();
  await settle();
  tui.close();
  return root;
}

/** Waits for what is due now. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The text of the first row of the log. */
function topRow(screen: string): string | undefined {
  return /(?:ten|row) \d+/.exec(screen)?.[0];
}

/** Hides the times of the log, because the time of day depends on the time zone. */
const WITHOUT_CLOCK = "t";

describe("startTui()", () => {
  test.each([
    [80, 24],
    [40, 16],
    [120, 40],
    [200, 50],
    [60, 15],
    [30, 8],
    [20, 5],
    [19, 4],
    [250, 70],
  ])("shows jobs and the log of the failed step on %i×%i", async (columns, rows) => {
    const { run, press, screen } = stageTui(columns, rows, { reducedMotion: true });
    playHalf(run);
    failLint(run);
    const text = await press(WITHOUT_CLOCK);
    expect(text).toMatchSnapshot();
    expect(screen.rows().length).toBe(rows);
  });

  test.each([
    ["2", 80],
    ["2", 120],
    ["3", 80],
    ["4", 80],
    ["4", 200],
    ["?", 80],
    ["q", 80],
  ])("shows what %s is for at %i columns", async (key, columns) => {
    const { run, press, settle, shows } = stageTui(columns, 24, { reducedMotion: true });
    playHalf(run);
    failLint(run);
    await press(WITHOUT_CLOCK);
    await press(key);
    const text = key === "4" ? await shows("files: ") : await settle();
    // How much time passes until files are read depends on the machine.
    const settled = text.replaceAll(/\S*loom-tui-\w+/g, "ROOT").replace(/\d+:\d\d$/m, "T:TT");
    expect(settled).toMatchSnapshot();
  });

  test("draws with ASCII characters only, if that is configured", async () => {
    const { run, press } = stageTui(80, 24, { ascii: true });
    run.begins(graphOf([graphNode("lint", "check"), graphNode("unit", "test", { needs: ["lint"] })]));
    run.runs("lint", 1000, ["no good"], { exitCode: 2 });
    run.skips("unit", "stage_blocked", ["lint"]);
    for (const key of ["t", "2", "3", "4", "5", "?"]) expect(await press(key)).toMatch(/^[\n -~]*$/);
  });

  test("writes only once a second, for the clock, while nothing changes", async () => {
    const { run, target, clock, settle } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    await settle();
    const before = target.writes;
    clock.advance(900);
    await settle();
    expect(target.writes - before).toBeLessThanOrEqual(2);
  });

  test.each([
    [80, 24, 8],
    [200, 60, 18],
  ])("writes only the spinners when they turn, on %i×%i", async (columns, rows, spinners) => {
    const { run, target, clock, settle } = stageTui(columns, rows, { palette: createPalette("ansi16") });
    const ids = ["a", "b", "c", "d", "e"];
    run.begins(graphOf(ids.map((id) => graphNode(id, "all"))));
    for (const id of ids) {
      run.starts(id);
      run.stepStarts(id, 1);
    }
    run.wait(1000);
    await settle();
    target.sent = "";
    for (let tick = 0; tick < 25; tick += 1) {
      clock.advance(120);
      await settled();
    }
    // oxlint-disable-next-line no-control-regex -- styles and sequences are control characters
    const sequences = /\u001B\[[\d;?]*\w/g;
    const frames = target.sent.split("\u001B[?2026h").map((frame) => frame.replaceAll(sequences, ""));
    // Apart from the frames of the clock, once a second.
    const spun = frames.filter((frame) => /^[\u2800-\u28FF]+$/u.test(frame));
    expect(spun.length).toBeGreaterThanOrEqual(20);
    expect(new Set(spun.map((frame) => frame.length))).toEqual(new Set([spinners]));
  });

  test("writes at most thirty frames a second during a flood of output, and shows its last line", async () => {
    const { run, target, settle } = stageTui(80, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("flood", "all")]));
    run.starts("flood");
    run.stepStarts("flood", 1);
    await settle();
    const before = target.writes;
    for (let tick = 0; tick < 200; tick += 1) {
      run.prints(
        "flood",
        1,
        Array.from({ length: 50 }, (_, line) => `line ${tick * 50 + line}`),
      );
      run.wait(10);
      await Promise.resolve();
    }
    expect(target.writes - before).toBeLessThanOrEqual(2 * 30 + 4);
    const text = await settle();
    expect(text).toContain("line 9999");
    expect(text).toContain("10,001 lines  follow");
  });

  test("drops frames while the terminal does not read, and shows the latest when it does again", async () => {
    const { run, target, settle } = stageTui(80, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("flood", "all")]));
    run.starts("flood");
    run.stepStarts("flood", 1);
    await settle();
    target.stalled = true;
    const before = target.writes;
    for (let tick = 0; tick < 100; tick += 1) {
      run.prints("flood", 1, [`line ${tick}`]);
      run.wait(50);
    }
    expect(target.writes - before).toBe(1);
    target.release();
    expect(await settle()).toContain("line 99");
  });

  test("searches the whole log, counts the matches, and jumps to them", async () => {
    const { run, settle, press } = stageTui(100, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("long", "all")]));
    run.starts("long");
    run.stepStarts("long", 1);
    run.prints(
      "long",
      1,
      Array.from({ length: 5000 }, (_, line) => (line % 1000 === 7 ? `needle ${line}` : `hay ${line}`)),
    );
    await settle();
    await press("\t");
    await press("g");
    expect(await press("/")).toContain("/_");
    expect(await press("needle\r")).toMatch(/needle 7\b/);
    expect(await press("n")).toMatch(/needle 1007\b/);
    const text = await press("n");
    expect(text).toMatch(/needle 2007\b/);
    expect(text).toContain("3 of 5");
    await press("NN");
    expect(await press("N")).toMatch(/needle 4007\b/);
    expect(await press("&needle\r")).toContain("5 lines");
    expect(await press("\u001B")).toContain("5 lines");
    expect(await press("\u001B")).toContain("5,001 lines");
  });

  test("finds jobs by name and by state while the user types, and Esc restores the selection", async () => {
    const { run, press } = stageTui(100, 30, { reducedMotion: true });
    playHalf(run);
    failLint(run);
    expect(await press("/ty")).toMatch(/▸ {2}. typecheck/u);
    expect(await press("")).toContain("job: ty_");
    expect(await press("\u001B")).toMatch(/▸ +✗ 02 pnpm lint/u);
    expect(await press("/:blo\r")).toMatch(/▸ {2}⊘ unit/u);
    expect(await press("/i\r")).toMatch(/▸ {2}. integration/u);
    expect(await press("n")).toMatch(/▸ {2}. audit/u);
    expect(await press("N")).toMatch(/▸ {2}. integration/u);
    expect(await press("/nowhere")).toContain("job: nowhere_");
    expect(await press("\r")).toMatch(/▸ {2}. integration/u);
    expect(await press("2/docs\r")).toMatch(/▸. docs/u);
  });

  test("shows the state of the selected job, whatever else has failed", async () => {
    const { run, press } = stageTui(100, 30, { reducedMotion: true });
    playHalf(run);
    failLint(run);
    expect(await press("/unit\r")).toMatch(/⊘ unit {2}blocked by lint +✗ lint {2}4 why/u);
    expect(await press("/typecheck\r")).toMatch(/typecheck {2}running .*✗ lint {2}4 why/u);
    expect(await press("/lint\r")).toMatch(/✗ lint failed at step 02 \(exit 1\) +4 why it failed/u);
  });

  test("shows all rows of a wrapped line that is taller than the screen", async () => {
    const { run, press } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    const parts = Array.from({ length: 60 }, (_, index) => `part-${index}`.padEnd(70, "."));
    run.prints("lint", 2, [parts.join(""), "after it"]);
    await press("\tw\rg");
    let found = await press("");
    for (let row = 0; row < 20 && !found.split("\n")[2]?.includes("part-0"); row += 1)
      found = await press("j");
    expect(found).toContain("part-0");
    expect(found).not.toContain("part-59");
    for (let row = 0; row < 60 && !(await press("l")).includes("part-59"); row += 1);
    expect(await press("")).toContain("part-59");
    expect(await press("h".repeat(80))).toContain("part-0");
  });

  test("shows a job's log with commands and earlier attempts, and a single step's log", async () => {
    const { run, press, settle } = stageTui(100, 24, { reducedMotion: true });
    const script = ["make tools", "make check"];
    run.begins(graphOf([graphNode("unit", "all", { script, retry: { max: 1, on: ["failure"] } })]));
    run.starts("unit");
    run.stepStarts("unit", 1);
    run.prints("unit", 1, ["tools made"]);
    run.stepEnds("unit", 1);
    run.stepStarts("unit", 2);
    const both = await settle();
    expect(both).toMatch(/─ unit ─[^]* \$ make tools *│[^]* tools made *│[^]* \$ make check *│/u);
    expect(both).not.toContain("attempt 1");
    run.prints("unit", 2, ["one is wrong"]);
    const failed = {
      exitCode: 1,
      error: { code: "exit_code" as const, message: "Step 2 exited with code 1" },
    };
    run.stepEnds("unit", 2, failed);
    run.executionEnds("unit", failed);
    run.prepares("unit", 2);
    run.stepStarts("unit", 1);
    run.prints("unit", 1, ["tools made again"]);
    expect(await settle()).toMatch(
      / attempt 1 *│[^]* one is wrong *│[^]* attempt 2 *│[^]*\$ make tools *│[^]* tools made again *│/u,
    );
    expect(await press("j")).not.toContain("one is wrong");
  });

  test("shows the log of all jobs in one while they run, with search, filter, follow and copy", async () => {
    const { run, press, settle, shows, target } = stageTui(100, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("lint", "all"), graphNode("a-long-name-of-a-job-that-tests", "all")]));
    const jobs = ["lint", "a-long-name-of-a-job-that-tests"] as const;
    for (const job of jobs) {
      run.starts(job);
      run.stepStarts(job, 1);
      run.prints(job, 1, [`${job.length} files`]);
    }
    await settle();
    await press(`${WITHOUT_CLOCK}${WITHOUT_CLOCK}A`);
    const all = await shows("31 files");
    expect(all).toMatch(/─ all jobs ─[^]*lint +│ 4 files[^]*a-lon…at-tests │ 31 files/u);
    expect(all).toMatch(/all jobs {2}2 running: lint, a-long/u);
    expect(all).toContain("4 lines  follow");
    run.prints("lint", 1, ["one is wrong"]);
    expect(await shows("one is wrong")).toContain("5 lines  follow");
    await press("/files\rn");
    expect(await shows("2 of 2")).toContain("/files");
    await press("&wrong\r");
    expect(await shows("1 line")).not.toContain("31 files");
    await press("Y");
    expect(target.sent).toContain(Buffer.from("lint │ one is wrong").toString("base64"));
    await press("\u001B");
    await press("\u001B");
    expect(await press("\r")).toMatch(/^ all jobs *\n/u);
    expect(await press("A")).toMatch(/^ lint .*running/u);
    await press("A\u001B");
    expect(await press("\u001B")).toContain("─ lint ─");
    expect(await press("A")).toContain("─ all jobs ─");
    expect(await press("\tj")).toContain("─ lint › 01");
  });

  test("pauses when the user scrolls up, counts new lines, and follows again at the end", async () => {
    const { run, settle, press } = stageTui(100, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("long", "all")]));
    run.starts("long");
    run.stepStarts("long", 1);
    run.prints(
      "long",
      1,
      Array.from({ length: 100 }, (_, line) => `row ${line}`),
    );
    await settle();
    await press("\tk");
    run.prints("long", 1, ["new a", "new b"]);
    const paused = await settle();
    expect(paused).toContain("paused, 2 new");
    expect(paused).not.toContain("new b");
    expect(await press("G")).toContain("new b");
  });

  test("shows the results of a job's caches: hits and misses in the tree, bytes and time in the log", async () => {
    const { run, press, shows } = stageTui(160, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("deps", "all")]));
    run.jobMoves("deps", "pending", "running");
    run.caches("deps", "cache_restore", [
      {
        message: "Restored npm-1, 1.2 MB in 342 ms",
        facts: { key: "npm-1", hit: true, bytes: 1_200_000, duration_ms: 342 },
      },
      { message: "There is nothing under go-1 yet", facts: { key: "go-1", hit: false, duration_ms: 1 } },
    ]);
    expect(await press("c")).toMatch(/✓ cache_restore +1 hit, 1 miss +2\.0s/);
    expect(await shows("Restored npm-1")).toMatch(/Restored npm-1, 1\.2 MB in 342 ms  key=npm-1 .*hit=true/);
  });

  test("jumps from error to error, and to marks", async () => {
    const { run, settle, press } = stageTui(100, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("long", "all")]));
    run.starts("long");
    run.stepStarts("long", 1);
    run.prints(
      "long",
      1,
      Array.from({ length: 300 }, (_, line) =>
        line === 20 || line === 200 ? `a.ts:${line}:1: error: ${line}` : `row ${line}`,
      ),
    );
    await settle();
    await press("\tg");
    expect(await press("}")).toContain("error: 20");
    await press("ma");
    expect(await press("}")).toContain("error: 200");
    expect(await press("'a")).toContain("error: 20");
    expect(await press("{")).toContain("error: 20");
  });

  test("keeps marks, the place and the count of new lines at their lines when the filter changes", async () => {
    const { run, settle, press } = stageTui(100, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("long", "all")]));
    run.starts("long");
    run.stepStarts("long", 1);
    const rows = Array.from({ length: 400 }, (_, line) => (line % 10 === 0 ? `ten ${line}` : `row ${line}`));
    run.prints("long", 1, rows);
    await settle();
    await press("\t&ten\r");
    await press("g");
    expect(topRow(await press("jjjj"))).toBe("ten 40");
    await press("ma");
    expect(topRow(await press("\u001B"))).toBe("ten 40");
    expect(await press("G")).toContain("row 399");
    expect(await press("'a")).toContain("ten 40");
    // The other way: the mark is at a line that the filter hides, so it leads to the next one that is shown.
    await press("g");
    expect(topRow(await press("\u0004".repeat(13)))).toBe("row 116");
    await press("mb");
    expect(await press("&ten\r")).toContain("40 lines");
    await press("G");
    expect(topRow(await press("'b"))).toBe("ten 60");
    await press("\u001B");
    // Lines are counted as new from where following was paused, whatever was shown then.
    run.prints("long", 1, ["row 400", "ten 401"]);
    expect(await press("G")).toContain("ten 401");
    await press("k");
    run.prints("long", 1, ["row 402", "ten 403", "row 404"]);
    expect(await settle()).toContain("paused, 3 new");
    expect(await press("&ten\r")).toContain("paused, 1 new");
    expect(await press("\u001B")).toContain("paused, 3 new");
  });

  test("searches from the visible line of a filtered log, and opens the editor there", async () => {
    const lines: number[] = [];
    const host = {
      openFile: async (_path: string, line: number) => {
        lines.push(line);
        return undefined;
      },
      suspend: async () => undefined,
    };
    const { run, settle, press } = stageTui(100, 24, { reducedMotion: true, host });
    run.begins(graphOf([graphNode("long", "all")]));
    run.starts("long");
    run.stepStarts("long", 1);
    const rows = Array.from({ length: 400 }, (_, line) => (line % 10 === 0 ? `ten ${line}` : `row ${line}`));
    run.prints("long", 1, rows);
    await settle();
    await press("\t&ten\r");
    await press("gjjjjj");
    await press("e");
    // The first line of the log is the command.
    expect(lines).toEqual([52]);
    expect(await press("/ten\r")).toContain("6 of 40");
  });

  test("passes only text and colours of a job's output on to the terminal", async () => {
    const { run, settle, press, target, screen } = stageTui(80, 24, { reducedMotion: true });
    run.begins(graphOf([graphNode("evil", "all")]));
    run.starts("evil");
    run.stepStarts("evil", 1);
    await settle();
    target.sent = "";
    run.prints("evil", 1, [
      "\u001B[2J\u001B[H\u001B]0;owned\u0007\u001B]52;c;b3duZWQ=\u0007\u001B[?1049l\u001Bc\u009B2J",
      "\u202Ereversed \u2066isolated\u2069 \uE000 \u0007\u0008\u000B",
      "a\rb\u001B[1;1H",
      "世".repeat(100),
    ]);
    await settle();
    await press("w");
    // oxlint-disable-next-line no-control-regex -- styles and sequences are control characters
    expect(target.sent).not.toMatch(/owned|b3duZWQ=|1049l|\u001Bc|\u009B|\u202E|\u2066|\uE000|\u0007/);
    expect(screen.alternate()).toBe(true);
    expect(screen.rows()[0]).toContain("loom");
  });

  test.each([
    ["keeps links of a job's output in the log, and gives none to Ink,", createPalette("ansi16"), true],
    ["keeps no links of a job's output without colours,", createPalette("mono"), false],
  ])("%s where the terminal has links", async (_what, palette, isKept) => {
    const { run, settle, press, target } = stageTui(80, 24, { reducedMotion: true, links: true, palette });
    run.begins(graphOf([graphNode("lint", "all")]));
    run.starts("lint");
    run.stepStarts("lint", 1);
    const address = "https://a.dev/rules/no-x";
    run.prints("lint", 1, [
      `\u001B]8;id=1;${address}\u001B\\${"rule ".repeat(20)}`,
      "\u001B]8;;javascript:x\u0007y",
    ]);
    expect(await settle()).toContain("rule rule");
    const shown = `\u001B]8;;${address}\u0007`;
    expect(target.sent.includes(`${shown}rule rule`)).toBe(isKept);
    expect(target.sent).not.toContain("javascript");
    await press("\tw");
    // oxlint-disable-next-line no-control-regex -- placing the cursor is a control sequence
    for (const row of target.sent.split(/\u001B\[\d+;\d+H/u)) {
      expect(row.split("\u001B]8;;\u0007")).toHaveLength(row.split(shown).length);
    }
    target.sent = "";
    expect(await press("?")).toContain("keys");
    expect(target.sent).not.toContain(address);
  });

  test("keeps the user's selection when another job fails", async () => {
    const { run, press, settle } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    await settle();
    await press("gj");
    failLint(run);
    expect(await settle()).toMatch(/^│▸ {2}✓ install/m);
  });

  test("explains a failure, shows an error in the log and a file, and comes back", async () => {
    const { run, press, shows, documents } = stageTui(100, 30, { reducedMotion: true });
    playHalf(run);
    run.prints("lint", 2, ["src/plan.ts(7,3): error TS2304: Cannot find name 'foo'."]);
    failLint(run);
    documents();
    await press(WITHOUT_CLOCK);
    await press("4");
    const text = await shows("files: ");
    expect(text).toMatch(/▸ packages\/core\/src\/plan\.ts:41:7 +Promises must be awaited +eslint/u);
    expect(text).toMatch(/ {3}src\/plan\.ts:7:3 +Cannot find name 'foo'\. +TS2304/u);
    expect(text).toMatch(/! src\/plan\.ts\(7,3\): error TS2304/u);
    expect(text).toMatch(/blocked 1: ⊘ unit/u);
    const log = await press("j\r");
    expect(log).toMatch(/lint › 02[^]*▌?src\/plan\.ts\(7,3\): error TS2304/u);
    expect(log).toContain("1 of 1");
    expect(await press("\u001B\u001B")).toContain("failure 1 of 1");
    await press("jjjj\r");
    expect(await shows('"failing_job_id": "lint"')).toContain("pipeline/manifest.json");
    expect(await press("\u001B")).toContain("failure 1 of 1");
  });

  test("leads to the log of a failure without a known error, and copies the failure report", async () => {
    const { run, press, shows, documents, target } = stageTui(100, 30, { reducedMotion: true });
    run.begins(graph);
    run.runs("install", 1000);
    run.starts("lint");
    run.stepStarts("lint", 1);
    run.stepEnds("lint", 1);
    run.stepStarts("lint", 2);
    run.prints("lint", 2, ["it went wrong"]);
    failLint(run);
    documents();
    await press("4");
    expect(await shows("files: ")).toContain("no error that is known: Enter shows all that it printed");
    target.sent = "";
    expect(await press("Y")).toContain("asked the terminal to copy the failure report");
    // oxlint-disable-next-line no-control-regex -- the sequence that copies is made of control characters
    const [, copied = ""] = /\u001B\]52;c;([^\u0007]*)\u0007/u.exec(target.sent) ?? [];
    expect(Buffer.from(copied, "base64").toString("utf8")).toContain("it went wrong");
    expect(await press("\r")).toContain("it went wrong");
  });

  test("copies paths and text through the terminal", async () => {
    const { run, press, target, root } = stageTui(100, 30, { reducedMotion: true, root: "/" });
    playHalf(run);
    failLint(run);
    await press("");
    target.sent = "";
    expect(await press("yy")).toContain("asked the terminal to copy /");
    // oxlint-disable-next-line no-control-regex -- styles and sequences are control characters
    const copied = [...target.sent.matchAll(/\u001B\]52;c;([^\u0007]*)\u0007/g)].map(([, text = ""]) =>
      Buffer.from(text, "base64").toString(),
    );
    expect(copied.at(-1)).toBe(join(root, LOGS_DIR, "jobs/lint/user/execution/script/02/events.jsonl"));
    target.sent = "";
    await press("Y");
    // oxlint-disable-next-line no-control-regex -- styles and sequences are control characters
    const [, text = ""] = /\u001B\]52;c;([^\u0007]*)\u0007/.exec(target.sent) ?? [];
    expect(Buffer.from(text, "base64").toString()).toContain("41:7  error  Promises must be awaited");
  });

  test("says which program has copied a text", async () => {
    const copied: string[] = [];
    const host = {
      openFile: () => Promise.resolve(undefined),
      suspend: () => Promise.resolve(),
      copy: (text: string) => {
        copied.push(text);
        return Promise.resolve("wl-copy");
      },
    };
    const { run, press } = stageTui(100, 30, { reducedMotion: true, host });
    playHalf(run);
    failLint(run);
    await press("");
    expect(await press("Y")).toMatch(/copied with wl-copy: \d+ lines/u);
    expect(copied.join("")).toContain("41:7  error");
  });

  test("asks before it cancels, and cancels on Ctrl-C at once", async () => {
    const { run, press, interrupts, tui } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    expect(await press("q")).toContain("still running");
    await press("\u001B");
    expect(interrupts).toHaveLength(0);
    await press("qc");
    expect(interrupts).toHaveLength(1);
    expect(await press("\u0003")).toContain("cancelling");
    expect(interrupts).toHaveLength(2);
    tui.close();
  });

  test("counts down until jobs are killed, and asks before killing them now", async () => {
    const { run, press, settle, interrupts } = stageTui(100, 24, { reducedMotion: true, graceMs: 10_000 });
    playHalf(run);
    await press("qc");
    const stop = { kind: "signal", signal: "SIGINT" };
    run.logs({ kind: "run" }, "warn", "The run is stopped by SIGINT", { stop });
    expect((await settle()).split("\n")[0]).toMatch(/cancelling, kills in 10s$/u);
    run.wait(3000);
    expect((await settle()).split("\n")[0]).toMatch(/cancelling, kills in [78]s$/u);
    expect(await press("q")).toMatch(/kill the run\?[^]*c +kill them now/u);
    expect(interrupts).toHaveLength(1);
    await press("c");
    expect(interrupts).toHaveLength(2);
  });

  test.each([
    [80, 24],
    [40, 10],
    [20, 5],
  ])("shows the keys that answer a question on %ix%i", async (columns, rows) => {
    const { run, press } = stageTui(columns, rows, { reducedMotion: true });
    playHalf(run);
    expect(await press("q")).toMatch(/c +cancel[^]*Esc +keep/u);
    await press("\u001B");
    expect(await press("x")).toMatch(/x +job[^]*c +the whole[^]*Esc +nothing/u);
  });

  test("opens as many stages as fit", async () => {
    const { run, settle, resize } = stageTui(80, 24, { reducedMotion: true });
    const jobs = [1, 2, 3, 4].flatMap((stage) =>
      ["a", "b", "c"].map((name) => graphNode(`${name}${stage}`, `stage ${stage}`)),
    );
    run.begins(graphOf(jobs));
    for (const name of ["a1", "b1", "c1"]) run.runs(name, 1000, []);
    run.starts("a2");
    run.stepStarts("a2", 1);
    expect((await settle()).match(/▾/gu)).toHaveLength(4);
    const lower = await resize(80, 20);
    expect(lower).toMatch(/▸ stage 1[^]*▾ stage 2[^]*▾ stage 3[^]*▾ stage 4/u);
    expect(await resize(80, 15)).toMatch(/▸ stage 1[^]*▾ stage 2[^]*▸ stage [34]/u);
  });

  test("lends the terminal to an editor and takes it back, while the run continues", async () => {
    const opened: string[] = [];
    let done = (): void => undefined;
    const host = {
      openFile: (path: string, line: number) => {
        opened.push(`${path.split("/").at(-1)}:${line} ${existsSync(path)}`);
        return new Promise<undefined>((resolve) => (done = () => resolve(undefined)));
      },
      suspend: () => Promise.resolve(),
    };
    const { run, press, settle, screen, keyboard } = stageTui(80, 24, { reducedMotion: true, host });
    playHalf(run);
    await settle();
    await press("e");
    while (opened.length === 0) await settle();
    expect(opened).toEqual(["lint.log:6 true"]);
    expect([screen.alternate(), keyboard.raw]).toEqual([false, false]);
    failLint(run);
    done();
    const back = await settle();
    expect(screen.alternate()).toBe(true);
    expect(back).toContain("1 failed");
  });

  test("opens the file of the error that the current line reports", async () => {
    const root = mkdtempSync(join(tmpdir(), "loom-e-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    writeFileSync(join(root, "a.ts"), "");
    const opened: string[] = [];
    const host = {
      openFile: (path: string, line: number) => {
        opened.push(`${path}:${line}`);
        return Promise.resolve(undefined);
      },
      suspend: () => Promise.resolve(),
    };
    const { run, press, settle } = stageTui(100, 24, { reducedMotion: true, host, root });
    run.begins(graphOf([graphNode("one", "all")]));
    run.starts("one");
    run.stepStarts("one", 1);
    run.prints("one", 1, ["building", "a.ts:7:1: error: no", "gone.ts:8:1: error: no"]);
    await settle();
    await press("\tg");
    await press("}");
    await press("e");
    while (opened.length === 0) await settle();
    await press("}");
    await press("e");
    while (opened.length === 1) await settle();
    expect(opened[0]).toBe(`${join(root, "a.ts")}:7`);
    expect(opened[1]).toMatch(/one\.log:4$/u);
  });

  test("streams lines from now on instead of the screen, and returns on any key", async () => {
    const { run, press, settle, screen, terminal } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    await settle();
    await press("S");
    expect(screen.alternate()).toBe(false);
    run.prints("typecheck", 1, ["while streaming"]);
    failLint(run);
    expect(terminal.printed).toMatch(/typecheck\s*│ while streaming\n/);
    expect(terminal.printed).toContain("failed    lint");
    expect(terminal.printed).not.toContain("install");
    expect(await press("x")).toContain("1 failed");
    expect(screen.alternate()).toBe(true);
  });

  test("stays in the stream when the run ends there, and prints nothing twice", async () => {
    const { run, tui, press, settle, screen, terminal } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    await settle();
    await press("S");
    run.prints("typecheck", 1, ["while streaming"]);
    failLint(run);
    playRest(run);
    await tui.finish(FAILURE);
    await settle();
    expect(screen.alternate()).toBe(false);
    expect(terminal.printed.split("while streaming")).toHaveLength(2);
    expect(terminal.printed.split("failed    lint")).toHaveLength(2);
    expect(terminal.printed.trimEnd().split("\n").at(-1)).toBe(`receipt: ${RECEIPT_PATH}`);
  });

  test("leaves at once after a success without any keys, and prints the transcript on the normal screen", async () => {
    const { run, tui, settle, terminal, screen, keyboard, clock } = stageTui(80, 24);
    run.begins(graphOf([graphNode("lint", "check")]));
    run.runs("lint", 1000, ["fine"]);
    run.ends("success");
    await settle();
    await tui.finish(SUCCESS);
    await settle();
    expect(screen.alternate()).toBe(false);
    expect(terminal.printed).toContain("success   lint");
    expect(terminal.printed.trimEnd().split("\n").at(-1)).toBe(`receipt: ${RECEIPT_PATH}`);
    expect([keyboard.raw, keyboard.listeners, terminal.listeners, clock.pending]).toEqual([false, 0, 0, 0]);
  });

  test("stays after a failure, in the failure view, until q", async () => {
    const { run, tui, settle, shows, press, terminal, screen } = stageTui(80, 24);
    playFailure(run);
    const finished = tui.finish(FAILURE);
    const text = await shows("failure 1 of 2");
    expect(screen.alternate()).toBe(true);
    expect(text).toContain("lint › 02");
    await press("q");
    await finished;
    await settle();
    expect(screen.alternate()).toBe(false);
    expect(terminal.printed).toContain("failed: lint");
  });

  test.each([true, false])(
    "links the evidence in the transcript and in the zoom, if links are %s",
    async (links) => {
      const { run, tui, root, press, settle, terminal, target, screen } = stageTui(80, 24, { links });
      playHalf(run);
      run.prints("lint", 2, [
        "  events: /etc/passwd",
        "\u001B]8;;file:///etc/passwd\u0007click\u001B]8;;\u0007",
      ]);
      await settle();
      await press("/lint\rl");
      await press("l");
      expect(await press("\r")).toMatch(/^ lint /u);
      failLint(run);
      playRest(run);
      await settle();
      const finished = tui.finish(FAILURE);
      await settle();
      await press("q");
      await finished;
      const [, ...opened] = `${target.sent}${terminal.printed}`.split("\u001B]8;;file://");
      const linked = new Set(opened.map((text) => text.split("\u0007")[0]?.replace(/^[^/]+/u, "")));
      expect(screen.alternate()).toBe(false);
      if (!links) return expect([...linked]).toEqual([]);
      const place = join(root, LOGS_DIR);
      expect(linked).toContain(`${place}/jobs/lint/user/execution/script/02/events.jsonl`);
      expect(linked).toContain(`${place}/pipeline/summary.json`);
      expect(linked).toContain(RECEIPT_PATH);
      expect([...linked].filter((path) => path?.includes("passwd"))).toEqual([]);
      expect(target.sent).toContain("events.jsonl\u0007");
      return undefined;
    },
  );

  test("notifies the desktop at the end of a long run, if that is configured", async () => {
    const { run, tui, settle, target } = stageTui(80, 24, { notify: true, exit: "now" });
    run.begins(graphOf([graphNode("lint", "check")]));
    run.runs("lint", 65_000, ["fine"]);
    run.ends("success");
    await settle();
    await tui.finish(SUCCESS);
    await settle();
    expect(target.sent).toContain("\u001B]9;loom: success: workflow.yml, 1:05\u0007");
    expect(target.sent).toContain("\u001B]777;notify;loom: success;workflow.yml, 1:05\u0007");
  });

  test("offers to rerun failed jobs when the run is over", async () => {
    const { run, tui, press } = stageTui(80, 24);
    playFailure(run);
    const finished = tui.finish(FAILURE);
    expect(await press("r")).toContain("run again?");
    await press("\r");
    await finished;
    expect(tui.rerun).toEqual(["lint", "docs"]);
  });

  test("restores the terminal on close(), once, whatever happens afterwards", async () => {
    const { run, tui, settle, target, screen, keyboard } = stageTui(80, 24);
    playHalf(run);
    await settle();
    tui.close();
    await tui.closed;
    const { writes } = target;
    tui.close();
    failLint(run);
    await settle();
    expect([screen.alternate(), keyboard.raw, target.writes]).toEqual([false, false, writes]);
  });

  test("survives any sequence of sizes", async () => {
    const { run, resize, screen } = stageTui(80, 24, { reducedMotion: true });
    playHalf(run);
    failLint(run);
    for (const [columns, rows] of [
      [1, 1],
      [250, 70],
      [20, 5],
      [19, 30],
      [300, 3],
      [59, 14],
      [60, 15],
      [160, 40],
    ] as const) {
      await resize(columns, rows);
      expect(screen.rows()).toHaveLength(rows);
    }
  });

  test("accepts the streams of a process", () => {
    expectTypeOf<NodeJS.WriteStream>().toExtend<Terminal>();
    expectTypeOf<NodeJS.ReadStream>().toExtend<Keyboard>();
  });
});

describe("openRecordedRun()", () => {
  test("shows a past run in the same views, from its files", async () => {
    const root = await recordFailedRun();
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root });
    const first = await past.shows("41:7");
    expect(first).toMatch(/✗ lint/);
    expect(first).toContain("41:7  error  Promises must be awaited");
    await past.press("A");
    const all = await past.shows("lint ");
    expect(await past.shows("audit")).toContain("all jobs");
    expect(all).toContain("nothing runs");
    await past.press("4");
    await past.shows("files: ");
    expect(await past.press("2")).toContain("├");
    await past.press("5");
    await past.shows("✗ failure");
    await past.press("q");
    expect(await past.left).toBeUndefined();
    expect(past.screen.alternate()).toBe(false);
  });

  test("shows a run without an end as unfinished, never as a success", async () => {
    const { run, root, tui, settle } = stageTui(80, 24);
    playHalf(run);
    await settle();
    tui.close();
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root });
    expect((await past.shows("install")).split("\n")[0]).toMatch(/unfinished\s*$/u);
    await past.press("q");
  });

  test("follows a run of another process to its end", async () => {
    const { run, documents, root, tui, settle } = stageTui(80, 24);
    playHalf(run);
    await settle();
    let alive = true;
    const host = {
      openFile: () => Promise.resolve(undefined),
      suspend: () => Promise.resolve(),
      isAlive: () => alive,
      cancel: (directory: string, job?: string) => {
        asked.push(`${directory === join(root, LOGS_DIR)} ${job}`);
        return Promise.resolve(job === undefined ? undefined : "it does not listen");
      },
    };
    const asked: string[] = [];
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root, host });
    expect((await past.shows("41:7")).split("\n")[0]).toMatch(/2 running .*running$/u);
    failLint(run);
    await settle();
    await past.shows("1 failed");
    expect(await past.press("S")).toContain("only a run of this process can be streamed");
    expect(await past.press("/typecheck\rx")).toMatch(/x +job typecheck: it fails[^]* c +the whole run/u);
    expect(await past.press("x")).toContain("it does not listen");
    expect(await past.press("xc")).toContain("asked the run to end");
    expect(asked).toEqual(["true typecheck", "true undefined"]);
    playRest(run);
    documents();
    await settle();
    alive = false;
    expect((await past.shows("  failure")).split("\n")[0]).toMatch(/9\/9 done .*failure *$/u);
    await past.press("q");
    tui.close();
  });

  test("shows the selected run in each view, and never an empty run", async () => {
    const root = await recordFailedRun();
    const past = stageRecorded(100, 24, { root });
    await past.shows("✗ failure");
    await past.press("2");
    await past.shows("├");
    await past.press("5");
    await past.shows("✗ failure");
    await past.press("4");
    expect(await past.shows("files: ")).toContain("failure 1 of 1");
    await past.press("q");
  });

  test("keeps the filter of the list, and moves through the time view in its order", async () => {
    const root = await recordFailedRun();
    const past = stageRecorded(100, 24, { root });
    await past.shows("✗ failure");
    await past.press("/status:failure\r");
    await past.press("\r");
    await past.shows("41:7");
    await past.press("3s");
    const sorted = await past.shows("by duration");
    const names = [...sorted.matchAll(/^│▸? +[✓✗⊘◌] (\w+)/gmu)].map(([, name]) => name);
    await past.press("g");
    const visited: string[] = [];
    for (let step = 0; step < names.length; step += 1) {
      visited.push(/▸ [✓✗⊘◌] (\w+)/u.exec(await past.settle())?.[1] ?? "");
      await past.press("j");
    }
    expect(visited).toEqual(names);
    expect(await past.press("5")).toContain("status:failure");
    await past.press("\u001Bq");
  });

  test("keeps the run selected when the filter of the list goes", async () => {
    const root = await recordFailedRun();
    const logs = join(root, LOGS_DIR, "..");
    const [first = ""] = readdirSync(logs);
    cpSync(join(logs, first), join(logs, "loom-run-local-1772865700000000000"), { recursive: true });
    const past = stageRecorded(100, 24, { root });
    await past.shows("✗ failure");
    const oldest = /loom-run-local-\d+/.exec(await past.press("j"))?.[0] ?? "";
    await past.press("g");
    expect(await past.press(`/${oldest}\r`)).toContain(oldest);
    expect(await past.press("\u001B")).toContain(oldest);
    await past.press("q");
  });

  test("compares a run with the one before it, and leaves to rerun a job", async () => {
    const root = await recordFailedRun();
    const logs = join(root, LOGS_DIR, "..");
    const [first = ""] = readdirSync(logs);
    const later = "loom-run-local-1772865700000000000";
    cpSync(join(logs, first), join(logs, later), { recursive: true });
    const jobs: string[] = [];
    const past = stageRecorded(100, 24, { root, onRerun: (asked) => void jobs.push(...asked) });
    await past.shows("✗ failure");
    await past.press("d");
    expect(await past.shows("what differs")).toMatch(/no job differs[^]*Esc closes/u);
    expect(await past.press("q")).not.toContain("what differs");
    expect(await past.press("jd")).toContain("there is no run before it");
    await past.press("\r");
    await past.shows("41:7");
    expect(await past.press("r")).toContain("Job: lint");
    await past.press("\r");
    await past.left;
    expect(jobs).toEqual(["lint"]);
  });

  test("moves the time axis with the bars", async () => {
    const root = await recordFailedRun();
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root });
    await past.shows("41:7");
    await past.press("3");
    expect(await past.shows("not run")).toMatch(/ 0:00 .* 0:10 /u);
    for (const key of ["+", "+", "l", "l"]) await past.press(key);
    const scale = (await past.shows("zoom 4x")).split("\n")[2];
    expect(scale).toMatch(/^│ +0:06 +0:08 +0:10 +0:12 +0:14 +0:16 +│$/u);
    await past.press("q");
  });

  test("says why a run cannot be shown", async () => {
    const past = stageRecorded(80, 24, { run: "/nowhere/at/all" });
    expect(await past.left).toContain("/nowhere/at/all");
  });
});
