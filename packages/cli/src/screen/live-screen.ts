import { isAbsolute, join } from "node:path";
import { formatClock, unreachable, type JobId, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { TextReporter } from "@loom/reporters";
import { cancel, play, resume } from "../effects/ask-run.ts";
import {
  createPalette,
  textStyle,
  unitEventsPath,
  type TextStyle,
  type ViewModel,
} from "@loom/reporters/view";
import { compareRuns, type ComparedRuns } from "../effects/compare-runs.ts";
import { copyPath, copyText } from "../effects/copy.ts";
import type { EffectContext } from "../effects/effect-context.ts";
import { openEditor } from "../effects/open-editor.ts";
import { openShell } from "../effects/open-shell.ts";
import { KeyDecoder, type KeyEvent } from "../keys/decode-keys.ts";
import { ALL_JOBS_KEY, jobLogKey, jobOfLogKey } from "../log/log-key.ts";
import { KEY_MAP } from "../keys/key-map.ts";
import { LogCache, type OpenLog } from "../log/log-cache.ts";
import { NO_ROWS, shownRows } from "../log/shown-rows.ts";
import { AllJobsLog } from "../log/all-jobs-log.ts";
import { criticalPath, NO_ESTIMATES } from "@loom/diagnosis";
import { replayRecords } from "../record/replay-records.ts";
import { tellingLines } from "../log/telling-lines.ts";
import type { Effect } from "../state/effect.ts";
import { isHeld } from "../state/held-jobs.ts";
import { offerHeld } from "../state/offer-held.ts";
import { reduceKey } from "../state/reduce-key.ts";
import { sceneOf, type HeldFailure, type Scene } from "../state/scene.ts";
import { UNTOUCHED, type UiState, type ViewName } from "../state/ui-state.ts";
import { AsyncTty } from "../terminal/async-tty.ts";
import { Presenter } from "../terminal/presenter.ts";
import { fileLink, notifySequence } from "../terminal/terminal-sequences.ts";
import { enterScreen, leaveScreen, MOUSE_OFF, MOUSE_ON } from "../terminal/terminal-modes.ts";
import { sizeOf } from "../terminal/terminal.ts";
import type { Tui, TuiOptions } from "../tui-options.ts";
import { drawHoles, drawParts, type DrawInput } from "../views/draw-parts.ts";
import { History } from "./history.ts";
import { InkFrame } from "./ink-frame.tsx";
import { EvidenceFollower, type FollowedChange } from "./evidence-follower.ts";
import { FailureReader } from "./failure-reader.ts";
import { LogJump } from "./log-jump.ts";
import { logKeyOf, VisibleRun, WrittenLines, type UnitStream } from "./visible-run.ts";
import { TerminalLease } from "./terminal-lease.ts";
import {
  CLOCK_INTERVAL_MS,
  ESCAPE_MS,
  EVIDENCE_MS,
  KEY_INTERVAL_MS,
  PROGRESS_INTERVAL_MS,
  SPINNER_INTERVAL_MS,
  Timing,
} from "./timing.ts";
import { transcript } from "./transcript.ts";
import { WindowStatus } from "./window-status.ts";

/** How long to wait for a frame that is being written. Unit: milliseconds. */
const IDLE_LIMIT_MS = 200;

/** Only runs of at least this duration end with a bell or a notification. Unit: milliseconds. */
const BELL_AFTER_MS = 60_000;

/**
 * A run on the screen: receives records and keys, and draws frames.
 *
 * It combines separate parts: who has the terminal (`TerminalLease`), when a frame is due (`Timing`), which run is
 * visible (`VisibleRun`), what keys do outside the screen (`effects`), what a frame looks like (`views`).
 */
export class LiveScreen implements Tui {
  readonly closed: Promise<void>;
  rerun: readonly JobId[] | undefined;
  readonly #options: TuiOptions;
  readonly #style: TextStyle;
  readonly #hasLinks: boolean;
  readonly #timing: Timing;
  readonly #presenter: Presenter;
  readonly #lease: TerminalLease;
  readonly #windowStatus: WindowStatus;
  readonly #frame: InkFrame;
  readonly #keys = new KeyDecoder();
  readonly #logs: LogCache;
  readonly #own: VisibleRun;
  readonly #history: History;
  readonly #failures: FailureReader;
  readonly #follower: EvidenceFollower;
  readonly #jump = new LogJump();
  readonly #written = new WrittenLines();
  readonly #lines: TextReporter;
  readonly #resolveClosed: () => void;
  #run: VisibleRun;
  #state: UiState = UNTOUCHED;
  /** The state of the live run's screen, while another run is visible. */
  #ownState: UiState = UNTOUCHED;
  #scene: Scene | undefined;
  #end: RunEnd | undefined;
  #leave: (() => void) | undefined;
  /** Settles when another program has given the terminal back. */
  #loan: Promise<void> | undefined;
  #turn = 0;
  #isClosed = false;

  /** @param live - Whether to show a live run; otherwise the list of past runs is shown first. */
  constructor(options: TuiOptions, live: boolean) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#options = options;
    const { stdin, stdout, clock, heading, runDirectory, receiptPath, root, window = false } = options;
    this.#hasLinks = options.links ?? false;
    this.#style = {
      ...textStyle(options.palette ?? createPalette("none"), options.ascii ?? false),
      links: this.#hasLinks,
    };
    this.#timing = new Timing(clock);
    this.#windowStatus = new WindowStatus(this.#style);
    const target = options.target ?? new AsyncTty(stdout.fd ?? 1, clock);
    this.#presenter = new Presenter(target, sizeOf(stdout), () => this.close());
    this.#presenter.spin(this.#style.glyphs.running, false);
    this.#lease = new TerminalLease({
      stdin,
      stdout,
      presenter: this.#presenter,
      enterSequence: () => enterScreen({ mouse: this.#state.mouse, title: window }),
      leaveSequence: () => (window ? this.#windowStatus.off() : "") + leaveScreen({ title: window }),
      onData: this.#onData,
      onResize: this.#onResize,
    });
    this.#logs = new LogCache(() => clock.now());
    this.#own = VisibleRun.own({
      live,
      workflow: heading.workflowPath,
      directory: runDirectory,
      receiptPath,
    });
    this.#run = this.#own;
    this.#history = new History(root, this.#own);
    this.#follower = new EvidenceFollower(
      (place) => options.host?.isAlive?.(place),
      (change) => this.#onFollowedChange(change),
    );
    this.#failures = new FailureReader(async (run) => await options.host?.changes?.(run));
    if (!live) this.#state = { ...UNTOUCHED, view: "runs" };
    this.#lines = new TextReporter({
      output: { write: (text) => this.#print(text) },
      style: this.#style,
      heading,
      detail: "plain",
      showOutput: true,
      model: this.#own.model,
    });
    this.#lease.take();
    this.#frame = new InkFrame(sizeOf(stdout), (error) => this.#giveUp(error));
    this.#draw();
    this.#tick();
    this.#readHistory();
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const { model } = this.#own;
    const before = model.version;
    const { held } = model.counts;
    // It tells the model.
    this.#lines.record(stream, record);
    if (model.counts.held > held && this.#run !== this.#own)
      this.#say("a job of the run under way is held: Esc goes back to it");
    if (this.#lease.kind === "stream") this.#lines.flush();
    else this.#lines.drop();
    if (stream.kind === "step" || stream.kind === "section") {
      if (record.event === "phase_start") this.#streamStarts(stream);
      this.#streamGrows(stream, 1);
    }
    if (model.version === before) return;
    this.#drawSoon();
    this.#spin();
  }

  lines(stream: StreamRef, batch: LineBatch): void {
    if (this.#lease.kind === "stream") this.#lines.lines(stream, batch);
    else this.#own.model.lines(stream, batch);
    if (stream.kind === "step" || stream.kind === "section") this.#streamGrows(stream, batch.ends.length);
  }

  flush(): void {}

  async finish(end: RunEnd): Promise<void> {
    this.#end = end;
    if (this.#lease.kind === "stream") return this.#endStream(end);
    this.#notifyEnd(end);
    this.#failures.refresh();
    this.#readHistory();
    this.#paintLogSoon();
    if (!this.#isClosed && this.#staysOpen(end)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#leave = resolve;
      if (end.outcome.status === "failure") this.#showFailures();
      this.#drawSoon();
      await Promise.race([promise, this.closed]);
    }
    await Promise.race([this.#loan, this.closed]);
    await this.#idle();
    this.close();
    this.#options.stdout.write(transcript(this.#own.model.view(), end, this.#transcriptStyle(end)));
  }

  /** The style of the screen, with links to files of the run where the terminal has them. */
  #transcriptStyle({ logsDir }: RunEnd): TextStyle {
    const { directory } = this.#own;
    if (!this.#hasLinks) return this.#style;
    const link = (path: string, text: string): string => {
      if (isAbsolute(path)) return fileLink(path, text);
      const isOfRun = directory !== undefined && path.startsWith(`${logsDir}/`);
      return isOfRun ? fileLink(join(directory, path.slice(logsDir.length)), text) : text;
    };
    return { ...this.#style, link };
  }

  /** Ends a run whose lines are streamed. The user stays in the stream, and nothing is printed twice. */
  #endStream(end: RunEnd): void {
    this.#notifyEnd(end);
    this.close();
    this.#lines.finish(end);
  }

  quit(): void {
    if (this.#own.live && this.#end === undefined) return;
    if (this.#leave === undefined) this.close();
    else this.#leave();
  }

  async suspend(): Promise<void> {
    const { host } = this.#options;
    if (this.#lease.kind !== "screen" || host === undefined) return;
    await this.#lend(() => host.suspend());
  }

  /**
   * Shows a past run, and follows it if another process runs it.
   *
   * @param path - Absolute path of its folder or its receipt.
   * @returns Why it cannot be shown; `undefined` if it is shown.
   */
  async show(path: string, view: ViewName = "run"): Promise<string | undefined> {
    const answer = await replayRecords(path);
    if (!answer.ok) return answer.error;
    const listed = this.#history.runs.find((run) => run.directory === answer.value.directory);
    if (this.#run === this.#own) this.#ownState = this.#state;
    this.#run = VisibleRun.past(answer.value, listed);
    this.#follower.follow(answer.value);
    this.#state = { ...this.#keepingList(UNTOUCHED), touched: true, view };
    this.#failures.forget();
    this.#drawSoon(true);
    this.#spin();
    return undefined;
  }

  /** Reacts to a change of the visible run, which another process runs. */
  #onFollowedChange(change: FollowedChange): void {
    if (this.#isClosed) return;
    const { directory } = this.#run;
    if (change.kind === "over") {
      this.#run.receiptPath ??= change.receiptPath;
      this.#failures.refresh();
      this.#readHistory();
      this.#paintLogSoon();
    } else {
      const { stream, record } = change;
      const isUnit = stream.kind === "step" || stream.kind === "section";
      // A new attempt moves the streams of the previous one.
      if (isUnit && record.event === "phase_start" && directory !== undefined) {
        this.#logs.forget(join(directory, logKeyOf(stream)));
        if ((record.attempt ?? 1) > 1) this.#logs.forget(join(directory, jobLogKey(stream.jobId)));
      }
    }
    this.#drawSoon();
    this.#spin();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#follower.stop();
    this.#timing.close();
    // The terminal comes first: the rest may fail if it is gone.
    this.#lease.close();
    this.#frame.close();
    this.#logs.close();
    this.#resolveClosed();
  }

  /** Closes a screen that failed. The run continues without it. */
  #giveUp(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.stdout.write(`the screen failed (${String(error)}), the run continues\n`);
  }

  /** Takes the terminal back. It may have another size by now, or show something else. */
  #takeBack(): void {
    this.#windowStatus.forget();
    this.#lease.take();
    this.#onResize();
    this.#tick();
    this.#spin();
  }

  /** Lends the terminal to another program until the work settles. The run continues. */
  async #lend(work: () => Promise<unknown>): Promise<void> {
    await this.#idle();
    // Another key may have lent it by now.
    if (this.#lease.kind !== "screen") return;
    this.#lease.lend();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#loan = promise;
    try {
      await work();
    } finally {
      this.#loan = undefined;
      if (!this.#isClosed) this.#takeBack();
      resolve();
    }
  }

  /** Waits for the frame that is being written, with a time limit: the terminal may have stopped reading. */
  async #idle(): Promise<void> {
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(IDLE_LIMIT_MS, resolve);
    });
    await Promise.race([this.#presenter.idle(), limit]);
    cancel();
  }

  async #showStream(): Promise<void> {
    await this.#idle();
    if (this.#lease.kind !== "screen") return;
    this.#lease.stream(this.#onStreamKey);
    const hint = "plain stream; any key brings the screen back";
    this.#options.stdout.write(`${this.#style.palette.paint("dim", hint)}\n`);
    this.#lines.drop();
  }

  /** Prints lines unless something else has the terminal: a reporter may want to be heard at once. */
  #print(text: string): void {
    const { kind } = this.#lease;
    if (kind === "stream" || kind === "closed") this.#options.stdout.write(text);
  }

  #sceneNow(): Scene {
    const { model, live, links, matrices } = this.#run;
    const { failure } = this.#failures;
    this.#logs.seek(this.#state.search, this.#state.filter);
    this.#scene = sceneOf(
      {
        view: model.view(),
        nowMs: this.#timing.now(),
        keys: this.#options.keys ?? KEY_MAP,
        units: (id) => model.units(id),
        steps: (id) => model.steps(id),
        links,
        matrices,
        critical: () => this.#critical(),
        size: sizeOf(this.#options.stdout),
        hasRun: live || this.#run !== this.#own,
        live,
        isAlive: this.#follower.isFollowing || this.#history.isRunning(this.#run.directory),
        mayLeave: !this.#own.live || this.#end !== undefined,
        finished: live ? this.#end !== undefined : !this.#follower.isFollowing,
        runs: this.#history.runs,
        ...(failure !== undefined && { failure }),
        ...(live && this.#options.graceMs !== undefined && { graceMs: this.#options.graceMs }),
        heldOf: (id, room) => this.#heldOf(id, room),
        rowsOf: (key) => {
          const log = this.#logAt(key);
          return log === undefined ? NO_ROWS : shownRows(log);
        },
      },
      this.#state,
    );
    return this.#scene;
  }

  #logAt(key: string): OpenLog | undefined {
    const { directory } = this.#run;
    if (isAbsolute(key)) return this.#logs.log(key, key.endsWith(".jsonl") ? "events" : "document");
    if (directory === undefined) return undefined;
    if (key === ALL_JOBS_KEY) return this.#logs.open(join(directory, key), () => this.#runLog(directory));
    const job = jobOfLogKey(key);
    return job === undefined
      ? this.#logs.log(join(directory, key), "events")
      : this.#logs.log(join(directory, key), "job", commandsOf(this.#run.model, job));
  }

  #heldOf(id: JobId, room: number): HeldFailure {
    const { model } = this.#run;
    const job = model.job(id);
    const failure = model.failure(id);
    const paused = isHeld(job) ? ({ kind: "step", step: job.paused.step } as const) : undefined;
    const unit = failure?.unit ?? paused;
    const log = unit === undefined || room <= 0 ? undefined : this.#logAt(unitEventsPath(id, unit));
    if (log !== undefined) this.#logs.advance(log);
    if (log?.going === true) this.#drawSoon();
    return {
      ...(failure !== undefined && { failure }),
      lines: log === undefined ? [] : tellingLines(log.source, room),
    };
  }

  #runLog(directory: string): AllJobsLog {
    const run = this.#run;
    return new AllJobsLog(directory, {
      commands: (job) => commandsOf(run.model, job),
      isOver: () => (run.live ? this.#end !== undefined : !this.#follower.isFollowing),
    });
  }

  /** @param leftMs - The time left, which only whole frames show: it costs as much as a frame. */
  #drawInput(scene: Scene, leftMs?: number): DrawInput {
    const { live, workflow, past } = this.#run;
    const log = scene.log === undefined ? undefined : this.#logAt(scene.log.key);
    const { search } = this.#logs;
    return {
      scene,
      style: this.#style,
      nowMs: this.#timing.now(),
      workflow: workflow.split("/").at(-1) ?? "",
      past,
      estimates: live ? this.#history.estimates : NO_ESTIMATES,
      ...(leftMs !== undefined && { leftMs }),
      ...(log !== undefined && { log }),
      ...(log !== undefined && this.#hasLinks && { link: (text: string) => fileLink(log.source.path, text) }),
      ...(search !== undefined && { search }),
    };
  }

  #leftMs(): number | undefined {
    return this.#end === undefined ? this.#history.leftMs(this.#timing.now(), this.#workers) : undefined;
  }

  #critical(): ReadonlySet<JobId> {
    const timeline = this.#run.timeline(this.#timing.now(), this.#workers);
    return new Set(criticalPath(timeline).map(({ jobId }) => jobId));
  }

  /** How many jobs run at a time, if the run does not say. */
  get #workers(): number {
    return this.#options.heading.workers ?? 1;
  }

  #drawSoon(forKey = false): void {
    this.#timing.render(() => this.#draw(), forKey);
  }

  #draw(): void {
    if (this.#lease.kind !== "screen") return;
    const sinceMs = this.#timing.now();
    try {
      const scene = this.#offeringHeld(this.#sceneNow());
      this.#failures.ask(scene, this.#run, () => this.#drawSoon(true));
      const input = this.#drawInput(scene, this.#leftMs());
      const { parts, holes } = drawParts(input);
      this.#presenter.show(this.#frame.draw(scene.world.size, parts), holes);
      this.#updateWindow(input.leftMs);
      this.#timing.rendered(sinceMs);
      if (this.#logIsBehind(scene, input.log)) this.#paintLogSoon();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #offeringHeld(scene: Scene): Scene {
    const offering = offerHeld(this.#state, scene);
    if (offering === this.#state) return scene;
    this.#state = offering;
    return this.#sceneNow();
  }

  #paintLogSoon(isSearching = false): void {
    this.#timing.paintLog(() => this.#paintLog(), isSearching);
  }

  /** Paints the log without Ink. */
  #paintLog(): void {
    if (this.#lease.kind !== "screen") return;
    const sinceMs = this.#timing.now();
    const before = this.#scene?.log;
    if (before === undefined) return;
    const log = this.#logAt(before.key);
    if (log !== undefined) this.#logs.advance(log);
    const scene = this.#sceneNow();
    const hasMoved = this.#continueJump(scene, log);
    const current = hasMoved ? this.#sceneNow() : scene;
    if (this.#state.overlay === undefined) this.#presenter.fill(drawHoles(this.#drawInput(current)));
    this.#timing.logPainted(sinceMs);
    if (hasMoved) this.#drawSoon(true);
    if (this.#logIsBehind(current, log)) this.#paintLogSoon(log?.going === true && this.#logs.isSearching);
  }

  #logIsBehind(scene: Scene, log: OpenLog | undefined): boolean {
    if (log === undefined || scene.log === undefined) return false;
    if (log.going || this.#jump.isActive) return true;
    const written = this.#run.live ? this.#written.of(scene.log.key) : 0;
    // The first record names the stream, and is not a line of the log.
    return log.source.count < written - 1;
  }

  #streamStarts(stream: UnitStream): void {
    const key = logKeyOf(stream);
    const { directory } = this.#own;
    // A new attempt moves the streams of the previous one.
    if (!this.#written.begin(key) || directory === undefined) return;
    this.#logs.forget(join(directory, key));
    this.#logs.forget(join(directory, jobLogKey(stream.jobId)));
  }

  #streamGrows(stream: UnitStream, lines: number): void {
    const key = logKeyOf(stream);
    this.#written.add(key, lines);
    const visible = this.#scene?.log?.key;
    if (!this.#run.live) return;
    if (visible === key || visible === jobLogKey(stream.jobId)) this.#paintLogSoon();
    if (visible !== ALL_JOBS_KEY) return;
    this.#paintLogSoon();
    // How much of it should be there is not counted, so it is looked at once more when the lines are on disk.
    this.#timing.cancel("evidence");
    this.#timing.after("evidence", EVIDENCE_MS, () => this.#paintLogSoon());
  }

  /** Reads past runs later, because the first frame does not need them. */
  #readHistory(): void {
    this.#timing.after("history", KEY_INTERVAL_MS, () => {
      this.#history.read(() => {
        if (!this.#isClosed) this.#drawSoon();
      });
    });
  }

  #staysOpen(end: RunEnd): boolean {
    const { exit = "auto" } = this.#options;
    const { status } = end.outcome;
    if (exit === "now" || this.rerun !== undefined) return false;
    if (exit === "stay") return true;
    if (status === "cancelled" || this.#state.interrupts > 0) return false;
    return status === "failure" || this.#state.touched;
  }

  /** Shows the failures of the live run, unless the user has pressed keys in it. */
  #showFailures(): void {
    if (!this.#own.live) this.#state = UNTOUCHED;
    const { view, zoom, touched } = this.#state;
    if (view === "run" && zoom === undefined && !touched)
      this.#state = { ...this.#state, view: "failures", previous: ["run"] };
  }

  #notifyEnd({ outcome }: RunEnd): void {
    const { startedAtMs, finishedAtMs } = this.#own.model.view();
    const took = (finishedAtMs ?? 0) - (startedAtMs ?? 0);
    if (took < BELL_AFTER_MS) return;
    if (this.#options.bell === true) this.#presenter.send("\u0007");
    if (this.#options.notify !== true) return;
    const name = this.#own.workflow.split("/").at(-1) ?? "";
    this.#presenter.send(notifySequence(`loom: ${outcome.status}`, `${name}, ${formatClock(took)}`));
  }

  #updateWindow(leftMs: number | undefined): void {
    if (this.#options.window !== true || !this.#own.live) return;
    const text = this.#windowStatus.sequence({
      view: this.#own.model.view(),
      workflow: this.#own.workflow,
      finished: this.#end !== undefined,
      leftMs,
      nowMs: this.#timing.now(),
    });
    if (text !== "") this.#presenter.send(text);
    this.#timing.after("progress", PROGRESS_INTERVAL_MS, () => this.#windowStatus.forgetProgress());
  }

  #spin(): void {
    const { model, live } = this.#run;
    const isGoing = live || this.#follower.isFollowing;
    if (this.#options.reducedMotion === true || !isGoing || model.counts.running === 0) return;
    this.#timing.after("spinner", SPINNER_INTERVAL_MS, () => {
      const { spinner, running } = this.#style.glyphs;
      this.#turn += 1;
      // If the log is painted soon, the new sign is painted with it.
      this.#presenter.spin(spinner[this.#turn % spinner.length] ?? running, !this.#timing.isDue("log"));
      this.#spin();
    });
  }

  #tick(): void {
    this.#timing.after("clock", CLOCK_INTERVAL_MS, () => {
      const { finishedAtMs } = this.#own.model.view();
      const isGoing = this.#own.live && this.#end === undefined && finishedAtMs === undefined;
      if (isGoing || this.#follower.isFollowing) this.#drawSoon();
      // The follower reports no output lines, so the log has to be polled.
      if (this.#follower.isFollowing) this.#paintLogSoon();
      this.#tick();
    });
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    this.#timing.cancel("escape");
    for (const event of this.#keys.push(chunk)) this.#press(event);
    if (!this.#keys.pending) return;
    this.#timing.after("escape", ESCAPE_MS, () => {
      for (const event of this.#keys.flush()) this.#press(event);
    });
  };

  #press(event: KeyEvent): void {
    if (this.#lease.kind !== "screen") return;
    const { state, effects } = reduceKey(this.#state, event, this.#sceneNow());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#drawSoon(true);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "interrupt":
        return this.#options.onInterrupt();
      case "cancel":
        return void cancel(this.#context(), effect.job);
      case "play":
        return void play(this.#context(), effect.job);
      case "resume":
        return void resume(this.#context(), effect.job, effect.how);
      case "shell":
        return void openShell(this.#context(), effect.job);
      case "quit":
        return this.quit();
      case "suspend":
        return void this.suspend();
      case "repaint":
        return this.#presenter.repaint();
      case "stream":
        return void this.#showStream();
      case "mouse":
        return this.#presenter.send(effect.on ? MOUSE_ON : MOUSE_OFF);
      case "copy_path":
        return copyPath(this.#context(), effect.absolute);
      case "copy_text":
        return copyText(this.#context());
      case "open_editor":
        return void openEditor(this.#context());
      case "jump":
        return this.#startJump(effect);
      case "open_run":
        return void this.show(effect.directory, effect.view).then((problem) => this.#say(problem));
      case "compare":
        return void compareRuns(this.#context(), effect).then((text) => this.#showText(text));
      case "close_run":
        return this.#closeRun();
      case "rerun":
        this.rerun = effect.jobs;
        return this.quit();
      default:
        return unreachable(effect);
    }
  }

  #showText(text: ComparedRuns | undefined): void {
    if (text === undefined || this.#isClosed) return;
    this.#state = { ...this.#state, overlay: { kind: "text", ...text, top: 0 } };
    this.#drawSoon(true);
  }

  #context(): EffectContext {
    const { root, host } = this.#options;
    return {
      scene: this.#scene ?? this.#sceneNow(),
      run: this.#run,
      root,
      host,
      logAt: (key) => this.#logAt(key),
      say: (notice) => this.#say(notice),
      send: (sequence) => this.#presenter.send(sequence),
      lend: (work) => this.#lend(work),
    };
  }

  #say(notice: string | undefined): void {
    if (notice === undefined) return;
    this.#state = { ...this.#state, notice };
    this.#drawSoon(true);
  }

  /** Returns from a past run to the live one, or to the list. */
  #closeRun(): void {
    if (this.#run === this.#own) return;
    this.#follower.stop();
    this.#run = this.#own;
    this.#state = this.#keepingList(this.#ownState);
    this.#failures.forget();
  }

  /** A state with the list of runs as the user left it, for another visible run. */
  #keepingList(state: UiState): UiState {
    const { run: _other, ...rest } = state;
    const { run, runsFilter } = this.#state;
    return { ...rest, runsFilter, ...(run !== undefined && { run }) };
  }

  readonly #onStreamKey = (chunk: Uint8Array | string): void => {
    const text = typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    if (!text.includes("\u0003")) return this.#takeBack();
    this.#state = { ...this.#state, interrupts: this.#state.interrupts + 1 };
    return this.#options.onInterrupt();
  };

  #startJump(effect: Extract<Effect, { kind: "jump" }>): void {
    const scene = this.#sceneNow();
    const log = scene.log === undefined ? undefined : this.#logAt(scene.log.key);
    if (log === undefined) return;
    if (effect.to === "match" && this.#state.search === "")
      return this.#say("nothing to find: / starts a search");
    if (effect.to === "error") this.#logs.errorsOf(log);
    this.#jump.begin(effect);
    this.#logs.advance(log);
    this.#continueJump(scene, log);
    this.#paintLogSoon();
  }

  /** Continues the jump in progress. @returns Whether the screen has to be drawn. */
  #continueJump(scene: Scene, log: OpenLog | undefined): boolean {
    const step = this.#jump.step(scene, log);
    switch (step.kind) {
      case "waits":
      case "over":
        return false;
      case "moved":
        this.#state = step.state;
        this.#say(step.notice);
        return true;
      case "none":
        this.#say(step.notice);
        return true;
      default:
        return unreachable(step);
    }
  }

  readonly #onResize = (): void => {
    const size = sizeOf(this.#options.stdout);
    this.#frame.resize(size);
    this.#presenter.resize(size);
    this.#drawSoon(true);
  };
}

function commandsOf(model: ViewModel, job: JobId): readonly string[] {
  return model.steps(job).map(({ command = "" }) => command);
}
