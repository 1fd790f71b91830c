import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { openRun } from "@loom/artifacts";
import { formatDuration, jobId, SIGNAL_EXIT_CODES } from "@loom/core";
import { explainRun, explanationLines, type Explanation } from "@loom/diagnosis";
import { createPalette, shouldColor, type ColorFlag, type Palette } from "@loom/reporters";
import { findWorkflow } from "@loom/runner/workflow";
import { createGit, inheritableEnvironment, type Git } from "@loom/system";
import { shownCommit, commitsBetween, diffStat, resolveCommit, type ShownCommit } from "../bisect/history.ts";
import { nextStep, type Commit, type SearchStep, type TryVerdict } from "../bisect/search.ts";
import { earlierTries, tryCommit, type Try, type TryOptions } from "../bisect/try-commit.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom bisect`. */
export interface BisectFlags {
  /** A revision on which the job passes. */
  readonly good?: string;
  /** A revision on which it fails. */
  readonly bad: string;
  readonly workflow?: string;
  /** How many commits are tried at a time. */
  readonly concurrency?: number;
  readonly json?: boolean;
  readonly color?: ColorFlag;
}

/** Git may have to read a long history. Unit: milliseconds. */
const GIT_TIMEOUT_MS = 60_000;

/** Characters of a commit's name that are shown. */
const SHORT = 10;

/**
 * Finds the commit that broke a job, by running it in snapshots of commits.
 *
 * @returns 0 found; 1 it cannot be told, or the job fails on the good commit or passes on the bad one; 2 wrong use; 130
 *   or 143 stopped by a signal: called again, it goes on.
 */
export async function bisectCommand(job: string, flags: BisectFlags, io: ProcessIo): Promise<number> {
  const { cwd, env, stderr } = io;
  const refuse = (message: string, exitCode: number = EXIT_CODE.usage): number => {
    stderr.write(printable(`loom: ${message}\n`));
    return exitCode;
  };
  if (flags.good === undefined) return refuse("bisect needs a commit on which the job passes: --good REV");
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) return refuse(location.error.message);
  const { repoRoot } = location.value;
  const git = createGit(repoRoot, { env: inheritableEnvironment(env), timeoutMs: GIT_TIMEOUT_MS });
  const [good, bad] = [await resolveCommit(git, flags.good), await resolveCommit(git, flags.bad)];
  if (!good.ok) return refuse(`Cannot search: ${good.error}`);
  if (!bad.ok) return refuse(`Cannot search: ${bad.error}`);
  const between = await commitsBetween(git, good.value, bad.value);
  if (!between.ok) return refuse(`Cannot search: ${between.error}`);
  if (between.value.length === 0)
    return refuse(
      `Cannot search: ${flags.good} has all that ${flags.bad} has, so nothing between them broke the job`,
    );
  const search = new Bisect(
    { job, good: good.value, bad: bad.value, commits: between.value },
    { io, git, flags, repoRoot },
  );
  return await search.run();
}

interface Range {
  readonly job: string;
  readonly good: string;
  readonly bad: string;
  readonly commits: readonly Commit[];
}

interface BisectParts {
  readonly io: ProcessIo;
  readonly git: Git;
  readonly flags: BisectFlags;
  readonly repoRoot: string;
}

/** One search, from its ends to its answer. */
class Bisect {
  readonly #range: Range;
  readonly #parts: BisectParts;
  readonly #palette: Palette;
  readonly #slots: number;
  readonly #tries = new Map<string, Try>();
  readonly #stop = new AbortController();
  #made = 0;
  #signal: "SIGINT" | "SIGTERM" | undefined;

  constructor(range: Range, parts: BisectParts) {
    const { io, flags } = parts;
    this.#range = range;
    this.#parts = parts;
    this.#slots = flags.concurrency ?? availableParallelism();
    const isTerminal = io.stdout.isTTY === true;
    const colored = shouldColor({ flag: flags.color ?? "auto", env: io.env, isTerminal });
    this.#palette = createPalette(colored ? "ansi16" : "none");
  }

  async run(): Promise<number> {
    const interrupt = (name: "SIGINT" | "SIGTERM"): void => {
      this.#signal ??= name;
      this.#stop.abort();
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    try {
      return await this.#search();
    } finally {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    }
  }

  async #search(): Promise<number> {
    const { good, bad, commits, job } = this.#range;
    const { repoRoot, flags } = this.#parts;
    const wanted = new Set([good, ...commits.map(({ sha }) => sha)]);
    // A workflow from elsewhere may be another one by now.
    const known =
      flags.workflow === undefined ? await earlierTries(repoRoot, job, wanted) : new Map<string, Try>();
    for (const [sha, found] of known) this.#tries.set(sha, found);
    this.#say(
      `${commits.length} ${commits.length === 1 ? "commit" : "commits"} between good and bad, ${this.#slots} at a time${known.size === 0 ? "" : `, ${known.size} known from earlier runs`}`,
    );
    await this.#tryAll([good, bad].filter((sha) => !this.#tries.has(sha)));
    const ends = this.#signal === undefined ? this.#badEnds() : undefined;
    if (ends !== undefined) return this.#fail(ends);
    for (;;) {
      if (this.#signal !== undefined) return this.#stopped(this.#signal);
      const step = nextStep(commits, this.#verdicts(), this.#slots);
      if (step.kind !== "try") return await this.#answer(step);
      await this.#tryAll(step.shas);
    }
  }

  #verdicts(): ReadonlyMap<string, TryVerdict> {
    return new Map([...this.#tries].map(([sha, { verdict }]) => [sha, verdict]));
  }

  /** Why the ends are none; `undefined` when the job passes on the one and fails on the other. */
  #badEnds(): string | undefined {
    const { good, bad, job } = this.#range;
    const [first, last] = [this.#tries.get(good), this.#tries.get(bad)];
    const what = (found: Try | undefined): string =>
      found?.verdict === "skipped"
        ? `cannot be tried: ${found.reason ?? "unknown"}`
        : `${found?.verdict === "good" ? "passes" : "fails"} there`;
    if (first?.verdict !== "good")
      return `The job "${job}" has to pass on the good commit ${short(good)}, and it ${what(first)}`;
    if (last?.verdict !== "bad")
      return `The job "${job}" has to fail on the bad commit ${short(bad)}, and it ${what(last)}`;
    return undefined;
  }

  /** Tries commits side by side, as many at a time as there are slots. */
  async #tryAll(shas: readonly string[]): Promise<void> {
    const waiting = [...shas];
    const lane = async (): Promise<void> => {
      for (let sha = waiting.shift(); sha !== undefined && !this.#stop.signal.aborted; sha = waiting.shift())
        await this.#try(sha);
    };
    await Promise.all(Array.from({ length: Math.min(this.#slots, shas.length) }, lane));
  }

  async #try(sha: string): Promise<void> {
    const { io, flags, git } = this.#parts;
    const options: TryOptions = {
      job: this.#range.job,
      cwd: io.cwd,
      workflow: flags.workflow,
      env: io.env,
      command: io.argv,
      loomVersion: LOOM_VERSION,
      signal: this.#stop.signal,
    };
    const began = performance.now();
    const found = await tryCommit(sha, options);
    if (found === undefined) return;
    this.#tries.set(sha, found);
    this.#made += 1;
    const { subject } = await shownCommit(git, sha);
    const took = formatDuration(performance.now() - began);
    const tone = found.verdict === "good" ? "success" : found.verdict === "bad" ? "failed" : "skipped";
    const why = found.reason === undefined ? "" : `  ${found.reason}`;
    this.#say(
      `${this.#palette.paint(tone, found.verdict.padEnd("skipped".length))}  ${short(sha)}  ${took.padStart(6)}  ${subject}${why}  ${found.runId ?? ""}`.trimEnd(),
    );
  }

  async #answer(step: Exclude<SearchStep, { readonly kind: "try" }>): Promise<number> {
    const { git, flags, io } = this.#parts;
    const { job } = this.#range;
    const shas = step.kind === "found" ? [step.sha] : step.shas;
    const facts = await Promise.all(shas.map((sha) => shownCommit(git, sha)));
    const explanation = step.kind === "found" ? await explain(this.#tries.get(step.sha), job) : undefined;
    const stat = step.kind === "found" ? await diffStat(git, step.sha) : [];
    if (flags.json === true) io.stdout.write(formatJson(this.#json(step, { facts, stat, explanation })));
    else io.stdout.write(printable(`${this.#lines(step, { facts, stat, explanation }).join("\n")}\n`));
    return step.kind === "found" ? EXIT_CODE.success : EXIT_CODE.failure;
  }

  #lines(
    step: Exclude<SearchStep, { readonly kind: "try" }>,
    { facts, stat, explanation }: Answer,
  ): readonly string[] {
    const { job } = this.#range;
    const tries = `${this.#made} ${this.#made === 1 ? "run" : "runs"}`;
    if (step.kind === "undecided") {
      return [
        `One of these ${facts.length} commits broke "${job}"; those in between cannot be tried (${tries}):`,
        ...facts.map(({ sha, subject }) => `  ${short(sha)}  ${subject}`),
      ];
    }
    const [commit] = facts;
    if (commit === undefined) return [];
    const { runDirectory } = this.#tries.get(step.sha) ?? {};
    const runDir = runDirectory === undefined ? undefined : relative(this.#parts.io.cwd, runDirectory);
    return [
      `${commit.sha} is the first commit on which "${job}" fails (${tries})`,
      "",
      `  ${commit.subject}`,
      `  ${commit.author}  ${commit.date}`,
      ...stat.map((line) => `  ${line.trim()}`),
      ...(explanation === undefined ? [] : ["", ...explanationLines(explanation, { runDir })]),
    ];
  }

  #json(step: Exclude<SearchStep, { readonly kind: "try" }>, { facts, stat, explanation }: Answer): object {
    const { job, good, bad, commits } = this.#range;
    return {
      schema_version: "v1",
      kind: "loom-bisect",
      job_id: job,
      good,
      bad,
      commits: commits.length,
      outcome: step.kind,
      ...(step.kind === "found" && facts[0] !== undefined && { first_bad: facts[0] }),
      ...(step.kind === "undecided" && { suspects: facts }),
      ...(step.kind === "found" && { diff_stat: stat.map((line) => line.trim()) }),
      runs: this.#made,
      tries: [...this.#tries.values()].map(({ sha, verdict, reason, runId }) => ({
        sha,
        verdict,
        ...(reason !== undefined && { reason }),
        ...(runId !== undefined && { run_id: runId }),
      })),
      ...(explanation !== undefined && { explanation }),
    };
  }

  #fail(message: string): number {
    this.#say(message);
    return EXIT_CODE.failure;
  }

  #stopped(signal: "SIGINT" | "SIGTERM"): number {
    this.#say(
      `stopped after ${this.#made} ${this.#made === 1 ? "run" : "runs"}; the same command goes on from here`,
    );
    return SIGNAL_EXIT_CODES[signal];
  }

  #say(text: string): void {
    this.#parts.io.stderr.write(printable(`loom: ${text}\n`, this.#palette.color));
  }
}

interface Answer {
  readonly facts: readonly ShownCommit[];
  readonly stat: readonly string[];
  readonly explanation: Explanation | undefined;
}

async function explain(found: Try | undefined, job: string): Promise<Explanation | undefined> {
  if (found?.runDirectory === undefined) return undefined;
  const run = await openRun(found.runDirectory);
  if (!run.ok) return undefined;
  const explained = await explainRun(run.value, { jobId: jobId(job) });
  return explained.ok ? explained.value : undefined;
}

function short(sha: string): string {
  return sha.slice(0, SHORT);
}
