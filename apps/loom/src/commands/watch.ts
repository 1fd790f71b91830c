import { fstatSync, statSync, type Stats } from "node:fs";
import { constants } from "node:os";
import { relative, resolve } from "node:path";
import { parseReporters } from "@loom/reporters";
import type { WorkflowRun } from "@loom/runner";
import { findRepository, findWorkflow } from "@loom/runner/workflow";
import { chooseWorkspace } from "@loom/runner/settings";
import { EXIT_CODE } from "../exit-code.ts";
import { isIgnoredSignal, type EndSignal } from "../handle-signals.ts";
import type { ProcessIo } from "../process-io.ts";
import { FolderWatch } from "../watch/folder-watch.ts";
import { ignoredPaths } from "../watch/ignored-paths.ts";
import { runOnce, type RunFlags } from "./run.ts";

/** Changed files that are named; the rest is counted. */
const NAMED = 3;

/**
 * Runs the workflow, and again whenever files change, until a signal comes.
 *
 * @returns The exit code of the last run; 2 when there was nothing to run at first.
 */
export async function watchCommand(flags: RunFlags, io: ProcessIo): Promise<number> {
  const { cwd, env, stderr } = io;
  const refuse = (message: string): number => {
    stderr.write(`loom: ${message}\n`);
    return EXIT_CODE.usage;
  };
  const excluded = excludedFlag(flags);
  if (excluded !== undefined) return refuse(`Cannot combine --watch and ${excluded}`);
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) return refuse(location.error.message);
  const { repoRoot } = location.value;
  const workspace = await chooseWorkspace(flags, { env, repoRoot });
  if (!workspace.ok) return refuse(workspace.error.message);
  const loop = new WatchLoop(flags, io, {
    root: await rootOf(repoRoot, env),
    isInPlace: workspace.value === "in-place",
  });
  return await loop.run();
}

/** The first of the flags that contradict a watch, and why. */
function excludedFlag(flags: RunFlags): string | undefined {
  if (flags.cacheDiff === true) return "--cache-diff: that compares two runs and ends. Leave out one of them";
  if (flags.retryFailed !== undefined)
    return "--retry-failed: results are kept of the same files, and a watch runs when files change. Leave out one of them";
  if (flags.pauseExit === true)
    return "--pause-exit: a watch goes on until it is stopped. Leave out one of them";
  if (flags.staged === true)
    return "--staged: what is staged changes when files do not. Leave out one of them";
  const { tuiExit } = flags;
  if (tuiExit === undefined || tuiExit === "now") return undefined;
  return `--tui-exit ${tuiExit}: the live view closes when a run ends, to open with the next. Leave out one of them`;
}

/** What a run sees: the repository that has the project, or the project where none has it or it is ignored. */
async function rootOf(project: string, env: ProcessIo["env"]): Promise<string> {
  const repository = findRepository(project);
  if (repository === undefined || repository === project) return project;
  const ignored = await ignoredPaths(repository, [project], env);
  return ignored?.has(project) === false ? repository : project;
}

interface Watched {
  /** Absolute. */
  readonly root: string;
  /** Whether jobs work in the files that are watched: then a run changes them itself. */
  readonly isInPlace: boolean;
}

const SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs, waits, and runs again. */
class WatchLoop {
  readonly #flags: RunFlags;
  readonly #io: ProcessIo;
  readonly #watched: Watched;
  /** Changed since the last run was started. */
  readonly #changed = new Set<string>();
  #run: WorkflowRun | undefined;
  #isRunning = false;
  /** Whether the run under way was stopped because something changed. */
  #isOutdated = false;
  /** What ended the watch. */
  #endedBy: EndSignal | undefined;
  #wake: () => void = () => {};

  constructor(flags: RunFlags, io: ProcessIo, watched: Watched) {
    this.#flags = { ...flags, tuiExit: "now" };
    this.#io = io;
    this.#watched = watched;
  }

  async run(): Promise<number> {
    const files = new FolderWatch({
      root: this.#watched.root,
      env: this.#io.env,
      isOwn: ownFiles(this.#flags, this.#io.cwd),
      onChange: (paths) => this.#take(paths),
      onWarning: (message) => this.#say(message),
    });
    const onSignal = (signal: EndSignal): void => {
      if (!isIgnoredSignal(signal, this.#io.env)) this.#end(signal);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    try {
      await files.open();
      if (this.#endedBy !== undefined) return 128 + constants.signals[this.#endedBy];
      for (let isFirst = true; ; isFirst = false) {
        const { exitCode, runDirectory } = await this.#runOnce();
        if (this.#watched.isInPlace) await files.settle();
        this.#isRunning = false;
        const isWrongUse = isFirst && runDirectory === undefined;
        if (isWrongUse || this.#endedBy !== undefined || (exitCode > 128 && !this.#isOutdated))
          return exitCode;
        await this.#untilChange();
        if (this.#endedBy !== undefined) return exitCode;
      }
    } finally {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      files.close();
    }
  }

  async #runOnce(): ReturnType<typeof runOnce> {
    this.#changed.clear();
    this.#isOutdated = false;
    this.#isRunning = true;
    try {
      return await runOnce(this.#flags, this.#io, {
        started: (run) => {
          this.#run = run;
          // Between two runs no run is told of a signal.
          if (this.#endedBy !== undefined) run.stop({ kind: "signal", signal: this.#endedBy });
          else if (this.#changed.size > 0) this.#outdate();
        },
        interrupted: (signal) => this.#end(signal),
      });
    } finally {
      this.#run = undefined;
    }
  }

  async #untilChange(): Promise<void> {
    if (this.#changed.size === 0) {
      const shown = relative(this.#io.cwd, this.#watched.root) || "this folder";
      this.#say(`waiting for changes in ${shown}; Ctrl-C ends`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#endedBy !== undefined) resolve();
      });
    }
    if (this.#changed.size > 0 && this.#endedBy === undefined)
      this.#say(`${this.#changes()} changed: running again`);
  }

  #take(paths: readonly string[]): void {
    if (this.#watched.isInPlace && this.#isRunning) return;
    for (const path of paths) this.#changed.add(path);
    if (this.#run === undefined) this.#wake();
    else this.#outdate();
  }

  /** Ends the run under way, as what it is about has changed. */
  #outdate(): void {
    if (this.#isOutdated || this.#endedBy !== undefined) return;
    this.#isOutdated = true;
    this.#run?.stop({ kind: "signal", signal: "SIGINT" });
  }

  #end(signal: EndSignal): void {
    this.#endedBy ??= signal;
    this.#wake();
  }

  #changes(): string {
    const names = [...this.#changed].slice(0, NAMED).map((path) => relative(this.#io.cwd, path));
    const more = this.#changed.size - names.length;
    return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }

  #say(message: string): void {
    this.#io.stderr.write(`loom: ${message}\n`);
  }
}

/** Knows the files that this program writes: those of reporters, and where its output is redirected to. */
function ownFiles(flags: RunFlags, cwd: string): (path: string) => boolean {
  const reporters = parseReporters(flags.reporter ?? []);
  const paths = new Set(reporters.ok ? reporters.value.inFiles.map(({ file }) => resolve(cwd, file)) : []);
  const outputs = [1, 2].flatMap((descriptor) => fileFacts(() => fstatSync(descriptor)) ?? []);
  return (path) => {
    if (paths.has(path)) return true;
    const facts = outputs.length > 0 ? fileFacts(() => statSync(path)) : undefined;
    return outputs.some(({ dev, ino }) => facts?.dev === dev && facts.ino === ino);
  };
}

/** What the system says of something, if that is a file. */
function fileFacts(ask: () => Stats): Stats | undefined {
  try {
    const facts = ask();
    return facts.isFile() ? facts : undefined;
  } catch {
    return undefined;
  }
}
