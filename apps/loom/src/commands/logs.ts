import { cleanLine, createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import { compiledJobs, linePattern, readLog, type LogLine, type ReadLogOptions } from "@loom/diagnosis";
import { EXIT_CODE } from "../exit-code.ts";
import { openRunOrJob, type OpenedRun } from "../open-past-run.ts";
import { printable } from "../printable.ts";
import { createPrinter } from "../print.ts";
import { createRunnerGuard } from "../runner-guard.ts";
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
  const log = await readLog(opened.value.run, options);
  if (!log.ok) {
    stderr.write(`loom: ${log.error.message}\n`);
    return log.error.code === "ARTIFACTS_NOT_FOUND" ? EXIT_CODE.usage : EXIT_CODE.failure;
  }
  const colored = shouldColor({
    flag: flags.color ?? "auto",
    env,
    isTerminal: stdout.isTTY === true,
  });
  const palette = createPalette(colored ? "ansi16" : "none");
  // A terminal would act on what a job printed; a file or another program is given it as it is.
  const rawText = (text: string): string =>
    stdout.isTTY === true ? cleanLine(text.replaceAll("\r", "␍"), { color: colored }) : text;
  const rules = showsUnits(flags, place)
    ? new UnitRules(await scriptsOf(opened.value.run), place.step !== undefined)
    : undefined;
  let open: LogLine | undefined;
  const format = (line: LogLine): string => {
    if (flags.json === true) return `${JSON.stringify(lineData(line))}\n`;
    const rule = rules?.before(line);
    const time = flags.timestamps === true ? `${palette.paint("dim", line.ts)} ` : "";
    const job = place.job === undefined ? `${palette.paint("bold", printable(line.jobId))} │ ` : "";
    const text = flags.raw === true ? rawText(line.text) : cleanLine(line.text, { color: colored });
    // Only the pieces of a line beyond all measure come one by one.
    const goesOn = open !== undefined && isSamePlace(open, line);
    const ruled =
      rule === undefined ? "" : `${job}${palette.paint("dim", cleanLine(rule, { color: false }))}\n`;
    const start = goesOn ? "" : `${open === undefined ? "" : "\n"}${ruled}${time}${job}`;
    open = line.partial === true ? line : undefined;
    return `${start}${text}${line.partial === true ? "" : "\n"}`;
  };
  const guard = createRunnerGuard({ env });
  const printer = createPrinter(stdout, (text) =>
    flags.json === true ? guard.json(text) : guard.text(text),
  );
  let printed = 0;
  for await (const line of log.value) {
    printed += 1;
    await printer.print(format(line));
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
  return new Map((await compiledJobs(run)).map(({ id, script }) => [id, script]));
}

/** Says before a line in which step it was printed, where that is another one than before; nothing for jobs of one step. */
class UnitRules {
  readonly #scripts: ReadonlyMap<string, readonly string[]>;
  readonly #last = new Map<string, string>();
  readonly #isOneStep: boolean;

  /** @param isOneStep - Whether only one step was asked for, whose command is known to whoever asks. */
  constructor(scripts: ReadonlyMap<string, readonly string[]>, isOneStep: boolean) {
    this.#scripts = scripts;
    this.#isOneStep = isOneStep;
  }

  before({ jobId, unit }: LogLine): string | undefined {
    const key = JSON.stringify(unit);
    const last = this.#last.get(jobId);
    if (last === key) return undefined;
    this.#last.set(jobId, key);
    const script = this.#scripts.get(jobId) ?? [];
    const isOnly = last === undefined && (this.#isOneStep || script.length < 2);
    if (unit.kind === "section") return isOnly ? undefined : `# ${unit.section}`;
    const attempt = unit.attempt === undefined ? "" : ` (attempt ${unit.attempt})`;
    if (isOnly && attempt === "") return undefined;
    const [first = "", ...more] = (script[unit.step - 1] ?? `step ${unit.step}`).trimEnd().split("\n");
    return `$ ${first}${more.length > 0 ? ` … +${more.length} lines` : ""}${attempt}`;
  }
}

function lineData({ jobId, unit, ...line }: LogLine): object {
  const { seq, ts, stream, level, text, partial } = line;
  const place = unit.kind === "step" ? { step: unit.step, attempt: unit.attempt } : { section: unit.section };
  return { seq, ts, job_id: jobId, ...place, stream, level, text, partial };
}

function stepNumber(word: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
}

/** Whether a piece of a line belongs to the line of another one. */
function isSamePlace(one: LogLine, other: LogLine): boolean {
  return (
    one.jobId === other.jobId &&
    one.stream === other.stream &&
    JSON.stringify(one.unit) === JSON.stringify(other.unit)
  );
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
