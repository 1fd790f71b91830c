import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunRecorder, type RunRecorder } from "@loom/artifacts";
import { epochMs, runIdentity } from "@loom/core";
import { onTestFinished } from "vitest";
import { openRecordedRun, startTui } from "../src/start-tui.ts";
import type { RecordedOptions, Tui, TuiOptions } from "../src/tui-options.ts";
import type { FrameTarget } from "../src/terminal/frame-target.ts";
import { FAILING_OUTCOME, FakeClock, LOGS_DIR, ScriptedRun } from "@loom/testkit";
import { FakeKeyboard, FakeTerminal } from "./fake-terminal.ts";
import { openScreen, type XtermScreen } from "./xterm-screen.ts";

/** A target that writes to a terminal emulator. */
export class ScreenTarget implements FrameTarget {
  readonly screen: XtermScreen;
  writes = 0;
  bytes = 0;
  /** While true, a write does not complete until `release` is called. */
  stalled = false;
  /** Everything that was sent, in order. */
  sent = "";
  #waiting: ((gone: boolean) => void) | undefined;

  constructor(screen: XtermScreen) {
    this.screen = screen;
  }

  write(text: string, done: (gone: boolean) => void): void {
    this.writes += 1;
    this.bytes += text.length;
    this.sent += text;
    void this.screen.write(text);
    if (this.stalled) this.#waiting = done;
    else queueMicrotask(() => done(false));
  }

  writeNow(text: string): void {
    this.sent += text;
    void this.screen.write(text);
  }

  /** Completes the write that is held back. */
  release(): void {
    this.stalled = false;
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.(false);
  }
}

/** A run that shares its clock with the screen. */
class TimedRun extends ScriptedRun {
  readonly #clock: FakeClock;
  readonly #recorder: RunRecorder;

  constructor(clock: FakeClock, recorder: RunRecorder, tui: Tui) {
    super(recorder, tui);
    this.#clock = clock;
    this.#recorder = recorder;
  }

  override wait(durationMs: number): void {
    super.wait(durationMs);
    this.#recorder.flush();
    this.#clock.advance(durationMs);
  }
}

/** A screen with a run, whose files are real. */
export interface TuiStage {
  readonly terminal: FakeTerminal;
  readonly target: ScreenTarget;
  readonly screen: XtermScreen;
  readonly keyboard: FakeKeyboard;
  readonly clock: FakeClock;
  readonly tui: Tui;
  readonly run: ScriptedRun;
  readonly root: string;
  readonly interrupts: number[];
  /** Waits until everything due is drawn and written. @returns The text on the screen. */
  readonly settle: () => Promise<string>;
  /** Presses keys, then settles. */
  readonly press: (keys: string) => Promise<string>;
  /** Settles until the screen shows a text, such as from files that have to be read. */
  readonly shows: (text: string) => Promise<string>;
  /** Resizes the terminal, then settles. */
  readonly resize: (columns: number, rows: number) => Promise<string>;
  /** Writes the documents at the end of the run. */
  readonly documents: () => void;
}

const START_MS = Date.UTC(2026, 2, 7, 6, 40);

/** Starts a screen for a live run. */
export function stageTui(columns: number, rows: number, more: Partial<TuiOptions> = {}): TuiStage {
  const root = temporaryFolder();
  const directory = join(root, LOGS_DIR);
  mkdirSync(directory, { recursive: true });
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity: runIdentity(1_772_865_600_000_000_000n),
    onFault: (error) => {
      throw new Error(error.message);
    },
  });
  onTestFinished(() => recorder.close());
  const parts = terminalParts(columns, rows);
  const { clock } = parts;
  const interrupts: number[] = [];
  const tui = startTui({
    stdout: parts.terminal,
    stdin: parts.keyboard,
    target: parts.target,
    clock,
    heading: { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR, workers: 2 },
    onInterrupt: () => void interrupts.push(clock.now()),
    runDirectory: directory,
    receiptPath: join(root, ".loom/.runtime/receipts/run.json"),
    ...more,
  });
  onTestFinished(() => tui.close());
  const run = new TimedRun(clock, recorder, tui);
  const settle = async (): Promise<string> => {
    await turns();
    run.wait(120);
    await turns();
    run.wait(120);
    await turns();
    await parts.screen.write("");
    return parts.screen.rows().join("\n");
  };
  return {
    ...parts,
    tui,
    run,
    root,
    interrupts,
    settle,
    press: async (keys) => {
      parts.keyboard.press(keys);
      return settle();
    },
    shows: (text) => until(settle, text),
    resize: async (newColumns, newRows) => {
      parts.screen.resize(newColumns, newRows);
      parts.terminal.resize(newColumns, newRows);
      return settle();
    },
    documents: () => {
      const written = recorder.finalDocuments({
        finishedAtMs: epochMs(clock.now()),
        outcome: FAILING_OUTCOME,
        phaseReport: { status: "valid", document: { status: "valid" } },
      });
      if (!written.ok) throw new Error(written.error.message);
    },
  };
}

/** Opens a recorded run on a screen of its own. */
export function stageRecorded(
  columns: number,
  rows: number,
  more: Pick<RecordedOptions, "run" | "root" | "host" | "onRerun">,
): Omit<TuiStage, "tui" | "run" | "root" | "interrupts" | "documents" | "resize"> & {
  readonly left: Promise<string | undefined>;
} {
  const parts = terminalParts(columns, rows);
  const left = openRecordedRun({
    stdout: parts.terminal,
    stdin: parts.keyboard,
    target: parts.target,
    clock: parts.clock,
    ...more,
  });
  const settle = async (): Promise<string> => {
    for (let turn = 0; turn < 6; turn += 1) {
      await turns();
      parts.clock.advance(120);
    }
    await turns();
    await parts.screen.write("");
    return parts.screen.rows().join("\n");
  };
  return {
    ...parts,
    left,
    settle,
    press: async (keys) => {
      parts.keyboard.press(keys);
      return settle();
    },
    shows: (text) => until(settle, text),
  };
}

async function until(settle: () => Promise<string>, text: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const shown = await settle();
    if (shown.includes(text)) return shown;
    if (tries > 200) throw new Error(`The screen never showed ${text}:\n${shown}`);
  }
}

/** Waits for enough turns of the event loop to read the small files of a test. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function terminalParts(
  columns: number,
  rows: number,
): Pick<TuiStage, "terminal" | "target" | "screen" | "keyboard" | "clock"> {
  const screen = openScreen(columns, rows);
  return {
    screen,
    terminal: new FakeTerminal(columns, rows),
    target: new ScreenTarget(screen),
    keyboard: new FakeKeyboard(),
    clock: new FakeClock(START_MS),
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "loom-tui-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
