import { SECTION_PHASES, type PhaseCode } from "@loom/core";
import { quote } from "../intake/quote.ts";
import type {
  JudgedJob,
  JobManifestClaims,
  JobTerminal,
  Pointer,
  JudgedRun,
  SkipClaim,
  StepClaim,
} from "../intake/run-facts.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { attemptsOf, failingStepOf, isJobPhase, lastStepsOf } from "./required-phases.ts";

/**
 * Finds pointers that do not lead to what they name, lists that leave out what
 * the streams have, and failures, commands and counts of lines that documents
 * tell otherwise than the streams.
 */
export function judgeLadder(run: JudgedRun, log: ViolationLog): void {
  for (const pointer of run.pointers) judgePointer(run, pointer, log);
  judgeRoster(run, log);
  for (const job of run.jobs.values()) {
    if (job.manifest === undefined) continue;
    judgeLists(job, job.manifest, log);
    if (job.terminal !== undefined)
      judgeFailure(run, { job, manifest: job.manifest, terminal: job.terminal }, log);
  }
  for (const claim of run.skipClaims) judgeSkip(run, claim, log);
  const commands = new Map(run.graph?.jobs.map((job) => [job.id, job.commands]));
  for (const claim of run.stepClaims) judgeStep(run, { claim, commands: commands.get(claim.jobId) }, log);
}

/** Adds one, at the document that is wrong. */
function broken(
  log: ViolationLog,
  at: { readonly path: string; readonly jobId?: string | undefined },
  message: () => string,
): void {
  log.add("broken_pointer", placeOf(at), message);
}

function placeOf({
  path,
  jobId,
}: {
  readonly path: string;
  readonly jobId?: string | undefined;
}): ViolationPlace {
  const scope = path.startsWith("jobs/") ? "job" : path.startsWith("pipeline/") ? "pipeline" : "run";
  return { streamPath: path, line: 0, scope, jobId };
}

function judgePointer(run: JudgedRun, pointer: Pointer, log: ViolationLog): void {
  const { path, field, value, target } = pointer;
  if (value === target) {
    const isThere = target.endsWith(".jsonl") ? run.streams.has(target) : run.documents.has(target);
    if (!isThere)
      broken(log, pointer, () => `"${path}" points with "${field}" at "${target}", which does not exist`);
    return;
  }
  broken(log, pointer, () => {
    if (value === undefined) return `"${path}" has no "${field}"; it is "${target}"`;
    const isOutside = typeof value === "string" && (value.startsWith("/") || value.split("/").includes(".."));
    const where = isOutside ? "out of the run's directory, to " : "at ";
    return `"${path}" points with "${field}" ${where}${quote(value)}; it should point at "${target}"`;
  });
}

function judgeRoster(run: JudgedRun, log: ViolationLog): void {
  const { roster } = run.pipelineClaims;
  if (roster === undefined) return;
  for (const { id: jobId } of run.jobs.values()) {
    if (roster.jobIds.has(jobId)) continue;
    broken(log, { path: roster.path, jobId }, () => `"${roster.path}" leaves out the job "${jobId}"`);
  }
}

/** Steps and sections that the streams have and the manifest does not list. */
function judgeLists(job: JudgedJob, manifest: JobManifestClaims, log: ViolationLog): void {
  const { path, steps, sections } = manifest;
  const at = { path, jobId: job.id };
  const leftOut = new Set<string>();
  const attempts = attemptsOf(job);
  for (const { step, attempt } of lastStepsOf(job)) {
    if (!steps.has(step)) leftOut.add(`step ${step}`);
    const kept = steps.get(step);
    if (!steps.has(step) || kept === (attempt === attempts ? undefined : attempt)) continue;
    broken(
      log,
      at,
      () =>
        `"${path}" says that step ${step} is kept from attempt ${quote(kept)}, it is of attempt ${attempt}`,
    );
  }
  for (const { section, finishLine } of job.spans) {
    if (section !== undefined && finishLine > 0 && !sections.has(section)) leftOut.add(`section ${section}`);
  }
  for (const unit of leftOut) broken(log, at, () => `"${path}" leaves out the ${unit}`);
}

interface EndedJob {
  readonly job: JudgedJob;
  readonly manifest: JobManifestClaims;
  readonly terminal: JobTerminal;
}

function judgeFailure(run: JudgedRun, { job, manifest, terminal }: EndedJob, log: ViolationLog): void {
  const { path, failingSection, failingStep, failingStepEventsPath, failingEventsPath } = manifest;
  const at = { path, jobId: job.id };
  const says = (field: string, value: unknown, fact: string): void =>
    broken(log, at, () => `"${path}" has ${quote(value)} as "${field}", but ${fact}`);
  const expect = (field: string, value: unknown, expected: unknown): void => {
    if (value !== expected) says(field, value, `what failed is ${quote(expected)}`);
  };
  if (terminal.status !== "failed") {
    const fields = {
      failing_section: failingSection,
      failing_step: failingStep,
      failing_step_events_path: failingStepEventsPath,
      failing_events_path: failingEventsPath,
    };
    for (const [field, value] of Object.entries(fields))
      if (value !== undefined) says(field, value, `the job ended as ${terminal.status}`);
    return;
  }
  const step = failingStepOf(job);
  if (step !== undefined) {
    expect("failing_section", failingSection, "execution");
    expect("failing_step", failingStep, step.step);
    expect("failing_step_events_path", failingStepEventsPath, step.stream.path);
    return expect("failing_events_path", failingEventsPath, step.stream.path);
  }
  const ofStep = { failing_step: failingStep, failing_step_events_path: failingStepEventsPath };
  for (const [field, value] of Object.entries(ofStep))
    if (value !== undefined) says(field, value, "none of its steps failed");
  if (!hasFailed(job, failingSection)) says("failing_section", failingSection, "that did not fail");
  // What is no text is the path of no stream.
  const { place } = run.streams.get(failingEventsPath as string) ?? {};
  if (place === undefined || !("jobId" in place) || place.jobId !== job.id || place.kind === "step")
    says("failing_events_path", failingEventsPath, "no stream of what failed has that path");
  return undefined;
}

/** The phases that sections stand for, whether there is such a section or not. */
const STANDS_FOR: ReadonlyMap<unknown, PhaseCode> = new Map([
  ["execution", "job.execution"],
  ...(
    ["provider", "cache_restore", "artifact_extract", "artifact_save", "cache_save", "cleanup"] as const
  ).map((section) => [section, SECTION_PHASES[section]] as const),
]);

/** Whether a section of the last attempt, or the phase that it speaks for, failed; a job may fail outside of any. */
function hasFailed(job: JudgedJob, section: unknown): boolean {
  if (section === undefined) return true;
  const attempts = attemptsOf(job);
  const phases = new Set<PhaseCode>(
    job.spans.filter((span) => span.section === section).map(({ code }) => code),
  );
  // What carries a phase out may be gone before it opens a section.
  const named = STANDS_FOR.get(section);
  if (named !== undefined) phases.add(named);
  return job.spans.some(
    (span) =>
      span.status === "failed" &&
      (span.attempt === attempts || span.code === "job.cleanup") &&
      (span.section === section || (isJobPhase(span) && phases.has(span.code))),
  );
}

function judgeSkip(run: JudgedRun, claim: SkipClaim, log: ViolationLog): void {
  const { path, jobId, reason, blockedBy, keptFrom } = claim;
  // Stryker disable next-line OptionalChaining: a document that speaks of a job has made it known
  const terminal = run.jobs.get(jobId)?.terminal;
  if (terminal === undefined) return;
  const said = terminal.status === "skipped" ? terminal.reason : undefined;
  if (reason !== said) {
    log.add(
      "status_mismatch",
      placeOf(claim),
      () =>
        `"${path}" says that the job "${jobId}" was skipped for ${quote(reason)}, its state ${quote(said)}`,
    );
  }
  if (keptFrom !== terminal.keptFrom) {
    log.add(
      "status_mismatch",
      placeOf(claim),
      () =>
        `"${path}" says that the result of "${jobId}" was kept from ${quote(keptFrom)}, its state ${quote(terminal.keptFrom)}`,
    );
  }
  const named = Array.isArray(blockedBy) ? (blockedBy as readonly unknown[]) : [];
  const { blockedBy: blocking } = terminal;
  if (named.length !== blocking.length || blocking.some((id, index) => named[index] !== id))
    broken(
      log,
      claim,
      () => `"${path}" says that ${quote(named)} blocked "${jobId}", its state ${quote(blocking)}`,
    );
}

function judgeStep(
  run: JudgedRun,
  { claim, commands }: { readonly claim: StepClaim; readonly commands: readonly string[] | undefined },
  log: ViolationLog,
): void {
  const { path, step, command, outputLines, streamPath } = claim;
  const wanted = commands?.[step - 1];
  if (wanted !== undefined && command !== wanted)
    broken(
      log,
      claim,
      () => `"${path}" has ${quote(command)} as command ${step}, the workflow ${quote(wanted)}`,
    );
  // Stryker disable next-line ConditionalExpression: no stream is known by an absent path
  const stream = streamPath === undefined ? undefined : run.streams.get(streamPath);
  if (stream !== undefined && outputLines !== stream.outputLines) {
    broken(
      log,
      claim,
      () =>
        `"${path}" counts ${quote(outputLines)} lines of output of step ${step}, its stream ${stream.outputLines}`,
    );
  }
}
