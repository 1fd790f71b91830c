import { PassThrough } from "node:stream";
import type { StreamRef } from "@loom/core";
import type { Clock, LifecycleRecord, LineBatch } from "@loom/ports";
import { render, type Instance } from "ink";
import { closingLines } from "../report/closing-lines.ts";
import { endedJobLine, nameColumn } from "../report/job-lines.ts";
import type { Reporter, RunEnd, RunHeading } from "../report/reporter.ts";
import { textStyle, type TextStyle } from "../report/text-style.ts";
import { createPalette, type Palette } from "../text/palette.ts";
import { ViewModel } from "../view/view-model.ts";
import { RunScreen } from "./components/run-screen.tsx";
import { FrameSink } from "./terminal/frame-sink.ts";
import { decodeKeys, type KeyCommand } from "./keys.ts";
import { Screen } from "./screen.ts";
import { screenLayout, type ScreenLayout } from "./screen-layout.ts";
import { afterKey, UNTOUCHED, type ScreenState } from "./screen-state.ts";
import { sizeOf, type Keyboard, type Terminal } from "./terminal/terminal.ts";

/**
 * Least time between two renders, whatever happens.
 *
 * Unit: milliseconds. Source: tui part 9, at most 10 Ink renders a second; one
 * costs about 25 ms of CPU on a screen of 200×60.
 */
export const RENDER_INTERVAL_MS = 100;

/** How often the times on the screen move on. Unit: milliseconds; they show whole seconds. */
const CLOCK_INTERVAL_MS = 1000;

/** How often the spinner turns. Unit: milliseconds. It repaints cells and renders nothing. */
const SPINNER_INTERVAL_MS = 120;

/** What the screen needs from the program. */
export interface TuiOptions {
  readonly stdout: Terminal;
  readonly stdin: Keyboard;
  readonly clock: Clock;
  readonly heading: RunHeading;
  /** Called for each Ctrl-C: in raw mode the terminal sends no signal. */
  readonly onInterrupt: () => void;
  /** Default: no colours. */
  readonly palette?: Palette;
  /** Whether signs beyond ASCII are avoided. Default false. */
  readonly ascii?: boolean;
  /** Whether nothing moves but the clock. Default false. */
  readonly reducedMotion?: boolean;
}

/** A run on the screen of a terminal. */
export interface Tui extends Reporter {
  /**
   * Gives the terminal back. Synchronous and callable from any exit path; once
   * it was called, again does nothing. `finish` does it too.
   */
  close(): void;
  /** Resolves when the terminal has been given back. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * Takes the terminal and shows a run on it until `finish` or `close`.
 *
 * The screen is the alternate one. What stays in the scrollback is what
 * `finish` prints: a line for every job that ended, the failures, the summary,
 * the files that lead to the cause, the receipt.
 */
export function startTui(options: TuiOptions): Tui {
  return new RunTui(options);
}

class RunTui implements Tui {
  readonly closed: Promise<void>;
  readonly #options: TuiOptions;
  readonly #style: TextStyle;
  readonly #model = new ViewModel();
  readonly #screen: Screen;
  readonly #sink: FrameSink;
  readonly #ink: Instance;
  readonly #timers = new Map<"render" | "clock" | "spinner", () => void>();
  readonly #resolveClosed: () => void;
  #state: ScreenState = UNTOUCHED;
  #layout: ScreenLayout;
  #lastRenderMs = Number.NEGATIVE_INFINITY;
  #turn = 0;
  #isClosed = false;

  constructor(options: TuiOptions) {
    const { promise, resolve } = withResolvers();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#options = options;
    this.#style = textStyle(options.palette ?? createPalette("none"), options.ascii ?? false);
    this.#screen = new Screen(options.stdout);
    this.#screen.spin(this.#style.glyphs.running);
    this.#screen.enter();
    this.#sink = new FrameSink(sizeOf(options.stdout), (rows) => this.#screen.show(rows));
    this.#layout = this.#nextLayout();
    this.#ink = this.#startInk();
    options.stdin.setRawMode(true);
    options.stdin.on("data", this.#onData);
    options.stdin.resume();
    options.stdout.on("resize", this.#onResize);
    this.#tick();
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const before = this.#model.version;
    this.#model.record(stream, record);
    if (this.#model.version === before) return;
    this.#scheduleRender();
    this.#scheduleSpin();
  }

  lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
  }

  flush(): void {}

  finish(end: RunEnd): void {
    this.close();
    const view = this.#model.view();
    const jobs = new Map(view.jobs.map((job) => [job.jobId, job]));
    const nameWidth = nameColumn(view.jobs);
    const transcript: string[] = [];
    for (const id of view.endedIds) {
      const job = jobs.get(id);
      if (job === undefined || (job.status === "skipped" && job.reason === "not_selected")) continue;
      transcript.push(endedJobLine(this.#style, job, nameWidth) ?? "");
    }
    transcript.push(...closingLines(this.#style, view, end));
    this.#options.stdout.write(transcript.map((line) => `${line}\n`).join(""));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    const { stdin, stdout } = this.#options;
    // First of all: the rest may fail when the terminal has gone.
    this.#screen.leave(this.#resolveClosed);
    stdout.off("resize", this.#onResize);
    stdin.off("data", this.#onData);
    stdin.setRawMode(false);
    stdin.pause();
    this.#ink.unmount();
  }

  #startInk(): Instance {
    const ink = render(this.#frame(), {
      // Ink asks its streams for these few things only; the terminal itself stays out of its reach.
      stdout: this.#sink as unknown as NodeJS.WriteStream,
      stderr: this.#sink as unknown as NodeJS.WriteStream,
      stdin: new PassThrough() as unknown as NodeJS.ReadStream,
      debug: true,
      interactive: false,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    });
    this.#lastRenderMs = this.#options.clock.now();
    ink.waitUntilExit().catch((error: unknown) => this.#giveUp(error));
    return ink;
  }

  /** A screen that fails must not take the run with it. */
  #giveUp(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.stdout.write(`the screen failed (${String(error)}), the run goes on\n`);
  }

  #nextLayout(): ScreenLayout {
    return screenLayout(this.#model.view(), sizeOf(this.#options.stdout), this.#state);
  }

  #frame(): React.ReactElement {
    const { clock, heading, stdout } = this.#options;
    return (
      <RunScreen
        view={this.#model.view()}
        layout={this.#layout}
        state={this.#state}
        size={sizeOf(stdout)}
        style={this.#style}
        workflowPath={heading.workflowPath}
        nowMs={clock.now()}
      />
    );
  }

  #render(): void {
    this.#lastRenderMs = this.#options.clock.now();
    this.#layout = this.#nextLayout();
    this.#ink.rerender(this.#frame());
  }

  /** Never renders at once: a sink is called in the midst of the run's own work. */
  #scheduleRender(): void {
    const waited = this.#options.clock.now() - this.#lastRenderMs;
    this.#after("render", Math.max(0, RENDER_INTERVAL_MS - waited), () => this.#render());
  }

  #scheduleSpin(): void {
    if (this.#options.reducedMotion === true || this.#model.counts.running === 0) return;
    this.#after("spinner", SPINNER_INTERVAL_MS, () => {
      const { spinner, running } = this.#style.glyphs;
      this.#turn += 1;
      this.#screen.spin(spinner[this.#turn % spinner.length] ?? running);
      this.#scheduleSpin();
    });
  }

  #tick(): void {
    this.#after("clock", CLOCK_INTERVAL_MS, () => {
      this.#scheduleRender();
      this.#tick();
    });
  }

  #after(name: "render" | "clock" | "spinner", delayMs: number, work: () => void): void {
    if (this.#isClosed || this.#timers.has(name)) return;
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(name);
      if (!this.#isClosed) work();
    });
    this.#timers.set(name, cancel);
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    const text = typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    for (const command of decodeKeys(text)) this.#obey(command);
  };

  #obey(command: KeyCommand): void {
    if (command === "repaint") this.#screen.forget();
    this.#state = afterKey(this.#state, command, this.#layout.list, this.#layout.listHeight);
    this.#layout = this.#nextLayout();
    this.#scheduleRender();
    if (command === "interrupt") this.#options.onInterrupt();
  }

  readonly #onResize = (): void => {
    const { columns, rows } = sizeOf(this.#options.stdout);
    this.#sink.columns = columns;
    this.#sink.rows = rows;
    this.#screen.forget();
    this.#scheduleRender();
  };
}

/** `Promise.withResolvers` of ES2024. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
