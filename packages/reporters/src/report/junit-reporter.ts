import { unreachable, type JobId, type ReportedTest, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { attemptStart } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import type { FailureView, JobView, StepUnit } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { withExcerpt } from "../view/with-excerpt.ts";
import { skipDetail } from "./job-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import { failureWord, unitEventsPath, unitLabel, unitTitle } from "./unit-label.ts";

/** What is known of a step that ended. */
interface EndedStep {
  readonly isSuccess: boolean;
  readonly durationMs: number;
}

/** One case of a suite. */
interface TestCase {
  /** Default: the job. */
  readonly classname?: string;
  readonly name: string;
  readonly durationMs: number;
  /** Absent for a success. */
  readonly outcome?: { readonly element: "failure" | "error" | "skipped"; readonly message: string };
  /** What stands behind the message inside of the outcome. */
  readonly detail?: string;
}

/**
 * Writes the run as JUnit XML once it is over: a job is a suite, a step is a
 * case. A failure that is allowed counts as skipped; a failure of anything but
 * a step is a case of its own, an `error`. The tests that its reports tell of
 * are further cases of a job.
 *
 * Source: what Jenkins takes (`junit-10.xsd` of its xUnit plugin) and what
 * GitLab reads ("Unit test reports"). Jenkins shows the attribute `message`,
 * GitLab only what an outcome holds, so both say why.
 */
export class JunitReporter extends PrintingReporter {
  readonly #model = new ViewModel();
  readonly #steps = new Map<JobId, Map<number, EndedStep>>();

  override record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
    // What an attempt did is gone with the next one.
    const start = attemptStart(stream, record);
    if (start !== undefined && "jobId" in stream) {
      const kept = [...(this.#steps.get(stream.jobId) ?? [])].filter(
        ([step]) => step < (start.fromStep ?? 0),
      );
      this.#steps.set(stream.jobId, new Map(kept));
    }
    if (record.event !== "phase_finish" || stream.kind !== "step") return;
    const steps = this.#steps.get(stream.jobId) ?? new Map<number, EndedStep>();
    this.#steps.set(stream.jobId, steps);
    steps.set(stream.step, { isSuccess: record.status === "success", durationMs: record.duration_ms });
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    this.#model.lines(stream, batch);
  }

  override async finish(end: RunEnd): Promise<void> {
    const { outcome } = end;
    const reported = await end.tests?.();
    const { startedAtMs = 0, finishedAtMs = startedAtMs, endedIds } = this.#model.view();
    const suites = endedIds.flatMap((id) => {
      const known = this.#model.job(id);
      if (known === undefined) return [];
      const job = withExcerpt(known, end);
      return [{ job, cases: [...this.#casesOf(job), ...(reported?.get(id) ?? []).map(testCase)] }];
    });
    const ofRun: readonly TestCase[] =
      outcome.error === undefined || outcome.error.jobId !== undefined
        ? []
        : [{ name: "run", durationMs: 0, outcome: { element: "error", message: outcome.error.message } }];
    // The schema has no count of skipped cases for the whole.
    const { tests, failures, errors } = counts([...suites.flatMap(({ cases }) => cases), ...ofRun]);
    this.print(
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name: "loom", tests, failures, errors })}${time(finishedAtMs - startedAtMs)}>\n`,
    );
    for (const { job, cases } of suites) this.#suite(job, cases);
    for (const testcase of ofRun) {
      this.print(`  <testsuite${attributes({ name: "loom", ...counts([testcase]) })}>\n`);
      this.#case("loom", testcase);
      this.print("  </testsuite>\n");
    }
    this.print("</testsuites>\n");
    this.flush();
  }

  #suite(job: JobView, cases: readonly TestCase[]): void {
    const startedAtMs = "startedAtMs" in job ? job.startedAtMs : undefined;
    const durationMs = "finishedAtMs" in job ? job.finishedAtMs - (startedAtMs ?? job.finishedAtMs) : 0;
    this.print(`  <testsuite${attributes({ name: job.jobId, ...counts(cases) })}${time(durationMs)}>\n`);
    for (const testcase of cases) this.#case(job.jobId, testcase);
    this.print("  </testsuite>\n");
  }

  #case(job: string, { classname = job, name, durationMs, outcome, detail }: TestCase): void {
    const head = `    <testcase${attributes({ classname, name })}${time(durationMs)}`;
    if (outcome === undefined) return this.print(`${head}/>\n`);
    const { element, message } = outcome;
    const inside = escape(detail === undefined ? message : `${message}\n${detail}`);
    return this.print(
      `${head}>\n      <${element}${attributes({ message })}>${inside}</${element}>\n    </testcase>\n`,
    );
  }

  /** The steps of a job in their order, and what failed beside them. */
  #casesOf(job: JobView): readonly TestCase[] {
    const ended = this.#steps.get(job.jobId);
    const steps = this.#model.steps(job.jobId);
    const count = Math.max(steps.length, ...(ended?.keys() ?? []));
    const cases: TestCase[] = [];
    for (let step = 1; step <= count; step += 1) {
      const unit = steps[step - 1] ?? { kind: "step", step };
      cases.push(stepCase(job, unit, ended?.get(step)));
    }
    if (job.status !== "failed" || job.failure.unit.kind === "step") return cases;
    const { unit } = job.failure;
    return [...cases, { name: unitLabel(unit), durationMs: 0, ...failed(job, "error") }];
  }
}

/** A test of a report of the job. */
function testCase({ name, suite, status, durationMs = 0, message = "", file, line }: ReportedTest): TestCase {
  const known = { name, durationMs, ...(suite !== undefined && { classname: suite }) };
  switch (status) {
    case "passed":
      return known;
    case "skipped":
      return { ...known, outcome: { element: "skipped", message: "the test was skipped" } };
    case "failed": {
      const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}`;
      const outcome = { element: "failure", message } as const;
      return { ...known, outcome, ...(place !== "" && { detail: place }) };
    }
    default:
      return unreachable(status);
  }
}

function stepCase(job: JobView, unit: StepUnit, ended: EndedStep | undefined): TestCase {
  const name = unitTitle(unit);
  if (ended === undefined)
    return { name, durationMs: 0, outcome: { element: "skipped", message: whyNot(job) } };
  const { durationMs } = ended;
  if (ended.isSuccess) return { name, durationMs };
  const isCause =
    job.status === "failed" && job.failure.unit.kind === "step" && job.failure.unit.step === unit.step;
  if (isCause) return { name, durationMs, ...failed(job, "failure") };
  return { name, durationMs, outcome: { element: "skipped", message: job.status } };
}

/** Why a step did not run. */
function whyNot(job: JobView): string {
  if (job.status !== "skipped") return job.status === "failed" ? "the job failed before" : job.status;
  const why = skipDetail(job);
  return why === "" ? job.reason : `${job.reason}: ${why}`;
}

function failed(
  { jobId, blocking, failure }: JobView & { status: "failed" },
  element: "failure" | "error",
): Pick<TestCase, "outcome" | "detail"> {
  const message = messageOf(failure);
  const lines = failure.lines.map((line) => cleanLine(line, { color: false }));
  return {
    outcome: blocking ? { element, message } : { element: "skipped", message: `it may fail: ${message}` },
    detail: [...lines, unitEventsPath(jobId, failure.unit)].join("\n"),
  };
}

function messageOf(failure: FailureView): string {
  return failure.error?.message ?? failureWord(failure);
}

function counts(cases: readonly TestCase[]): Record<"tests" | "failures" | "errors" | "skipped", string> {
  const count = (element: string): string =>
    String(cases.filter(({ outcome }) => outcome?.element === element).length);
  return {
    tests: String(cases.length),
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(value).replaceAll("\t", "&#9;").replaceAll("\n", "&#10;")}"`)
    .join("");
}

/** In seconds, as JUnit has it. */
function time(durationMs: number): string {
  return ` time="${(Math.max(0, durationMs) / 1000).toFixed(3)}"`;
}

/** What XML 1.0 cannot hold, not even escaped. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text inside of XML; of it, GitHub's runner takes no command. */
function escape(text: string): string {
  return (
    text
      .replaceAll(NOT_XML, "\uFFFD")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      // Bare, it would put a line over another in a terminal, and become a newline in a parser.
      .replaceAll("\r", "&#13;")
      .replaceAll("::", "&#58;&#58;")
      .replaceAll("##[", "#&#35;[")
  );
}
