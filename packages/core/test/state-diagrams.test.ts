import { expect, test } from "vitest";
import { errorCode } from "../src/error-code.ts";
import {
  epochMs,
  isPaused,
  jobId,
  runIdentity,
  RunMachine,
  stepJob,
  type JobContext,
  type JobInput,
  type JobState,
  type ResumeHow,
  type RunInput,
} from "../src/index.ts";
import { PENDING } from "../src/job-state.ts";
import { naiveSchedule } from "./naive-schedule.ts";

const atMs = epochMs(0);
const error = { code: errorCode("x"), message: "x" };
const identity = runIdentity(1n);

/** A job with every optional phase, two steps, one retry and a pause after a failure, so that every transition there is can be taken. */
const context: JobContext = {
  identity,
  pauseTimeoutMs: 1000,
  plan: {
    jobId: jobId("job"),
    stage: "s",
    needs: [],
    when: "on_success",
    allowFailure: false,
    stepCount: 2,
    retry: { max: 1, on: ["failure", "provider"] },
    restoresCache: true,
    restoresArtifacts: true,
    savesArtifacts: "always",
    savesCache: "on_success",
  },
};

const jobInputs: ReadonlyMap<string, (state: JobState) => JobInput | undefined> = new Map([
  ["job_ready", () => ({ type: "job_ready" })],
  ["job_start", () => ({ type: "job_start", atMs })],
  ["job_skip", () => ({ type: "job_skip", reason: "upstream_failed", blockedBy: [], atMs })],
  ["job_cancel", () => ({ type: "job_cancel", atMs })],
  ["phase_finished success", (state) => phaseEnd(state, { status: "success" })],
  ["phase_finished failed", (state) => phaseEnd(state, { status: "failed", error })],
  ["step_finished success", (state) => stepEnd(state, 0)],
  ["step_finished failed", (state) => stepEnd(state, 1)],
  ["job_resumed retry_step", (state) => resumed(state, "retry_step")],
  ["job_resumed continue", (state) => resumed(state, "continue")],
] as [string, (state: JobState) => JobInput | undefined][]);

function phaseEnd(
  state: JobState,
  outcome: (JobInput & { type: "phase_finished" })["outcome"],
): JobInput | undefined {
  return state.status === "running" && state.phase !== "job.execution"
    ? { type: "phase_finished", phase: state.phase, outcome, atMs }
    : undefined;
}

function stepEnd(state: JobState, exitCode: number): JobInput | undefined {
  if (!("step" in state)) return undefined;
  return { type: "step_finished", step: state.step.number, end: { kind: "exited", exitCode }, atMs };
}

/** Attempts that differ in their number only would never end. */
function resumed(state: JobState, how: ResumeHow): JobInput | undefined {
  return isPaused(state) && state.attempt < 4 ? { type: "job_resumed", how, atMs } : undefined;
}

function nodeOf(state: JobState): string {
  if (isPaused(state)) return "paused";
  if (state.status === "running") return state.phase.replace("job.", "");
  return state.status === "settled" ? state.result.status : state.status;
}

/** Every transition that `stepJob` knows, found by trying every input in every state that can be reached. */
function jobTransitions(): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open: JobState[] = [PENDING];
  for (const state of open) {
    const key = JSON.stringify(state);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const [name, inputFor] of jobInputs) {
      const input = inputFor(state);
      const step = input && stepJob(context, state, input);
      if (step?.ok !== true) continue;
      const next = step.value.state;
      open.push(next);
      if (nodeOf(next) !== nodeOf(state)) found.add(`${nodeOf(state)} --> ${nodeOf(next)}: ${name}`);
    }
  }
  return [...found];
}

/** The inputs that lead a run from one stage to the next. */
function runTransitions(): string[] {
  const plan = { stages: ["s"], jobs: [context.plan], concurrency: 1, failFast: false };
  const inputs: RunInput[] = [
    { type: "run_started", atMs },
    { type: "bootstrap_finished", outcome: { status: "success", plan }, atMs },
    { type: "bootstrap_finished", outcome: { status: "failed", error, plan }, atMs },
    { type: "stop_requested", cause: { kind: "signal", signal: "SIGINT" }, atMs },
    {
      type: "phase_finished",
      jobId: jobId("job"),
      phase: "job.provider_prepare",
      outcome: { status: "success" },
      atMs,
    },
    {
      type: "phase_finished",
      jobId: jobId("job"),
      phase: "job.provider_prepare",
      outcome: { status: "failed", error },
      atMs,
    },
    {
      type: "phase_finished",
      jobId: jobId("job"),
      phase: "job.cleanup",
      outcome: { status: "success" },
      atMs,
    },
    { type: "finalized", outcome: { status: "success" }, atMs },
  ];
  const found = new Set<string>();
  const open: RunInput[][] = [[]];
  for (const path of open) {
    for (const input of inputs) {
      const machine = new RunMachine({ identity, schedule: naiveSchedule });
      for (const earlier of path) machine.step(earlier);
      const before = machine.stage;
      if (!machine.step(input).ok) continue;
      if (path.length < 6) open.push([...path, input]);
      const outcome = "outcome" in input ? ` ${input.outcome.status}` : "";
      const what = "jobId" in input ? "last job settled" : `${input.type}${outcome}`;
      if (machine.stage !== before) found.add(`${before} --> ${machine.stage}: ${what}`);
    }
  }
  return [...found].sort();
}

/** One arrow from a state to another. An input that leads there whether it brings success or not is named without either. */
function joined(transitions: readonly string[]): string[] {
  const inputs = new Map<string, string[]>();
  for (const transition of transitions) {
    const [way = "", input = ""] = transition.split(": ");
    inputs.set(way, [...(inputs.get(way) ?? []), input]);
  }
  return [...inputs].map(([way, of]) => `${way}: ${inOneLabel(of).join(", ")}`);
}

function inOneLabel(inputs: readonly string[]): string[] {
  const isEither = (input: string): boolean =>
    ["success", "failed"].every((outcome) => inputs.includes(`${input.split(" ")[0]} ${outcome}`));
  return [...new Set(inputs.map((input) => (isEither(input) ? (input.split(" ")[0] ?? input) : input)))];
}

function diagram(transitions: readonly string[], first: string, last: readonly string[]): string {
  const lines = [`[*] --> ${first}`, ...joined(transitions), ...last.map((state) => `${state} --> [*]`)];
  return ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");
}

test("the state diagrams in the documentation are those of the machine", async () => {
  const page = [
    "# The lifecycle, drawn from the machine",
    "",
    "Generated by a test of `@loom/core` that tries every input in every state; run it with `-u` to draw it anew. An arrow without `success` or `failed` is taken after either.",
    "",
    "## A run",
    "",
    diagram(runTransitions(), "idle", ["finished"]),
    "",
    "## A job",
    "",
    "With every optional phase, one retry, and held after a step that failed (`loom run --pause-on-failure`). A section or a further step moves a job within its phase and is not drawn.",
    "A cancelled job goes on along its arrows, sooner.",
    "",
    diagram(jobTransitions(), "pending", ["success", "failed", "skipped", "cancelled"]),
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot("../../../docs/lifecycle.md");
});
