import { nodeSteps } from "@loom/core";
import { knowsLinks, shouldColor, type ColorFlag } from "@loom/reporters";
import {
  compiledJobs,
  linePattern,
  readLogBlocks,
  type ReadLogOptions,
  openRunOrJob,
  type OpenedRun,
} from "@loom/diagnosis";
import { EXIT_CODE } from "../exit-code.ts";
import { LogWriter } from "../log-writer.ts";
import { createBytesPrinter } from "../print-bytes.ts";
import { createRunnerGuard } from "../runner-guard.ts";
import { UnitRules } from "../unit-rules.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom logs`, checked and converted. */
export interface LogsFlags {
  readonly follow?: boolean;
  /** Only what went to stderr. */
  readonly stderr?: boolean;
  /** Only lines that match this regular expression. */
  readonly grep?: string;
  readonly ignoreCase?: boolean;
  /** Only so many lines, the last ones. */
  readonly tail?: number;
  readonly timestamps?: boolean;
  /** Only this attempt at the job, from 1. */
  readonly attempt?: number;
  /** Only what was printed since: a moment as RFC 3339 has it, or so many milliseconds ago. */
  readonly since?: string | number;
  /** Prints each line as an object of JSON. */
  readonly json?: boolean;
  /** All that was printed of each line, also what it overwrote itself. */
  readonly raw?: boolean;
  readonly color?: ColorFlag;
}

/** The words that say which lines: of a run, of one of its jobs, of one of that job's steps. A job alone is one of the last run. */
export interface LogsPlace {
  readonly run?: string | undefined;
  readonly job?: string | undefined;
  readonly step?: string | undefined;
}

/**
 * Prints what a run printed, in order.
 *
 * @returns 0; 1 when it cannot be read; 2 when there is no such run, job or step.
 */
export async function logsCommand(given: LogsPlace, flags: LogsFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr, cwd, env } = io;
  const opened = await openRunOrJob(given.run ?? "last", cwd);
  if (!opened.ok) {
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const { job: named } = opened.value;
  const words = named === undefined ? [given.job, given.step] : [named, given.job, given.step];
  const [job, step, ...rest] = words.filter((word) => word !== undefined);
  const number = step === undefined ? undefined : stepNumber(step);
  if (rest.length > 0 || (step !== undefined && number === undefined)) {
    stderr.write(
      `loom: Cannot understand "${rest[0] ?? step}": after the job comes the number of a step, from 1\n`,
    );
    return EXIT_CODE.usage;
  }
  const place = { ...(job !== undefined && { job }), ...(number !== undefined && { step: number }) };
  if (flags.attempt !== undefined && job === undefined) {
    stderr.write(
      "loom: Cannot tell whose --attempt is meant: name a job, as in loom logs last unit --attempt 1\n",
    );
    return EXIT_CODE.usage;
  }
  const grep = flags.grep === undefined ? undefined : linePattern(flags.grep, flags);
  if (grep?.ok === false) {
    stderr.write(`loom: Cannot use the pattern of --grep: ${grep.error}\n`);
    return EXIT_CODE.usage;
  }
  const options = {
    ...optionsOf(place, flags, opened.value),
    ...(grep !== undefined && { grep: grep.value }),
  };
  const log = await readLogBlocks(opened.value.run, options);
  if (!log.ok) {
    stderr.write(`loom: ${log.error.message}\n`);
    return log.error.code === "ARTIFACTS_NOT_FOUND" ? EXIT_CODE.usage : EXIT_CODE.failure;
  }
  const colored = shouldColor({
    flag: flags.color ?? "auto",
    env,
    isTerminal: stdout.isTTY === true,
  });
  const rules = showsUnits(flags, place)
    ? new UnitRules(await scriptsOf(opened.value.run), place.step !== undefined)
    : undefined;
  const guard = createRunnerGuard({ env });
  const printer = createBytesPrinter(
    stdout,
    guard.isOff ? undefined : flags.json === true ? guard.json : guard.text,
  );
  const writer = new LogWriter(printer.waiting, {
    json: flags.json === true,
    raw: flags.raw === true,
    timestamps: flags.timestamps === true,
    jobs: place.job === undefined,
    rules,
    colored,
    links: knowsLinks(env),
    isTerminal: stdout.isTTY === true,
  });
  let printed = 0;
  printing: for await (const blocks of log.value) {
    for (const block of blocks) {
      for (const line of block.lines) {
        writer.write(block, line);
        printed += 1;
        if (printer.isFull) await printer.flush();
        if (printer.closed) break printing;
      }
    }
    if (flags.follow === true) await printer.flush();
    if (printer.closed) break;
  }
  await printer.flush();
  const lost = printed > 0 || isFiltered(flags) ? 0 : await linesOf(opened.value.run, place);
  if (lost === 0) return EXIT_CODE.success;
  const lines = lost === 1 ? "1 line was" : `${lost} lines were`;
  stderr.write(`loom: Cannot read the log: its evidence says that ${lines} printed, and none is there\n`);
  return EXIT_CODE.failure;
}

/** Whether less than everything was asked for, so that nothing is no wonder. */
function isFiltered({ grep, stderr, since, tail, attempt, follow }: LogsFlags): boolean {
  return [grep, stderr, since, tail, attempt, follow].some((flag) => flag !== undefined && flag !== false);
}

/** How many lines the steps of a job printed, by their summaries; 0 for a whole run, of which that would be long to ask. */
async function linesOf(
  run: OpenedRun["run"],
  { job, step }: Pick<ReadLogOptions, "job" | "step">,
): Promise<number> {
  if (job === undefined) return 0;
  const manifest = await run.jobManifest(job);
  const steps = manifest.ok
    ? manifest.value.steps.filter((each) => step === undefined || each.step === step)
    : [];
  const summaries = await Promise.all(steps.map((each) => run.stepSummary(job, each.step)));
  return summaries.reduce((sum, summary) => sum + (summary.ok ? (summary.value.output_lines ?? 0) : 0), 0);
}

/** A whole log says where each step begins; what was picked out of it is given as it is. */
function showsUnits(flags: LogsFlags, { step }: Pick<ReadLogOptions, "step">): boolean {
  return (
    flags.json !== true &&
    flags.raw !== true &&
    flags.stderr !== true &&
    flags.grep === undefined &&
    flags.tail === undefined &&
    (step === undefined || flags.attempt === undefined)
  );
}

async function scriptsOf(run: OpenedRun["run"]): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map(
    (await compiledJobs(run)).map((node) => [node.id, nodeSteps(node).map(({ script }) => script)]),
  );
}

function stepNumber(word: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
}

function optionsOf(
  place: Pick<ReadLogOptions, "job" | "step">,
  flags: LogsFlags,
  { isAlive }: OpenedRun,
): ReadLogOptions {
  return {
    ...place,
    ...(flags.raw !== undefined && { raw: flags.raw }),
    ...(flags.tail !== undefined && { tail: flags.tail }),
    ...(flags.attempt !== undefined && { attempt: flags.attempt }),
    ...(flags.since !== undefined && {
      since: typeof flags.since === "string" ? flags.since : new Date(Date.now() - flags.since).toISOString(),
    }),
    streams: flags.stderr === true ? ["stderr"] : ["stdout", "stderr"],
    ...(flags.follow === true && { follow: { isAlive } }),
  };
}
