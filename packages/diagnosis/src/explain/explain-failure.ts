import {
  runHome,
  type JobManifest,
  type PipelineManifest,
  type ReadError,
  type RunError,
  type RunReader,
} from "@loom/artifacts";
import type { EventError, JobId, PhaseFinishEvent, ReachedLimit, Result } from "@loom/core";
import { reachedLimit, relativePaths } from "@loom/core";
import {
  executionStreamPath,
  jobManifestPath,
  PIPELINE_MANIFEST_PATH,
  stepFailsJob,
  streamPath,
} from "@loom/record";
import { compiledJobs } from "../log/compiled-jobs.ts";
import { plainLine } from "../errors/plain-line.ts";
import { recogniseErrors } from "../errors/recognise-errors.ts";
import type { RecognisedError } from "../errors/recognised-error.ts";
import type { ExplainedError, ExplainedFailure } from "./explanation.ts";
import { failureMeaning } from "./failure-meaning.ts";
import { findLeftOut } from "./find-left-out.ts";
import { readWorkplace } from "./read-workplace.ts";
import { oneLine } from "./one-line.ts";
import { readFailingOutput } from "./read-failing-output.ts";
import { readStop } from "./read-stop.ts";

/** Lines that an explanation has room for. */
const LINES = 20;

/** What an explanation says about a failure. */
export interface FailureParts {
  readonly failure: ExplainedFailure;
  readonly errors: readonly ExplainedError[];
  readonly lines: readonly string[];
  /** The same as they were printed, colours and all. */
  readonly printed: readonly string[];
  readonly linesTotal: number;
  readonly linesRead: number;
  readonly open: readonly string[];
}

/** Explains the failure of a job by its own documents and the end of its failing stream. */
export async function explainJobFailure(
  run: RunReader,
  jobId: JobId,
  context: { readonly manifest: PipelineManifest | undefined; readonly notes: string[] },
): Promise<FailureParts> {
  const { notes } = context;
  const read = <T>(result: Result<T, ReadError>): T | undefined => {
    if (result.ok) return result.value;
    notes.push(result.error.message);
    return undefined;
  };
  const [manifestRead, summaryRead] = await Promise.all([run.jobManifest(jobId), run.jobSummary(jobId)]);
  const manifest = read(manifestRead);
  const summary = read(summaryRead);
  const listed = context.manifest?.jobs.find((job) => job.job_id === jobId);
  const step = manifest?.steps.find((each) => each.step === manifest.failing_step);
  const stepRead = step?.summary_path === undefined ? undefined : await run.stepSummary(jobId, step.step);
  const signal = stepRead?.ok === true ? stepRead.value.signal : undefined;
  const lost = manifest === undefined ? await readFailedStep(run, jobId) : undefined;
  const path =
    manifest?.failing_events_path ??
    (lost === undefined ? undefined : streamPath({ kind: "step", jobId, step: lost.step }));
  const wasStopped = summary?.error?.code === "timeout" || listed?.status === "cancelled";
  const stopSeq = wasStopped ? (await readStop(run, jobId))?.seq : undefined;
  const output =
    path === undefined ? undefined : await readFailingOutput(run, path, { maxLines: LINES, stopSeq });
  if (output !== undefined && "problem" in output) notes.push(output.problem);
  const found = output === undefined || "problem" in output ? undefined : output;
  // What a step printed is counted in its summary: evidence that has lost some of it is to be known as such.
  const printedLines = stepRead?.ok === true ? stepRead.value.output_lines : undefined;
  if (found?.complete === true && printedLines !== undefined && found.linesRead < printedLines)
    notes.push(`"${path}" holds ${found.linesRead} of the ${printedLines} lines that its step printed`);
  const workplace = await readWorkplace(run);
  const relative = workplace === undefined ? asItIs : relativePaths(workplace);
  const { lines: said = [], printed = [], indices = [], errors = [], codes = [] } = found ?? {};
  const exitCode = step?.exit_code ?? lost?.exit_code ?? summary?.exit_code ?? listed?.exit_code;
  const error = summary?.error;
  const failedStep = step?.step ?? lost?.step;
  const limit = error === undefined ? undefined : await findLimit(run, jobId, { error, step: failedStep });
  const meaning = failureMeaning({
    exitCode,
    signal,
    errorCode: error?.code,
    outputCodes: codes,
  });
  const checkout = runHome(run.directory);
  const leftOut =
    workplace === undefined || checkout === undefined || step === undefined
      ? undefined
      : await findLeftOut(said.map(relative), workplace, checkout);
  const stage = summary?.stage ?? listed?.stage;
  const section = manifest?.failing_section;
  return {
    failure: {
      unit: lost === undefined ? unitOf(manifest) : "step",
      job_id: jobId,
      ...(stage !== undefined && { stage }),
      ...(step !== undefined && {
        step: step.step,
        steps_total: manifest?.steps.length ?? 0,
        command: oneLine(step.command),
        ...(step.name !== undefined && { name: oneLine(step.name) }),
      }),
      ...(step === undefined && lost !== undefined && { step: lost.step }),
      ...(step === undefined && section !== undefined && { section }),
      ...(exitCode !== undefined && { exit_code: exitCode }),
      ...(signal !== undefined && { signal }),
      ...(error !== undefined && { error: { code: error.code, message: oneLine(error.message) } }),
      ...(limit !== undefined && { limit }),
      ...(meaning !== undefined && { meaning }),
      ...(leftOut !== undefined && { left_out: leftOut }),
      ...(summary !== undefined && { attempts: summary.attempts, duration_ms: summary.duration_ms }),
    },
    errors: withTests(unique(errors.map((each) => explainedError(each, relative))), manifest?.tests),
    lines: indices.map((index) => relative(said[index] ?? "")),
    printed: indices.map((index) => relative(printed[index] ?? "")),
    linesTotal: step?.output_lines ?? found?.linesRead ?? 0,
    linesRead: found?.linesRead ?? 0,
    open: [
      ...(path === undefined ? [] : [path]),
      ...(manifestRead.ok ? [jobManifestPath(jobId)] : []),
      PIPELINE_MANIFEST_PATH,
    ],
  };
}

/** Explains a failure that does not belong to a job: an invalid workflow, a bootstrap that failed, evidence that could not be written. */
export function explainRunFailure(error: RunError): FailureParts {
  const lines = error.message.split("\n").map(plainLine);
  const problems = lines.flatMap(workflowProblem);
  const meaning = failureMeaning({ outputCodes: recogniseErrors(lines).map((each) => each.code) });
  return {
    failure: {
      unit: "run",
      error: { code: error.code, message: lines[0] ?? "" },
      ...(meaning !== undefined && { meaning }),
    },
    errors: problems,
    lines: lines.length > 1 ? lines : [],
    printed: [],
    linesTotal: lines.length > 1 ? lines.length : 0,
    linesRead: lines.length > 1 ? lines.length : 0,
    open: ["summary.json", "events.jsonl"],
  };
}

/** The limit that made a job fail; only a failure by one is asked for what the job allows. */
async function findLimit(
  run: RunReader,
  jobId: JobId,
  { error, step }: { readonly error: EventError; readonly step: number | undefined },
): Promise<ReachedLimit | undefined> {
  if (error.code !== "timeout") return undefined;
  const node = (await compiledJobs(run)).find(({ id }) => id === jobId);
  return node && reachedLimit(node, error, step);
}

/** The step that failed the job, by the mirror of the job's steps: what is left where its manifest is lost. */
async function readFailedStep(
  run: RunReader,
  jobId: JobId,
): Promise<(PhaseFinishEvent & { readonly step: number }) | undefined> {
  const node = (await compiledJobs(run)).find(({ id }) => id === jobId);
  const ends = await run.tailEvents(
    executionStreamPath(jobId),
    2,
    (event): event is PhaseFinishEvent & { readonly step: number } =>
      event.event === "phase_finish" && stepFailsJob(node, event),
  );
  // A step of `after_script` whose worker was lost may follow the one that failed the job.
  const [first, last = first] = ends.ok ? ends.value : [];
  return first?.attempt === last?.attempt ? first : last;
}

function unitOf(manifest: JobManifest | undefined): ExplainedFailure["unit"] {
  if (manifest?.failing_step !== undefined) return "step";
  return manifest?.failing_section === undefined || manifest.failing_section === "execution"
    ? "job"
    : "section";
}

function asItIs(text: string): string {
  return text;
}

function explainedError(error: RecognisedError, relative: (text: string) => string): ExplainedError {
  const { tool, message, file, line, column, code, test, severity } = error;
  return {
    tool,
    message: relative(message),
    ...(file !== undefined && { file: relative(file) }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(code !== undefined && { code }),
    ...(test !== undefined && { test }),
    ...(severity === "warning" && { severity }),
  };
}

/** Adds the failed tests of reports that the output does not tell; before lines that only call themselves errors. */
function withTests(
  errors: readonly ExplainedError[],
  tests: JobManifest["tests"],
): readonly ExplainedError[] {
  const failures = (tests?.failures ?? []).map(({ name, file, line, message }): ExplainedError => ({
    tool: "junit",
    message: message ?? "the test failed",
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    test: name,
  }));
  const untold = failures.filter((failure) => !errors.some((error) => isSameFailure(error, failure)));
  const isNamed = ({ tool }: ExplainedError): boolean => tool !== "generic";
  return [...errors.filter(isNamed), ...untold, ...errors.filter((error) => !isNamed(error))];
}

function isSameFailure(error: ExplainedError, failure: ExplainedError): boolean {
  if (error.test !== undefined && failure.test !== undefined)
    return error.test === failure.test || error.test.endsWith(failure.test);
  return error.file !== undefined && error.file === failure.file && error.line === failure.line;
}

/** Some tools report an error where it is found and once more at the end. */
function unique(errors: readonly ExplainedError[]): readonly ExplainedError[] {
  return [...new Map(errors.map((error) => [JSON.stringify(error), error])).values()];
}

/** Reads a line of `loom check`: `file:line:column CODE pointer: what to do`. */
function workflowProblem(text: string): ExplainedError[] {
  const groups = /^(?<file>[^\s:]+):(?<line>\d{1,9}):(?<column>\d{1,9}) (?<code>WF_\w+) (?<message>.+)$/.exec(
    text,
  )?.groups;
  if (groups === undefined) return [];
  const { file = "", line, column, code = "", message = "" } = groups;
  return [{ tool: "loom", message, file, line: Number(line), column: Number(column), code }];
}
