import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FAILING_GRAPH, FAILING_OUTCOME, LOGS_DIR, RECEIPT_PATH, type ScriptedRun } from "@loom/testkit";
import { stageRecorded, stageTui, type TuiStage } from "../test/tui-stage.ts";
import { LiveScreen } from "./screen/live-screen.ts";
import type { TuiHost } from "./tui-host.ts";

const HOLD_MS = 30 * 60_000;

/** Longer than a dialog that opened by itself takes no key. */
const SEEN_MS = 600;

function failsAndIsHeld(run: ScriptedRun, id: string, lines: readonly string[] = []): void {
  run.starts(id);
  run.stepStarts(id, 1);
  if (lines.length > 0) run.prints(id, 1, lines);
  run.stepEnds(id, 1, { exitCode: 3 });
  run.logs({ kind: "run" }, "warn", "Held", { job_paused: id, step: 1, timeout_ms: HOLD_MS });
}

function goesOn(run: ScriptedRun, id: string): void {
  run.logs({ kind: "run" }, "info", "Goes on", { resume_job: id, how: "retry_step" });
}

const PRINTED = [
  ...Array.from({ length: 30 }, (_, index) => `looking at file ${index}`),
  "src/plan.ts:41:7: error: promises must be awaited",
  "\u001B[2J1 problem",
];

/** A run of which lint is held. */
function stageHeld(columns: number, rows: number, more: Parameters<typeof stageTui>[2] = {}): TuiStage {
  const stage = stageTui(columns, rows, { reducedMotion: true, ...more });
  stage.run.begins(FAILING_GRAPH);
  stage.run.runs("install", 10);
  failsAndIsHeld(stage.run, "lint", PRINTED);
  return stage;
}

interface FakeHost extends TuiHost {
  readonly asked: string[];
  /** Ends the shell that was opened last. */
  done(): void;
}

function fakeHost(): FakeHost {
  const asked: string[] = [];
  let done = (): void => undefined;
  return {
    asked,
    done: () => done(),
    openFile: () => Promise.resolve(undefined),
    suspend: () => Promise.resolve(),
    isAlive: () => true,
    resume: (_directory, job, how) => {
      asked.push(`${how} ${job}`);
      return Promise.resolve(how === "continue" ? "the run does not answer" : undefined);
    },
    openShell: (directory, job) => {
      asked.push(`shell ${job} ${existsSync(directory)}`);
      return new Promise((resolve) => (done = () => resolve("it is over")));
    },
  };
}

describe("a job that is held", () => {
  test.each([
    [80, 24, false],
    [120, 40, false],
    [50, 12, false],
    [20, 5, false],
    [80, 24, true],
  ])("opens a dialog on %i×%i (ASCII: %s)", async (columns, rows, ascii) => {
    const { press, run } = stageHeld(columns, rows, { ascii });
    // The time of day in the log depends on the time zone.
    await press("\u001B");
    run.wait(SEEN_MS);
    await press("\u001B");
    await press("t");
    const text = await press("u");
    expect(text).toMatchSnapshot();
    // oxlint-disable-next-line no-control-regex -- the characters of ASCII
    if (ascii) expect(text).toMatch(/^[\u0000-\u007F]*$/);
  });

  test("is seen in its row, in the header and in the status line while nobody answers", async () => {
    const { settle, press, run, terminal } = stageHeld(120, 24);
    const asked = await settle();
    expect(asked).toMatch(/held: lint[^]*exit 3[^]*! src\/plan\.ts:41:7[^]*It fails by itself in 29:5/u);
    run.wait(SEEN_MS);
    const text = await press("\u001B");
    expect(text).not.toContain("held: lint");
    expect(text).toMatch(/^ loom .*1 held/u);
    expect(text).not.toContain("1 running");
    expect(text).toMatch(/◫ lint +held/u);
    expect(text).toMatch(/◫ lint {2}held.*u how it goes on/u);
    // What a pipe is told would be over the screen.
    expect(terminal.printed).not.toContain("loom ctl");
    expect(await press("q")).toMatch(/1 job is held after a failure: lint/u);
  });

  test("takes no key until the dialog can have been seen", async () => {
    const host = fakeHost();
    const { settle, press, run, keyboard } = stageHeld(80, 24, { host });
    await settle();
    keyboard.press("r");
    keyboard.press("f");
    expect(await settle()).toContain("held: lint");
    expect(host.asked).toEqual([]);
    run.wait(SEEN_MS);
    expect(await press("r")).toContain("the step of lint runs again");
    expect(host.asked).toEqual(["retry_step lint"]);
  });

  test("fails as it did, cancels the run, or is left alone", async () => {
    const host = fakeHost();
    const { settle, press, run, interrupts } = stageHeld(80, 24, { host });
    await settle();
    run.wait(SEEN_MS);
    expect(await press("f")).toContain("the run does not answer");
    expect(await press("u")).toContain("held: lint");
    expect(await press("\u001B")).not.toContain("held: lint");
    await press("uc");
    expect(interrupts).toHaveLength(1);
    expect(host.asked).toEqual(["continue lint"]);
  });

  test("waits while something else is asked or typed, and comes after another one", async () => {
    const { settle, press, run } = stageTui(80, 24, { reducedMotion: true });
    run.begins(FAILING_GRAPH);
    run.runs("install", 10);
    await press("?");
    failsAndIsHeld(run, "lint");
    expect(await settle()).toContain("keys: tree");
    await press("\u001B");
    expect(await settle()).toMatch(/held: lint[^]*it printed nothing/u);
    run.wait(SEEN_MS);
    await press("\u001B/");
    failsAndIsHeld(run, "typecheck");
    failsAndIsHeld(run, "format");
    expect(await press("for")).toContain("job: for");
    await press("\r");
    expect(await settle()).toContain("held: format");
    run.wait(SEEN_MS);
    await press("\u001B");
    expect(await settle()).toContain("held: typecheck");
    run.wait(SEEN_MS);
    const text = await press("\u001B");
    expect(text).toContain("3 held");
    // The selected one, of several.
    expect(await press("u")).toContain("held: format");
  });

  test("is asked for no more when something else has said how it goes on", async () => {
    const { settle, press, run } = stageHeld(80, 24);
    expect(await settle()).toContain("held: lint");
    goesOn(run, "lint");
    expect(await settle()).not.toContain("held: lint");
    expect(await press("u")).toContain("no job is held");
  });

  test("lends the terminal to one shell, and asks again after it", async () => {
    const host = fakeHost();
    const { settle, run, screen, keyboard, press, interrupts } = stageHeld(80, 24, { host });
    await settle();
    run.wait(SEEN_MS);
    await press("ss");
    while (host.asked.length === 0) await settle();
    expect([screen.alternate(), keyboard.raw]).toEqual([false, false]);
    failsAndIsHeld(run, "typecheck");
    await settle();
    host.done();
    const text = await settle();
    expect(screen.alternate()).toBe(true);
    expect(text).toMatch(/2 held[^]*held: lint/u);
    expect(text).toContain("it is over");
    expect(host.asked).toEqual(["shell lint true"]);
    expect(interrupts).toEqual([]);
  });

  test("keeps the screen of a run that ends until the shell has ended, too", async () => {
    const host = fakeHost();
    const { settle, run, press, tui, terminal } = stageHeld(80, 24, { host, exit: "now" });
    await settle();
    run.wait(SEEN_MS);
    await press("s");
    while (host.asked.length === 0) await settle();
    const finished = tui.finish({ outcome: FAILING_OUTCOME, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR });
    await settle();
    expect(terminal.printed).not.toContain("receipt");
    host.done();
    await settle();
    await finished;
    expect(terminal.printed).toContain("receipt");
  });

  test("is told of while another run is visible", async () => {
    const { settle, run, press, tui, root } = stageHeld(80, 24);
    await settle();
    run.wait(SEEN_MS);
    await press("\u001B");
    if (!(tui instanceof LiveScreen)) expect.fail("another screen");
    await tui.show(join(root, LOGS_DIR));
    failsAndIsHeld(run, "typecheck");
    expect(await settle()).toContain("a job of the run under way is held: Esc goes back to it");
    await press("\u001B");
    expect(await settle()).toContain("held: typecheck");
  });

  test("is answered from the screen of another process", async () => {
    const { run, root, settle, press: leave } = stageHeld(80, 24);
    await settle();
    run.wait(SEEN_MS);
    await leave("\u001B");
    const host = fakeHost();
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root, host });
    await past.shows("held: lint");
    past.clock.advance(SEEN_MS);
    expect(await past.press("r")).toContain("the step of lint runs again");
    expect(host.asked).toEqual(["retry_step lint"]);
    goesOn(run, "lint");
    await settle();
    await past.shows("1 running");
    await past.press("q");
  });

  test("is not asked for in a run that is over", async () => {
    const { run, root, settle } = stageHeld(80, 24);
    await settle();
    run.wait(SEEN_MS);
    const host = { ...fakeHost(), isAlive: () => false };
    const past = stageRecorded(100, 24, { run: join(root, LOGS_DIR), root, host });
    expect(await past.shows("unfinished")).not.toContain("held: lint");
    expect(await past.press("u")).toContain("nothing is running");
    await past.press("q");
  });
});
