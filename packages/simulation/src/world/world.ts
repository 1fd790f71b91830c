import {
  jobId,
  planRun,
  runIdentity,
  type GraphIr,
  type JobId,
  type ResumeHow,
  type RunPlan,
  type WithheldReason,
} from "@loom/core";
import { Random } from "../random.ts";
import { randomDelay } from "./process-behaviour.ts";
import { randomGraph } from "./random-graph.ts";

/** A request to stop the run. */
export interface PlannedStop {
  /** Virtual milliseconds since the start, or the `seq` of the record that it follows. */
  readonly when: { readonly atMs: number } | { readonly afterRecord: number };
  readonly what: "SIGINT" | "SIGTERM" | "SIGHUP" | "fault";
}

/** A request to cancel or to play one job. It is refused unless the job runs, or waits for that, then. */
export interface PlannedJobRequest {
  readonly when: PlannedStop["when"];
  readonly job: JobId;
}

/** What somebody says when a job is held. */
export interface PauseAnswer {
  /** Virtual milliseconds; `undefined`: as the record of it is written. */
  readonly afterMs: number | undefined;
  readonly how: ResumeHow;
}

/** A disk that fails for a while. */
export interface DiskFault {
  readonly code: "ENOSPC" | "EACCES" | "EMFILE";
  /** Which files are affected: one directory can be full or forbidden while another is not. */
  readonly where: "everywhere" | "streams" | "documents";
  /** Number of the first call that may fail, from 1. */
  readonly fromCall: number;
  /** Number of the first call that no longer fails. */
  readonly untilCall: number;
}

/** Everything about a simulated run that is drawn before it starts. */
export interface World {
  readonly seed: number;
  readonly graph: GraphIr;
  readonly plan: RunPlan;
  readonly startMs: number;
  readonly graceMs: number;
  readonly bootstrap: {
    readonly takesMs: number;
    readonly end: "succeeds" | "fails" | "fails_without_plan" | "rejects";
    readonly obeysStop: boolean;
  };
  readonly finalize: { readonly takesMs: number; readonly rejects: boolean };
  /** Later signals act as they would from a person: a second SIGINT kills. */
  readonly stops: readonly PlannedStop[];
  readonly jobCancels: readonly PlannedJobRequest[];
  /** Requests for jobs that wait for them, and for others. */
  readonly plays: readonly PlannedJobRequest[];
  /** From when on somebody wants failures to hold their jobs. */
  readonly enablesPauses?: { readonly when: PlannedStop["when"]; readonly timeoutMs: number };
  /** The first time that a job is held, the first of these is said, and so on, over and over; `nothing`: its time runs out. */
  readonly pauseAnswers: readonly (PauseAnswer | "nothing")[];
  /** Changes of the machine's clock: `now` moves, timers do not. */
  readonly clockJumps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** A reader that is sometimes behind. */
  readonly slowSink?: { readonly everyBatch: number; readonly takesMs: number };
  /** A reader that throws from its n-th call. */
  readonly throwingSink?: { readonly atCall: number };
  readonly disk: {
    readonly fault?: DiskFault;
    /** Whether a write may be short. */
    readonly shortWrites: boolean;
    /** The process dies during this call. */
    readonly crashAtCall?: number;
  };
  /** The generator for what is drawn during the run. */
  readonly random: Random;
}

/** The earlier run whose results some worlds keep. */
const EARLIER_RUN = runIdentity(1_700_000_000_000_000_000n).runId;

/** Draws a seed's world. */
export function worldOf(seed: number): World {
  const random = new Random(seed);
  const { graph: drawn, optionalPhases } = randomGraph(random.fork("graph"));
  const graph = withManualJobs(random.fork("manual"), drawn);
  const dice = random.fork("world");
  const names = graph.nodes.map((node) => jobId(node.id));
  const only = dice.chance(0.1) ? names.filter(() => dice.chance(0.5)) : [];
  const keeps = random.fork("kept");
  const kept = keeps.chance(0.05) ? names.filter(() => keeps.chance(0.5)) : [];
  const weights = dice.chance(0.5) ? randomWeights(dice, names) : undefined;
  const holds = random.fork("pauses");
  const plan = planRun(graph, {
    concurrency: dice.between(1, 4),
    pauseTimeoutMs: holds.chance(0.2) ? holds.pick([1, 100, 100, 5000]) : undefined,
    failFast: dice.chance(0.25),
    only,
    kept: new Map(kept.map((job) => [job, EARLIER_RUN])),
    withheld: randomWithheld(random.fork("withheld"), names),
    ...(weights !== undefined && { weights }),
    optionalPhases: (node) => optionalPhases.get(node.id) ?? {},
  });
  const trouble = dice.below(100);
  const asks = random.fork("job cancels");
  const asksFor = random.fork("plays");
  return {
    seed,
    graph,
    plan,
    startMs: 1_767_225_600_000 + dice.below(1_000_000),
    graceMs: dice.pick([0, 50, 200, 10_000]),
    bootstrap: randomBootstrap(dice),
    finalize: { takesMs: randomDelay(dice), rejects: dice.chance(0.003) },
    stops: dice.chance(0.35) ? randomStops(dice) : [],
    jobCancels: asks.chance(0.25) ? randomJobRequests(asks, names) : [],
    plays: asksFor.chance(0.8) ? randomJobRequests(asksFor, playable(graph, plan)) : [],
    ...(plan.pauseTimeoutMs === undefined &&
      holds.chance(0.05) && {
        enablesPauses: { when: randomMoment(holds), timeoutMs: holds.pick([1, 100, 5000]) },
      }),
    pauseAnswers: randomAnswers(holds),
    clockJumps: dice.chance(0.1) ? randomJumps(dice) : [],
    ...(dice.chance(0.2) && { slowSink: { everyBatch: dice.between(1, 4), takesMs: dice.between(0, 300) } }),
    ...(dice.chance(0.1) && { throwingSink: { atCall: dice.between(1, 80) } }),
    disk: {
      shortWrites: dice.chance(0.1),
      ...(trouble < 20 && { fault: randomFault(dice) }),
      ...(trouble >= 70 && { crashAtCall: randomCall(dice) }),
    },
    random,
  };
}

/** What the rules of jobs leave out. */
function randomWithheld(dice: Random, names: readonly JobId[]): ReadonlyMap<JobId, WithheldReason> {
  if (!dice.chance(0.1)) return new Map();
  const some = names.filter(() => dice.chance(0.3));
  return new Map(some.map((job) => [job, "condition_not_met" as const]));
}

/** Some worlds have jobs that run only if somebody asks for them. */
function withManualJobs(dice: Random, graph: GraphIr): GraphIr {
  if (!dice.chance(0.15)) return graph;
  const nodes = graph.nodes.map((node) =>
    node.when === undefined && dice.chance(0.4) ? { ...node, when: "manual" as const } : node,
  );
  return { ...graph, nodes };
}

/** The jobs that wait for somebody, and one that does not. */
function playable({ nodes }: GraphIr, { withheld }: RunPlan): readonly JobId[] {
  const waiting = [...(withheld ?? [])].filter(([, reason]) => reason === "manual").map(([job]) => job);
  const any = nodes.slice(0, 1).map((node) => jobId(node.id));
  return waiting.length === 0 ? [] : [...waiting, ...any];
}

function randomBootstrap(dice: Random): World["bootstrap"] {
  const kind = dice.below(100);
  const end =
    kind < 92
      ? "succeeds"
      : kind < 96
        ? "fails"
        : kind < 99
          ? "fails_without_plan"
          : dice.chance(0.3)
            ? "rejects"
            : "succeeds";
  return { takesMs: randomDelay(dice), end, obeysStop: dice.chance(0.3) };
}

function randomAnswers(dice: Random): World["pauseAnswers"] {
  const answers = Array.from({ length: dice.between(1, 5) }, () =>
    dice.chance(0.2)
      ? ("nothing" as const)
      : {
          afterMs: dice.chance(0.3) ? undefined : dice.between(0, 200),
          how: dice.chance(0.7) ? ("retry_step" as const) : ("continue" as const),
        },
  );
  // Whatever fails again and again is let go in the end.
  return [...answers, { afterMs: undefined, how: "continue" }];
}

function randomMoment(dice: Random): PlannedStop["when"] {
  return dice.chance(0.5)
    ? { atMs: dice.between(0, dice.chance(0.5) ? 50 : 1500) }
    : { afterRecord: dice.between(1, 120) };
}

/** Enough that some come while their job runs. */
function randomJobRequests(dice: Random, names: readonly JobId[]): PlannedJobRequest[] {
  if (names.length === 0) return [];
  return Array.from({ length: dice.between(1, 12) }, () => ({
    when: randomMoment(dice),
    job: dice.pick(names),
  }));
}

function randomStops(dice: Random): PlannedStop[] {
  const moment = (): PlannedStop["when"] => randomMoment(dice);
  const first = dice.pick(["SIGINT", "SIGINT", "SIGTERM", "SIGHUP", "fault"] as const);
  const stops: PlannedStop[] = [{ when: moment(), what: first }];
  while (dice.chance(0.4))
    stops.push({ when: moment(), what: dice.pick(["SIGINT", "SIGINT", "SIGTERM", "fault"] as const) });
  return stops;
}

function randomJumps(dice: Random): { readonly atMs: number; readonly byMs: number }[] {
  return Array.from({ length: dice.between(1, 3) }, () => ({
    atMs: dice.between(0, 1000),
    byMs: dice.between(-100_000, 100_000),
  }));
}

function randomFault(dice: Random): DiskFault {
  const fromCall = randomCall(dice);
  const lasts = dice.chance(0.4) ? Infinity : dice.between(1, dice.chance(0.5) ? 3 : 40);
  const where = dice.pick(["everywhere", "everywhere", "streams", "documents"] as const);
  const code = dice.pick(["ENOSPC", "EACCES", "EMFILE"] as const);
  return { code, where, fromCall, untilCall: fromCall + lasts };
}

/** A run makes a few hundred calls; the first and the last matter most. */
function randomCall(dice: Random): number {
  return dice.chance(0.2) ? dice.between(1, 10) : dice.between(1, dice.pick([100, 300, 600]));
}

function randomWeights(dice: Random, names: readonly JobId[]): ReadonlyMap<JobId, number> {
  return new Map(names.filter(() => dice.chance(0.7)).map((name) => [name, dice.between(1, 50)]));
}
