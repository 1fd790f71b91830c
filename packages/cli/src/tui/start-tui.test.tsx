import { describe, expect, expectTypeOf, test } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { FakeKeyboard, FakeTerminal } from "../../test/fake-terminal.ts";
import { FAILING_GRAPH, FAILING_OUTCOME, playFailure } from "../../test/scripted-failure.ts";
import { graphOfNodes, LOGS_DIR, node, RECEIPT_PATH, ScriptedRun } from "../../test/scripted-run.ts";
import type { RunEnd } from "../report/reporter.ts";
import { RENDER_INTERVAL_MS, startTui, type Tui, type TuiOptions } from "./start-tui.tsx";
import type { Keyboard, Terminal } from "./terminal/terminal.ts";

const FAILURE: RunEnd = { outcome: FAILING_OUTCOME, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR };

/** A run whose clock is that of the screen, so that both stand at the same moment. */
class TimedRun extends ScriptedRun {
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, tui: Tui) {
    super(tui);
    this.#clock = clock;
  }

  override wait(durationMs: number): void {
    super.wait(durationMs);
    this.#clock.advance(durationMs);
  }
}

interface Stage {
  readonly terminal: FakeTerminal;
  readonly keyboard: FakeKeyboard;
  readonly clock: FakeClock;
  readonly tui: Tui;
  readonly run: TimedRun;
  readonly interrupts: number[];
  /** Lets what is due be drawn, and every write leave. */
  readonly settle: () => Promise<void>;
}

function stage(columns: number, rows: number, more: Partial<TuiOptions> = {}): Stage {
  const terminal = new FakeTerminal(columns, rows);
  const keyboard = new FakeKeyboard();
  const clock = new FakeClock(Date.UTC(2026, 2, 7, 6, 40));
  const interrupts: number[] = [];
  const tui = startTui({
    stdout: terminal,
    stdin: keyboard,
    clock,
    heading: { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR },
    onInterrupt: () => void interrupts.push(clock.now()),
    ...more,
  });
  const run = new TimedRun(clock, tui);
  const settle = async (): Promise<void> => {
    await Promise.resolve();
    run.wait(RENDER_INTERVAL_MS);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { terminal, keyboard, clock, tui, run, interrupts, settle };
}

function playHalf(run: ScriptedRun): void {
  run.begins(FAILING_GRAPH);
  run.runs("install", 21_000);
  run.starts("lint");
  run.starts("typecheck");
  run.stepStarts("lint", 2);
  run.stepStarts("typecheck", 1);
  run.prints("lint", 2, [
    "\u001B[2Jpackages/core/src/plan.ts",
    "  41:7  error  Promises must be awaited",
    "✗ 世界 3 problems",
  ]);
  run.wait(19_000);
  run.stepEnds("lint", 2, { exitCode: 1 });
  run.executionEnds("lint", { exitCode: 1 });
  run.settles("lint", "failed", "exit_code");
  run.skips("unit", "stage_blocked", ["lint"]);
}

describe("startTui()", () => {
  test.each([
    [80, 24],
    [40, 24],
    [120, 30],
    [80, 12],
    [30, 6],
    [19, 4],
  ])("shows stages, jobs, times and the failing job's last lines on %i×%i", async (columns, rows) => {
    const { terminal, tui, run, settle } = stage(columns, rows);
    playHalf(run);
    await settle();
    expect(terminal.text).toMatchSnapshot();
    expect(terminal.grid.length).toBeLessThanOrEqual(rows);
    tui.close();
  });

  test("draws Unicode and ASCII in the same places, ASCII with nothing else", async () => {
    const { terminal, tui, run, settle } = stage(60, 14, { ascii: true });
    run.begins(graphOfNodes([node("lint", "check"), node("unit", "test")]));
    run.runs("lint", 1000, ["no good"], { exitCode: 2 });
    run.skips("unit", "stage_blocked", ["lint"]);
    await settle();
    expect(terminal.text).toMatch(/^[\n -~]*$/);
    tui.close();
  });

  test("renders nothing but the clock while output floods in, and at most ten frames a second of changes", async () => {
    const { terminal, tui, run, clock, settle } = stage(80, 24, { reducedMotion: true });
    run.begins(graphOfNodes(Array.from({ length: 300 }, (_, index) => node(`job-${index}`, "all"))));
    run.starts("job-0");
    run.stepStarts("job-0", 1);
    await settle();
    const before = terminal.writes;
    for (let line = 0; line < 50; line += 1) {
      run.prints("job-0", 1, ["noise"]);
      clock.advance(10);
      await Promise.resolve();
    }
    expect(terminal.writes - before).toBeLessThanOrEqual(1);
    const flooded = terminal.writes;
    for (let index = 1; index < 101; index += 1) {
      run.runs(`job-${index}`, 10);
      await Promise.resolve();
    }
    expect(terminal.writes - flooded).toBeLessThanOrEqual(11);
    tui.close();
  });

  test("turns the spinner between two renders", async () => {
    const { terminal, tui, run, clock, settle } = stage(80, 24);
    run.begins(graphOfNodes([node("lint", "check")]));
    run.starts("lint");
    await settle();
    const seen = new Set<string>();
    for (let turn = 0; turn < 5; turn += 1) {
      clock.advance(120);
      await Promise.resolve();
      seen.add(
        terminal.grid
          .find((row) => row.includes("lint"))
          ?.trim()
          .charAt(0) ?? "",
      );
    }
    expect([...seen]).toMatchInlineSnapshot(`
      [
        "⠙",
        "⠹",
        "⠸",
        "⠼",
        "⠴",
      ]
    `);
    tui.close();
  });

  test("drops frames while the terminal does not read, and then shows the latest", async () => {
    const { terminal, tui, run, settle } = stage(80, 24);
    run.begins(graphOfNodes([node("one", "s"), node("two", "s")]));
    await settle();
    terminal.stalled = true;
    run.runs("one", 1000);
    await settle();
    const stalledAt = terminal.writes;
    run.runs("two", 5000);
    await settle();
    expect(terminal.writes).toBe(stalledAt);
    terminal.release();
    await settle();
    expect(terminal.text).toContain("2/2 done");
    tui.close();
  });

  test("follows the jobs at work in a long list until someone scrolls, and again after f", async () => {
    const { terminal, keyboard, tui, run, settle } = stage(60, 12);
    run.begins(graphOfNodes(Array.from({ length: 100 }, (_, index) => node(`job-${index}`, "all"))));
    run.starts("job-50");
    await settle();
    expect(terminal.text).toContain("job-50");
    keyboard.press("gjj");
    await settle();
    expect(terminal.text).toContain("3-11 of 101");
    run.starts("job-90");
    await settle();
    expect(terminal.text).not.toContain("job-50");
    keyboard.press("f");
    await settle();
    expect(terminal.text).toContain("job-50");
    keyboard.press("G");
    await settle();
    expect(terminal.text).toContain("93-101 of 101");
    tui.close();
  });

  test("hands every Ctrl-C on, also those in one chunk, and says what the next one does", async () => {
    const { terminal, keyboard, tui, run, interrupts, settle } = stage(60, 12);
    run.begins(graphOfNodes([node("a", "s")]));
    keyboard.press("\u0003");
    await settle();
    expect(terminal.text).toContain("Ctrl-C again to kill");
    keyboard.press("j\u0003\u0003");
    expect(interrupts).toHaveLength(3);
    tui.close();
  });

  test("lays the screen out anew when its size changes", async () => {
    const { terminal, tui, run, settle } = stage(80, 24);
    playHalf(run);
    await settle();
    terminal.resize(40, 10);
    await settle();
    expect(terminal.grid.length).toBeLessThanOrEqual(10);
    expect(terminal.grid[0]).toContain("0:40");
    tui.close();
  });

  test("writes the whole screen again on Ctrl-L", async () => {
    const { terminal, keyboard, tui, run, settle } = stage(60, 12);
    run.begins(graphOfNodes([node("a", "s")]));
    await settle();
    const { text } = terminal;
    terminal.grid = ["garbage of another program"];
    keyboard.press("\f");
    await settle();
    expect(terminal.text).toBe(text);
    tui.close();
  });

  test("leaves the transcript of what ended in the scrollback, and the terminal as it was", async () => {
    const { terminal, keyboard, clock, tui, run } = stage(80, 24);
    playFailure(run);
    tui.finish(FAILURE);
    await tui.closed;
    expect(terminal.scrollback).toMatchInlineSnapshot(`
      "success   install      0:21
      success   format       400ms
      failed    lint         0:19  step 02 exit 1
      success   typecheck    0:41
      blocked   unit         by lint
      blocked   integration  by lint
      success   audit        0:01
      failed    docs         0:02  step 01 SIGSEGV (allowed)
      blocked   image        by lint

      failed: lint › 02 pnpm lint (exit 1)
        packages/core/src/plan.ts
          41:7  error  Promises must be awaited  no-floating-promises
          88:1  error  'n' is never reassigned  prefer-const
        ✗ 3 problems
        events: .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl

      failure  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24
      summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
      manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
      job:      .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/manifest.json
      events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
    expect([...terminal.modes]).toEqual([
      ["1049", false],
      ["25", true],
      ["7", true],
      ["2026", false],
    ]);
    expect([keyboard.raw, keyboard.flowing, keyboard.listeners, terminal.listeners, clock.waiting]).toEqual([
      false,
      false,
      0,
      0,
      0,
    ]);
  });

  test("gives the terminal back once, and takes records after that without a word", async () => {
    const { terminal, tui, run } = stage(80, 24);
    run.begins(graphOfNodes([node("a", "s")]));
    tui.close();
    const { writes } = terminal;
    tui.close();
    run.runs("a", 5000);
    await tui.closed;
    expect(terminal.writes).toBe(writes);
    tui.finish({ ...FAILURE, outcome: { status: "success", exitCode: 0, failedJobIds: [] } });
    expect(terminal.scrollback).toContain(`receipt: ${RECEIPT_PATH}\n`);
  });

  test("takes the streams of a process", () => {
    expectTypeOf<NodeJS.WriteStream>().toExtend<Terminal>();
    expectTypeOf<NodeJS.ReadStream>().toExtend<Keyboard>();
  });
});
