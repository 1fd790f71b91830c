import { rmSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { PassThrough } from "node:stream";
import { unreachable, type JobId, type StreamRef } from "@loom/core";
import type { Clock, LifecycleRecord, LineBatch, Reporter, RunEnd } from "@loom/ports";
import { render, type Instance } from "ink";
import { type RunHeading, TextReporter } from "@loom/reporters";
import {
  type Palette,
  type TextStyle,
  ViewModel,
  closingLines,
  createPalette,
  endedCount,
  endedJobLine,
  nameColumn,
  selectedCount,
  textStyle,
  unitEventsPath,
} from "@loom/reporters/view";
import { Screen } from "./components/screen.tsx";
import { KeyDecoder, type KeyEvent } from "./keys/decode-keys.ts";
import { errorAt } from "./log/error-rows.ts";
import { exportLog } from "./log/export-log.ts";
import { findJump } from "./log/find-jump.ts";
import { fileToOpen } from "./record/file-to-open.ts";
import { LogDesk, type OpenLog } from "./log/log-desk.ts";
import { rowText } from "./log/log-rows.ts";
import { estimatesFrom, NO_ESTIMATES, timeLeftMs, type Estimates } from "./record/estimates.ts";
import { listPastRuns } from "./record/list-past-runs.ts";
import type { PastRun } from "./record/past-run.ts";
import { readLadder, type Ladder } from "./record/read-ladder.ts";
import { replayRecords } from "./record/replay-records.ts";
import type { Effect } from "./state/effect.ts";
import { graphLinks, type GraphLinks } from "./state/graph-links.ts";
import { goToRow } from "./state/log-position.ts";
import { reduceKey } from "./state/reduce-key.ts";
import { sceneOf, type Scene } from "./state/scene.ts";
import { UNTOUCHED, type UiState } from "./state/ui-state.ts";
import { AsyncTty } from "./terminal/async-tty.ts";
import { FrameSink } from "./terminal/frame-sink.ts";
import type { FrameTarget } from "./terminal/frame-target.ts";
import { Presenter, type Hole } from "./terminal/presenter.ts";
import {
  copySequence,
  progressSequence,
  titleSequence,
  type Progress,
} from "./terminal/signals-to-terminal.ts";
import { enterScreen, leaveScreen, MOUSE_OFF, MOUSE_ON } from "./terminal/terminal-modes.ts";
import { sizeOf, type Keyboard, type Terminal } from "./terminal/terminal.ts";
import type { TuiHost } from "./tui-host.ts";
import { drawHoles, drawParts, type DrawInput } from "./views/draw-parts.ts";
import { failureReport } from "./views/failures-view.ts";

/**
 * Least time between two renders for what the run does.
 *
 * Unit: milliseconds. Source: docs/terminal.md#the-views, at most ten
 * frames a second; one costs about 11 ms of CPU on a screen of 200×60.
 */
export const RENDER_INTERVAL_MS = 100;

/** Least time between two renders for keys. Unit: milliseconds. */
const KEY_INTERVAL_MS = 16;

/** Least time between two looks at a log that grows. Unit: milliseconds; with clocks and jobs, below 30 frames a second. */
const LOG_INTERVAL_MS = 36;

/** How often the times on the screen move on. Unit: milliseconds; they show whole seconds. */
const CLOCK_INTERVAL_MS = 1000;

/** How often the spinner turns. Unit: milliseconds. It repaints cells and renders nothing. */
const SPINNER_INTERVAL_MS = 120;

/** How long an Esc waits for the rest of a sequence. Unit: milliseconds. */
const ESCAPE_MS = 30;

/** How often the window is told of progress: some forget it after 15 s. Unit: milliseconds. */
const PROGRESS_INTERVAL_MS = 5000;

/** A run shorter than this ends without a bell. Unit: milliseconds. */
const BELL_AFTER_MS = 60_000;

/** What happens when the run is over: leave after a success and stay after a failure, always stay, or always leave. */
export type TuiExit = "auto" | "stay" | "now";

/** What the screen needs from the program. */
export interface TuiOptions {
  readonly stdout: Terminal;
  readonly stdin: Keyboard;
  readonly clock: Clock;
  readonly heading: RunHeading;
  /** Called for each request to cancel: in raw mode the terminal sends no signal for Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Absolute path of the run's folder. Without it there are no logs, and no path to a failure. */
  readonly runDirectory?: string;
  /** Absolute path that the receipt will have. */
  readonly receiptPath?: string;
  /** Absolute path of the project. Without it there are no past runs. */
  readonly root?: string;
  readonly host?: TuiHost;
  /** Where frames go. Default: the descriptor of `stdout`, without ever waiting for it. */
  readonly target?: FrameTarget;
  /** Default: no colours. */
  readonly palette?: Palette;
  /** Whether signs beyond ASCII are avoided. Default false. */
  readonly ascii?: boolean;
  /** Whether nothing moves but the clock. Default false. */
  readonly reducedMotion?: boolean;
  /** Default `auto`. */
  readonly exit?: TuiExit;
  /** Whether a run of more than a minute ends with the bell. Default false. */
  readonly bell?: boolean;
  /** Whether the window shows title and progress. Default false. */
  readonly window?: boolean;
}

/** A run on the screen of a terminal. */
export interface Tui extends Reporter {
  /**
   * Tells that the run is over. Resolves when the person has left the screen,
   * and the transcript is printed.
   */
  finish(end: RunEnd): Promise<void>;
  /** Leaves the screen as if `q` had been pressed; while the run goes on, does nothing. */
  quit(): void;
  /** Gives the terminal to the shell until the process is continued. */
  suspend(): Promise<void>;
  /**
   * Gives the terminal back. Synchronous and callable from any exit path; once
   * it was called, again does nothing. `finish` does it too.
   */
  close(): void;
  /** Resolves when the terminal has been given back. Never rejects. */
  readonly closed: Promise<void>;
  /** The jobs that the person asked to run again, when leaving. */
  readonly rerun: readonly JobId[] | undefined;
}

/** A past run on the screen. */
export interface RecordedOptions extends Omit<
  TuiOptions,
  "onInterrupt" | "heading" | "runDirectory" | "receiptPath"
> {
  /** Absolute path of its directory or its receipt; absent: the list of past runs. */
  readonly run?: string;
}

/**
 * Shows a run while it happens.
 *
 * The screen takes the terminal at once, and no call of it waits for the
 * terminal. A screen that fails gives it back, and the run goes on as lines.
 */
export function startTui(options: TuiOptions): Tui {
  return new LiveScreen(options, true);
}

/**
 * Shows a past run, or the list of them, in the same views, read-only.
 *
 * @returns Resolves when the person has left: with why it cannot be shown, if so.
 */
export async function openRecordedRun(options: RecordedOptions): Promise<string | undefined> {
  const screen = new LiveScreen(
    { ...options, heading: { workflowPath: "", logsDir: "" }, onInterrupt: () => undefined },
    false,
  );
  const problem = options.run === undefined ? undefined : await screen.show(options.run);
  if (problem !== undefined) {
    screen.close();
    return problem;
  }
  await screen.closed;
  return undefined;
}

/** A run in sight. */
interface RunInSight {
  readonly model: ViewModel;
  readonly directory?: string;
  readonly receiptPath?: string;
  readonly live: boolean;
  /** The workflow file, for the header. */
  readonly workflow: string;
  /** When it was, for a past one. */
  readonly past: string;
  links: GraphLinks;
  linked: boolean;
}

type TimerName = "render" | "log" | "clock" | "spinner" | "escape" | "progress";

class LiveScreen implements Tui {
  readonly closed: Promise<void>;
  rerun: readonly JobId[] | undefined;
  readonly #options: TuiOptions;
  readonly #style: TextStyle;
  readonly #target: FrameTarget;
  readonly #presenter: Presenter;
  readonly #sink: FrameSink;
  readonly #ink: Instance;
  readonly #keys = new KeyDecoder();
  readonly #desk: LogDesk;
  readonly #timers = new Map<TimerName, () => void>();
  readonly #printed = new Map<string, number>();
  readonly #own: RunInSight;
  readonly #stream: TextReporter;
  readonly #resolveClosed: () => void;
  #run: RunInSight;
  #state: UiState = UNTOUCHED;
  #ownState: UiState = UNTOUCHED;
  #scene: Scene | undefined;
  #frame: readonly string[] = [];
  #jump: { readonly to: "match" | "error"; readonly direction: 1 | -1 } | undefined;
  #ladder: Ladder | undefined;
  #ladderAsked = "";
  #runs: readonly PastRun[] = [];
  #estimates: Estimates = NO_ESTIMATES;
  #leftMs: number | undefined;
  #end: RunEnd | undefined;
  #leave: (() => void) | undefined;
  #lastRenderMs = Number.NEGATIVE_INFINITY;
  #lastLogMs = Number.NEGATIVE_INFINITY;
  #turn = 0;
  /** `streaming`: lines instead of a screen; `away`: somebody else has the terminal. */
  #mode: "screen" | "streaming" | "away" | "closed" = "screen";
  #title = "";
  #progress = "";

  constructor(options: TuiOptions, live: boolean) {
    const { promise, resolve } = withResolvers();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#options = options;
    const { stdout, clock, heading, runDirectory, receiptPath } = options;
    this.#style = textStyle(options.palette ?? createPalette("none"), options.ascii ?? false);
    this.#target = options.target ?? new AsyncTty(stdout.fd ?? 1, clock);
    this.#presenter = new Presenter(this.#target, sizeOf(stdout), () => this.close());
    this.#presenter.spin(this.#style.glyphs.running, false);
    this.#desk = new LogDesk(() => clock.now());
    this.#own = {
      model: new ViewModel(),
      live,
      workflow: heading.workflowPath,
      past: "",
      links: graphLinks(undefined),
      linked: false,
      ...(runDirectory !== undefined && { directory: runDirectory }),
      ...(receiptPath !== undefined && { receiptPath }),
    };
    this.#run = this.#own;
    if (!live) this.#state = { ...UNTOUCHED, view: "runs" };
    this.#stream = new TextReporter({
      output: { write: (text) => void stdout.write(text) },
      style: this.#style,
      heading,
      detail: "plain",
      showOutput: true,
    });
    this.#sink = new FrameSink(sizeOf(stdout), (rows) => {
      this.#frame = rows;
    });
    this.#enter();
    this.#ink = this.#startInk();
    this.#draw();
    this.#tick();
    this.#readHistory();
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const { model } = this.#own;
    const before = model.version;
    model.record(stream, record);
    this.#stream.record(stream, record);
    if (this.#mode === "streaming") this.#stream.flush();
    if (stream.kind === "step" || stream.kind === "section") {
      if (record.event === "phase_start") this.#beginsStream(stream);
      this.#counts(stream, 1);
    }
    if (model.version === before) return;
    this.#soon("render");
    this.#scheduleSpin();
  }

  lines(stream: StreamRef, batch: LineBatch): void {
    this.#own.model.lines(stream, batch);
    if (this.#mode === "streaming") this.#stream.lines(stream, batch);
    this.#counts(stream, batch.ends.length);
  }

  flush(): void {}

  async finish(end: RunEnd): Promise<void> {
    this.#end = end;
    if (this.#mode === "streaming") this.#restoreScreen();
    this.#ring();
    this.#ladderAsked = "";
    this.#readHistory();
    if (this.#mode !== "closed" && this.#stays(end)) {
      const left = new Promise<void>((resolve) => {
        this.#leave = resolve;
      });
      if (end.outcome.status === "failure" && !this.#own.live) this.#state = UNTOUCHED;
      if (
        end.outcome.status === "failure" &&
        this.#state.view === "run" &&
        this.#state.zoom === undefined &&
        !this.#state.touched
      ) {
        this.#state = { ...this.#state, view: "failures", previous: ["run"] };
      }
      this.#soon("render");
      await Promise.race([left, this.closed]);
    }
    this.close();
    this.#options.stdout.write(this.#transcript(end));
  }

  quit(): void {
    if (this.#own.live && this.#end === undefined) return;
    if (this.#leave === undefined) this.close();
    else this.#leave();
  }

  async suspend(): Promise<void> {
    if (this.#mode !== "screen" || this.#options.host === undefined) return;
    await this.#awayFor(() => this.#options.host?.suspend() ?? Promise.resolve());
  }

  /** Shows a past run. @returns Why it cannot be shown. */
  async show(path: string): Promise<string | undefined> {
    const answer = await replayRecords(path);
    if (!answer.ok) return answer.error;
    const { model, directory, receiptPath } = answer.value;
    const startedAtMs = model.view().startedAtMs ?? 0;
    const listed = this.#runs.find((run) => run.directory === directory);
    if (this.#run === this.#own) this.#ownState = this.#state;
    this.#run = {
      model,
      directory,
      live: false,
      workflow: listed?.workflow ?? "",
      past: dateText(startedAtMs),
      links: graphLinks(model.graph),
      linked: true,
      ...(receiptPath !== undefined && { receiptPath }),
    };
    this.#state = { ...UNTOUCHED, touched: true, view: "run" };
    this.#ladder = undefined;
    this.#ladderAsked = "";
    this.#soon("render", true);
    return undefined;
  }

  close(): void {
    if (this.#mode === "closed") return;
    const wasOn = this.#mode === "screen";
    this.#mode = "closed";
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    // First of all: the rest may fail when the terminal has gone.
    if (wasOn) this.#giveBack();
    this.#ink.unmount();
    this.#desk.close();
    this.#resolveClosed();
  }

  #enter(): void {
    const { stdin, stdout, window = false } = this.#options;
    this.#mode = "screen";
    this.#title = "";
    this.#progress = "";
    this.#presenter.open(enterScreen({ mouse: this.#state.mouse, title: window }));
    stdin.setRawMode(true);
    stdin.on("data", this.#onData);
    stdin.resume();
    stdout.on("resize", this.#onResize);
  }

  /** Gives the terminal back. Has no effect when somebody else has it. */
  #giveBack(): void {
    const { stdin, stdout, window = false } = this.#options;
    const progress = window && this.#progress !== "" ? progressSequence({ kind: "off" }) : "";
    this.#presenter.close(progress + leaveScreen({ title: window }));
    stdout.off("resize", this.#onResize);
    stdin.off("data", this.#onData);
    stdin.setRawMode(false);
    stdin.pause();
  }

  #restoreScreen(): void {
    const { stdin } = this.#options;
    if (this.#mode === "streaming") stdin.off("data", this.#onStreamKey);
    this.#enter();
    this.#onResize();
    this.#tick();
    this.#scheduleSpin();
  }

  /** Lets somebody else have the terminal for a while. The run goes on. */
  async #awayFor(work: () => Promise<unknown>): Promise<void> {
    this.#giveBack();
    this.#mode = "away";
    try {
      await work();
    } finally {
      if (this.#isAway()) this.#restoreScreen();
    }
  }

  #isAway(): boolean {
    return this.#mode === "away";
  }

  #startInk(): Instance {
    const ink = render(<Screen size={sizeOf(this.#options.stdout)} parts={[]} />, {
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
    ink.waitUntilExit().catch((error: unknown) => this.#giveUp(error));
    return ink;
  }

  /** A screen that fails must not take the run with it. */
  #giveUp(error: unknown): void {
    if (this.#mode === "closed") return;
    this.close();
    this.#options.stdout.write(`the screen failed (${String(error)}), the run goes on\n`);
  }

  #sceneNow(): Scene {
    const { model, live, directory } = this.#run;
    if (!this.#run.linked && model.graph !== undefined) {
      this.#run.links = graphLinks(model.graph);
      this.#run.linked = true;
    }
    this.#desk.seek(this.#state.search, this.#state.filter);
    const scene = sceneOf(
      {
        view: model.view(),
        units: (id) => model.units(id),
        scripts: (id) => model.scripts(id),
        links: this.#run.links,
        size: sizeOf(this.#options.stdout),
        live,
        finished: !live || this.#end !== undefined,
        runs: this.#runs.map((run) => this.#withOwnState(run)),
        ...(this.#ladder !== undefined && { ladder: this.#ladder }),
        rowsOf: (key) => {
          const log = this.#logAt(key, directory);
          return log?.filter?.count ?? log?.source.count ?? 0;
        },
      },
      this.#state,
    );
    this.#scene = scene;
    return scene;
  }

  /** The run that happens has no receipt yet. */
  #withOwnState(run: PastRun): PastRun {
    const isOwn = this.#own.live && run.directory === this.#own.directory && run.status === "unfinished";
    return isOwn ? { ...run, status: "running", workflow: workflowIn(this.#own.workflow) } : run;
  }

  #logAt(key: string, directory: string | undefined): OpenLog | undefined {
    if (isAbsolute(key)) return this.#desk.log(key, key.endsWith(".jsonl") ? "events" : "document");
    return directory === undefined ? undefined : this.#desk.log(join(directory, key), "events");
  }

  #drawInput(scene: Scene): DrawInput {
    const { directory, workflow, past } = this.#run;
    const log = scene.log === undefined ? undefined : this.#logAt(scene.log.key, directory);
    const { search } = this.#desk;
    return {
      scene,
      style: this.#style,
      nowMs: this.#options.clock.now(),
      workflow: workflow.split("/").at(-1) ?? "",
      past,
      estimates: this.#run.live ? this.#estimates : NO_ESTIMATES,
      ...(this.#leftMs !== undefined && { leftMs: this.#leftMs }),
      ...(log !== undefined && { log }),
      ...(search !== undefined && { search }),
    };
  }

  #draw(): void {
    if (this.#mode !== "screen") return;
    try {
      this.#lastRenderMs = this.#options.clock.now();
      this.#estimateLeft();
      const scene = this.#sceneNow();
      this.#askLadder(scene);
      const input = this.#drawInput(scene);
      const { parts, holes } = drawParts(input);
      this.#ink.rerender(<Screen size={scene.world.size} parts={parts} />);
      this.#presenter.show(this.#frame, holes);
      this.#tellWindow(scene);
      if (this.#logIsBehind(scene, input.log)) this.#soon("log");
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Paints what was printed, without Ink. */
  #drawLog(): void {
    if (this.#mode !== "screen") return;
    this.#lastLogMs = this.#options.clock.now();
    const before = this.#scene?.log;
    if (before === undefined) return;
    const log = this.#logAt(before.key, this.#run.directory);
    if (log !== undefined) this.#desk.advance(log);
    const scene = this.#sceneNow();
    const jumped = this.#tryJump(scene, log);
    const current = jumped ? this.#sceneNow() : scene;
    const holes: Hole[] = this.#state.overlay === undefined ? drawHoles(this.#drawInput(current)) : [];
    if (this.#state.overlay === undefined) this.#presenter.fill(holes);
    if (jumped) this.#soon("render", true);
    if (this.#logIsBehind(current, log)) this.#soon("log");
  }

  #logIsBehind(scene: Scene, log: OpenLog | undefined): boolean {
    if (log === undefined || scene.log === undefined) return false;
    if (log.going || this.#jump !== undefined) return true;
    const printed = this.#run.live ? (this.#printed.get(scene.log.key) ?? 0) : 0;
    // The record that names the stream is no line of it.
    return log.source.count < printed - 1;
  }

  #beginsStream(stream: Extract<StreamRef, { kind: "step" | "section" }>): void {
    const key = keyOf(stream);
    // A further attempt: the streams of the one before were put aside.
    if (this.#printed.has(key) && this.#own.directory !== undefined)
      this.#desk.forget(join(this.#own.directory, key));
    this.#printed.set(key, 0);
  }

  #counts(stream: StreamRef, lines: number): void {
    if (stream.kind !== "step" && stream.kind !== "section") return;
    const key = keyOf(stream);
    this.#printed.set(key, (this.#printed.get(key) ?? 0) + lines);
    if (this.#run.live && this.#scene?.log?.key === key) this.#soon("log");
  }

  #estimateLeft(): void {
    const { model, links } = this.#own;
    if (this.#end !== undefined || this.#estimates.jobs.size === 0) {
      this.#leftMs = undefined;
      return;
    }
    const nowMs = this.#options.clock.now();
    const workers = model.concurrency ?? this.#options.heading.workers ?? 1;
    this.#leftMs = timeLeftMs({ view: model.view(), links, estimates: this.#estimates, workers, nowMs });
  }

  #askLadder(scene: Scene): void {
    const { job } = scene;
    const { directory, receiptPath } = this.#run;
    if (scene.state.view !== "failures" || job?.status !== "failed" || directory === undefined) return;
    const asked = `${directory} ${job.jobId} ${String(scene.world.finished)}`;
    if (this.#ladderAsked === asked) return;
    this.#ladderAsked = asked;
    const eventsPath = unitEventsPath(job.jobId, job.failure.unit);
    void readLadder({
      jobId: job.jobId,
      runDirectory: directory,
      eventsPath,
      ...(receiptPath !== undefined && { receiptPath }),
    }).then((ladder) => {
      if (this.#ladderAsked !== asked) return;
      this.#ladder = ladder;
      this.#soon("render", true);
    });
  }

  /** Past runs are read when there is time: they are for a list, and for guesses. */
  #readHistory(): void {
    const { root, clock } = this.#options;
    if (root === undefined) return;
    const cancel = clock.after(KEY_INTERVAL_MS, () => {
      void listPastRuns(root, (runs) => {
        if (this.#mode === "closed") return;
        this.#runs = runs;
        this.#estimates = estimatesFrom(
          runs,
          relative(root, join(root, workflowIn(this.#options.heading.workflowPath))),
        );
        this.#soon("render");
      });
    });
    void this.closed.then(cancel);
  }

  #stays(end: RunEnd): boolean {
    const { exit = "auto" } = this.#options;
    const { status } = end.outcome;
    if (exit === "now" || this.rerun !== undefined) return false;
    if (exit === "stay") return true;
    if (status === "cancelled" || this.#state.interrupts > 0) return false;
    return status === "failure" || this.#state.touched;
  }

  #ring(): void {
    const { startedAtMs, finishedAtMs } = this.#own.model.view();
    const took = (finishedAtMs ?? 0) - (startedAtMs ?? 0);
    if (this.#options.bell === true && took >= BELL_AFTER_MS) this.#presenter.send("\u0007");
  }

  #transcript(end: RunEnd): string {
    const view = this.#own.model.view();
    const jobs = new Map(view.jobs.map((job) => [job.jobId, job]));
    const nameWidth = nameColumn(view.jobs);
    const lines: string[] = [];
    for (const id of view.endedIds) {
      const job = jobs.get(id);
      if (job === undefined || (job.status === "skipped" && job.reason === "not_selected")) continue;
      lines.push(endedJobLine(this.#style, job, nameWidth) ?? "");
    }
    lines.push(...closingLines(this.#style, view, end));
    return lines.map((line) => `${line}\n`).join("");
  }

  #tellWindow(scene: Scene): void {
    if (this.#options.window !== true || !this.#own.live) return;
    const { counts } = this.#own.model.view();
    const done = `${endedCount(counts)}/${selectedCount(counts)}`;
    const sign =
      counts.failed > 0
        ? `${this.#style.glyphs.failed} `
        : scene.world.finished
          ? `${this.#style.glyphs.success} `
          : "";
    const title = `${sign}${done} ${this.#options.heading.workflowPath.split("/").at(-1) ?? ""} - loom`;
    let text = "";
    if (title !== this.#title) text += titleSequence(title);
    this.#title = title;
    const progress = progressSequence(this.#progressNow());
    if (progress !== this.#progress) text += progress;
    this.#progress = progress;
    if (text !== "") this.#presenter.send(text);
    this.#after("progress", PROGRESS_INTERVAL_MS, () => {
      this.#progress = "";
    });
  }

  #progressNow(): Progress {
    const { counts, startedAtMs } = this.#own.model.view();
    if (this.#end !== undefined) return { kind: "off" };
    const failed = counts.failed > 0;
    if (this.#leftMs === undefined && !failed) return { kind: "busy" };
    const elapsed = this.#options.clock.now() - (startedAtMs ?? this.#options.clock.now());
    const byTime =
      this.#leftMs === undefined ? undefined : (100 * elapsed) / Math.max(1, elapsed + this.#leftMs);
    return {
      kind: "percent",
      percent: byTime ?? (100 * endedCount(counts)) / Math.max(1, selectedCount(counts)),
      failed,
    };
  }

  /** Never renders at once: a sink is called in the midst of the run's own work. */
  #soon(what: "render" | "log", forKey = false): void {
    const now = this.#options.clock.now();
    if (what === "log") {
      this.#after("log", Math.max(0, LOG_INTERVAL_MS - (now - this.#lastLogMs)), () => this.#drawLog());
      return;
    }
    const interval = forKey ? KEY_INTERVAL_MS : RENDER_INTERVAL_MS;
    if (forKey) {
      this.#timers.get("render")?.();
      this.#timers.delete("render");
    }
    this.#after("render", Math.max(0, interval - (now - this.#lastRenderMs)), () => this.#draw());
  }

  #scheduleSpin(): void {
    if (this.#options.reducedMotion === true || this.#own.model.counts.running === 0) return;
    this.#after("spinner", SPINNER_INTERVAL_MS, () => {
      const { spinner, running } = this.#style.glyphs;
      this.#turn += 1;
      // A frame that is due anyway takes the new sign along.
      this.#presenter.spin(spinner[this.#turn % spinner.length] ?? running, !this.#timers.has("log"));
      this.#scheduleSpin();
    });
  }

  #tick(): void {
    this.#after("clock", CLOCK_INTERVAL_MS, () => {
      const { finishedAtMs } = this.#own.model.view();
      if (this.#own.live && this.#end === undefined && finishedAtMs === undefined) this.#soon("render");
      this.#tick();
    });
  }

  #after(name: TimerName, delayMs: number, work: () => void): void {
    if (this.#mode === "closed" || this.#timers.has(name)) return;
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(name);
      if (this.#mode !== "closed") work();
    });
    this.#timers.set(name, cancel);
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    this.#timers.get("escape")?.();
    this.#timers.delete("escape");
    for (const event of this.#keys.push(chunk)) this.#press(event);
    if (this.#keys.pending) {
      this.#after("escape", ESCAPE_MS, () => {
        for (const event of this.#keys.flush()) this.#press(event);
      });
    }
  };

  #press(event: KeyEvent): void {
    if (this.#mode !== "screen") return;
    const { state, effects } = reduceKey(this.#state, event, this.#sceneNow());
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#soon("render", true);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "interrupt":
        return this.#options.onInterrupt();
      case "quit":
        return this.quit();
      case "suspend":
        return void this.suspend();
      case "repaint":
        return this.#presenter.repaint();
      case "stream":
        return this.#streamInstead();
      case "mouse":
        return this.#presenter.send(effect.on ? MOUSE_ON : MOUSE_OFF);
      case "copy_path":
        return this.#copyPath(effect.absolute);
      case "copy_text":
        return this.#copyText();
      case "open_editor":
        return void this.#openEditor();
      case "jump":
        this.#jump = { to: effect.to, direction: effect.direction };
        return this.#startJump();
      case "open_run":
        return void this.show(effect.directory).then((problem) => this.#say(problem));
      case "close_run":
        return this.#closeRun();
      case "rerun":
        this.rerun = effect.jobs;
        return this.quit();
      default:
        return unreachable(effect);
    }
  }

  #say(notice: string | undefined): void {
    if (notice === undefined) return;
    this.#state = { ...this.#state, notice };
    this.#soon("render", true);
  }

  /** Back from a past run to the one that happens, or to the list. */
  #closeRun(): void {
    if (this.#run === this.#own) return;
    this.#run = this.#own;
    this.#state = this.#ownState;
    this.#ladder = undefined;
    this.#ladderAsked = "";
  }

  #streamInstead(): void {
    const { stdin, stdout } = this.#options;
    this.#giveBack();
    this.#mode = "streaming";
    stdout.write(`${this.#style.palette.paint("dim", "plain stream; any key brings the screen back")}\n`);
    this.#stream.drop();
    stdin.setRawMode(true);
    stdin.on("data", this.#onStreamKey);
    stdin.resume();
  }

  readonly #onStreamKey = (chunk: Uint8Array | string): void => {
    const text = typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    if (text.includes("\u0003")) {
      this.#state = { ...this.#state, interrupts: this.#state.interrupts + 1 };
      return this.#options.onInterrupt();
    }
    return this.#restoreScreen();
  };

  #pathInSight(): string | undefined {
    const scene = this.#scene ?? this.#sceneNow();
    const { state } = scene;
    if (state.zoom?.kind === "document") return state.zoom.path;
    if (state.view === "runs") {
      const run = scene.runs[Math.min(state.run, scene.runs.length - 1)];
      return run?.receiptPath ?? run?.directory;
    }
    if (state.view === "failures" && state.zoom === undefined) return this.#ladder?.rungs[state.rung]?.path;
    const { directory } = this.#run;
    return scene.log === undefined || directory === undefined ? undefined : join(directory, scene.log.key);
  }

  #copyPath(absolute: boolean): void {
    const path = this.#pathInSight();
    if (path === undefined) return this.#say("nothing to copy here");
    const { root } = this.#options;
    const text = absolute || root === undefined ? path : relative(root, path);
    this.#presenter.send(copySequence(text));
    return this.#say(`copied ${text}`);
  }

  #copyText(): void {
    const scene = this.#scene ?? this.#sceneNow();
    if (scene.state.view === "failures" && scene.state.zoom === undefined) {
      if (this.#ladder === undefined) return this.#say("nothing to copy here");
      this.#presenter.send(copySequence(failureReport(scene, this.#ladder)));
      return this.#say("copied the report of the failure");
    }
    const log = scene.log === undefined ? undefined : this.#logAt(scene.log.key, this.#run.directory);
    if (log === undefined || scene.log === undefined) return this.#say("nothing to copy here");
    const { position, total, height } = scene.log;
    const top = position.follow ? Math.max(0, total - height) : position.top;
    const lines =
      log.filter === undefined
        ? log.source.lines(top, height)
        : Array.from(
            { length: Math.min(height, log.filter.count - top) },
            (_, index) => log.source.lines(log.filter?.hit(top + index) ?? 0, 1)[0],
          );
    const text = lines.flatMap((line) =>
      line === undefined || line.stream === "sys" ? [] : [rowText(line.text, false)],
    );
    this.#presenter.send(copySequence(text.join("\n")));
    return this.#say(`copied ${text.length} lines`);
  }

  async #openEditor(): Promise<void> {
    const { host } = this.#options;
    const scene = this.#scene ?? this.#sceneNow();
    const path = this.#pathInSight();
    if (host === undefined || path === undefined) return this.#say("nothing to open here");
    const log = scene.log;
    const isLog =
      path.endsWith(".jsonl") &&
      log !== undefined &&
      scene.state.zoom?.kind !== "document" &&
      scene.state.view !== "failures";
    const { directory } = this.#run;
    if (!isLog || directory === undefined) {
      await this.#awayFor(() => this.#open(host, path, 1));
      return undefined;
    }
    const open = this.#logAt(log.key, directory);
    if (open === undefined) return undefined;
    if (log.position.current !== undefined && (await this.#openNamed(host, open, log.position.current)))
      return undefined;
    this.#say("writing the log as text");
    const text = await exportLog(
      open.source,
      `${log.job?.jobId ?? "log"}-${log.unit?.kind === "step" ? String(log.unit.step).padStart(2, "0") : "section"}`,
    );
    const row = log.position.current ?? (log.position.follow ? log.total - 1 : log.position.top);
    await this.#awayFor(() => this.#open(host, text, row + 1));
    rmSync(dirname(text), { recursive: true, force: true });
    return this.#say(this.#state.notice === "writing the log as text" ? "back" : undefined);
  }

  /** Opens the place that the line at a row reports an error of. @returns Whether there is one. */
  async #openNamed(host: TuiHost, log: OpenLog, row: number): Promise<boolean> {
    const { root } = this.#options;
    const error = errorAt(log.source, row);
    if (root === undefined || error?.file === undefined) return false;
    const { model } = this.#run;
    const file = fileToOpen(model.relative(error.file), root, model.view().workspace);
    if (file === undefined) return false;
    if (file.isOfSnapshot) this.#say("the file of the snapshot: the checkout has another one by now");
    await this.#awayFor(() => this.#open(host, file.path, error.line ?? 1));
    return true;
  }

  async #open(host: TuiHost, path: string, line: number): Promise<void> {
    const problem = await host.openFile(path, line);
    if (problem !== undefined) this.#state = { ...this.#state, notice: problem };
  }

  #startJump(): void {
    const scene = this.#sceneNow();
    const log = scene.log === undefined ? undefined : this.#logAt(scene.log.key, this.#run.directory);
    if (log === undefined) {
      this.#jump = undefined;
      return;
    }
    if (this.#jump?.to === "error") this.#desk.errorsOf(log);
    else if (this.#state.search === "") {
      this.#jump = undefined;
      return this.#say("nothing to find: / begins a search");
    }
    this.#desk.advance(log);
    this.#tryJump(scene, log);
    this.#soon("log");
  }

  /** @returns Whether the log moved. */
  #tryJump(scene: Scene, log: OpenLog | undefined): boolean {
    const jump = this.#jump;
    if (jump === undefined || log === undefined || scene.log === undefined) return false;
    const scan = jump.to === "error" ? log.errors : log.search;
    if (scan === undefined) {
      this.#jump = undefined;
      return false;
    }
    const { position, total, height } = scene.log;
    const top = position.follow ? total : position.top + Math.floor(height / 3);
    const from = position.current ?? (jump.direction > 0 && position.follow ? total - height - 1 : top);
    const found = findJump(scan, from, jump.direction, log.going);
    if (found.kind === "wait") return false;
    this.#jump = undefined;
    const word = jump.to === "error" ? "line that looks like an error" : "match";
    if (found.kind === "none") {
      this.#say(`no ${word}`);
      return true;
    }
    this.#state = goToRow(this.#state, scene, found.row, log.filter?.firstFrom(found.row) ?? found.row);
    if (found.wrapped) this.#say(jump.direction > 0 ? `the first ${word} again` : `the last ${word} again`);
    return true;
  }

  readonly #onResize = (): void => {
    const size = sizeOf(this.#options.stdout);
    this.#sink.columns = size.columns;
    this.#sink.rows = size.rows;
    this.#presenter.resize(size);
    this.#sink.emit("resize");
    this.#soon("render", true);
  };
}

function keyOf(stream: Extract<StreamRef, { kind: "step" | "section" }>): string {
  return stream.kind === "step"
    ? unitEventsPath(stream.jobId, { kind: "step", step: stream.step })
    : unitEventsPath(stream.jobId, { kind: "section", section: stream.section });
}

/** The workflow as receipts name it: its place in the project. */
function workflowIn(path: string): string {
  const at = path.lastIndexOf(".loom/");
  return at < 0 ? path : path.slice(at);
}

function dateText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `Promise.withResolvers` of ES2024. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
