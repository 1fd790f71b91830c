import type { RecordedEvent } from "./replay-run.ts";
import type { FactValue, LogEvent } from "./event.ts";
import type { GraphIr } from "./graph-ir.ts";
import { jobId, type JobId, type RunId } from "./ids.ts";
import { planFault } from "./plan-fault.ts";
import { makePlan, type JobPlan, type OptionalPhases, type RunPlan } from "./run-plan.ts";
import { WHENS, type OptionalPhaseCode, type When, type WithheldReason } from "./vocabulary.ts";

/**
 * What a reader needs to follow a run without its workflow, as facts of a `log`
 * record of the run's stream: the graph, and what the command line made of it.
 */
export function planFacts(graph: GraphIr, plan: RunPlan): Readonly<Record<string, FactValue>> {
  const phases = plan.jobs.flatMap((job) => {
    const facts = phaseFacts(job);
    return Object.keys(facts).length === 0 ? [] : [[job.jobId, facts] as const];
  });
  return {
    concurrency: plan.concurrency,
    fail_fast: plan.failFast,
    ...(plan.selected !== undefined && { selected: [...plan.selected] }),
    ...(plan.kept !== undefined && { kept: Object.fromEntries(plan.kept) }),
    ...(plan.withheld !== undefined && { withheld: Object.fromEntries(plan.withheld) }),
    ...(plan.pauseTimeoutMs !== undefined && { pause_timeout_ms: plan.pauseTimeoutMs }),
    ...(phases.length > 0 && { optional_phases: Object.fromEntries(phases) }),
    graph_ir: graph as unknown as FactValue,
  };
}

/**
 * The plan that a record notes; weights are not part of it.
 *
 * @returns `undefined` for a record without `planFacts`, or with a plan that `planRun` would refuse.
 */
export function planOfFacts(record: LogEvent): RunPlan | undefined {
  const {
    graph_ir: recorded,
    concurrency: jobsAtATime,
    fail_fast: failFast,
    pause_timeout_ms: pauseTimeoutMs,
    optional_phases: phases,
  } = record;
  const concurrency = typeof jobsAtATime === "number" ? jobsAtATime : 1;
  const selected = Array.isArray(record["selected"]) ? record["selected"].map(String) : undefined;
  const kept = keptOf(record["kept"]);
  const withheld = withheldOf(record["withheld"]);
  const named = [...(selected ?? []), ...kept.keys(), ...withheld.keys()];
  if (planFault(recorded, concurrency, named) !== undefined) return undefined;
  const plan = makePlan(recorded as unknown as GraphIr, {
    concurrency,
    failFast: failFast === true,
    pauseTimeoutMs: isPositive(pauseTimeoutMs) ? pauseTimeoutMs : undefined,
    withheld,
    optionalPhases: (node) => optionalPhases(fieldOf(phases, node.id)),
  });
  // Not as `only`: an empty graph has no selected jobs.
  return {
    ...plan,
    ...(selected !== undefined && { selected: new Set(selected.map(jobId)) }),
    ...(kept.size > 0 && { kept }),
  };
}

/** The jobs that a record says were kept, by the run that their result is from. */
function keptOf(fact: unknown): ReadonlyMap<JobId, RunId> {
  if (typeof fact !== "object" || fact === null || Array.isArray(fact)) return new Map();
  return new Map(
    Object.entries(fact).flatMap(([job, run]) =>
      typeof run === "string" ? [[jobId(job), run as RunId] as const] : [],
    ),
  );
}

/** The jobs that a record says did not take place, and why. */
function withheldOf(fact: unknown): ReadonlyMap<JobId, WithheldReason> {
  if (typeof fact !== "object" || fact === null || Array.isArray(fact)) return new Map();
  return new Map(
    Object.entries(fact).flatMap(([job, reason]) =>
      reason === "condition_not_met" || reason === "manual" ? [[jobId(job), reason] as const] : [],
    ),
  );
}

/** How a plan and a record note that an optional phase takes place. */
interface PhaseFact {
  readonly name: string;
  /** Absent when the phase does not take place. */
  readonly noted: (job: JobPlan) => FactValue | undefined;
  readonly read: (fact: unknown) => OptionalPhases;
}

/** A phase that is missing here would not be known to a replay, so a run with it could not be recovered. */
const PHASE_FACTS: { readonly [P in OptionalPhaseCode]: PhaseFact } = {
  "job.cache_restore": {
    name: "restores_cache",
    noted: (job) => job.restoresCache || undefined,
    read: (fact) => ({ restoresCache: fact === true }),
  },
  "job.artifact_restore": {
    name: "restores_artifacts",
    noted: (job) => job.restoresArtifacts || undefined,
    read: (fact) => ({ restoresArtifacts: fact === true }),
  },
  "job.artifact_save": {
    name: "saves_artifacts",
    noted: (job) => job.savesArtifacts,
    read: (fact) => (isWhen(fact) ? { savesArtifacts: fact } : {}),
  },
  "job.cache_save": {
    name: "saves_cache",
    noted: (job) => job.savesCache,
    read: (fact) => (isWhen(fact) ? { savesCache: fact } : {}),
  },
};

function phaseFacts(job: JobPlan): Record<string, FactValue> {
  const facts: Record<string, FactValue> = {};
  for (const { name, noted } of Object.values(PHASE_FACTS)) {
    const fact = noted(job);
    if (fact !== undefined) facts[name] = fact;
  }
  return facts;
}

function optionalPhases(facts: unknown): OptionalPhases {
  let phases: OptionalPhases = {};
  for (const { name, read } of Object.values(PHASE_FACTS)) {
    phases = { ...phases, ...read(fieldOf(facts, name)) };
  }
  return phases;
}

function isPositive(fact: unknown): fact is number {
  return typeof fact === "number" && fact > 0;
}

function isWhen(word: unknown): word is When {
  return WHENS.some((known) => known === word);
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** The plan of a run, as its own stream notes it; `undefined` when it ended before it had one. */
export function planOf(records: Iterable<Pick<RecordedEvent, "stream" | "record">>): RunPlan | undefined {
  for (const { stream, record } of records) {
    if (stream.kind !== "run" || record.event !== "log") continue;
    const plan = planOfFacts(record);
    if (plan !== undefined) return plan;
  }
  return undefined;
}
