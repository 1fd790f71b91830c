import { jobId, unreachable, type JobId, type JobPlan, type JobStateEvent, type JobStatus } from "@loom/core";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { GateModel, type ModelDecision } from "./gate-model.ts";
import { goesOnAfter } from "./goes-on-after.ts";

/**
 * docs/contract.md#when-a-job-starts: nothing starts too early, too late, out of order or beyond the
 * concurrency, and every skip has its reason.
 */
export function checkGates(run: SimulationRun, complain: Complain): void {
  const walk = new GateWalk(run, complain);
  const held = heldFrom(run);
  for (const [index, { record }] of run.records.entries()) {
    const holds = held.get(record.seq);
    if (holds !== undefined) walk.hold(holds);
    if (record.event === "log") {
      for (const fact of ["resume_job", "cancel_job"])
        if (typeof record[fact] === "string") walk.goesOn(jobId(record[fact]));
    }
    if (record.event === "log" && record["pause_on_failure"] !== undefined) walk.mayHold();
    if (record.event === "job_state") walk.move(record);
    if (record.event === "log" && record["stop"] !== undefined) walk.stop();
    if (record.event === "log" && typeof record["play"] === "string") walk.play(jobId(record["play"]));
    if (record.event === "phase_finish" && record.phase_code === "run.bootstrap")
      walk.begin(record.status === "success");
    if (run.moments.has(index + 1)) walk.expectNothingLeft(record.seq);
  }
  if (run.ending.kind === "finished") walk.expectAllEnded();
}

/** Which job is held from which record on: that of the step that failed, which the note about it follows. */
function heldFrom({ records }: SimulationRun): ReadonlyMap<number, JobId> {
  const failed = new Map<string, number>();
  const held = new Map<number, JobId>();
  for (const { record } of records) {
    if (record.event === "phase_finish" && record.job_id !== undefined && record.step !== undefined)
      failed.set(`${record.job_id} ${record.step}`, record.seq);
    if (record.event !== "log" || typeof record["job_paused"] !== "string") continue;
    const seq = failed.get(`${record["job_paused"]} ${JSON.stringify(record["step"])}`);
    if (seq !== undefined) held.set(seq, jobId(record["job_paused"]));
  }
  return held;
}

class GateWalk {
  readonly #run: SimulationRun;
  readonly #complain: Complain;
  readonly #model: GateModel;
  readonly #jobs: ReadonlyMap<JobId, JobPlan>;
  readonly #status = new Map<JobId, JobStatus>();
  readonly #held = new Set<JobId>();
  #mayHold: boolean;
  #isStopped = false;
  #bootstrap: "pending" | "success" | "failed" = "pending";

  constructor(run: SimulationRun, complain: Complain) {
    const { plan } = run.world;
    this.#run = run;
    this.#complain = complain;
    this.#mayHold = plan.pauseTimeoutMs !== undefined;
    this.#model = new GateModel(plan);
    this.#jobs = new Map(plan.jobs.map((job) => [job.jobId, job]));
    for (const job of plan.jobs) this.#status.set(job.jobId, "pending");
  }

  begin(succeeded: boolean): void {
    this.#bootstrap = succeeded ? "success" : "failed";
  }

  stop(): void {
    this.#isStopped = true;
  }

  mayHold(): void {
    this.#mayHold = true;
  }

  /** A job lends its place to another. */
  hold(id: JobId): void {
    if (!this.#mayHold || this.#isStopped)
      this.#complain("a job is held where that is asked for", `job ${id}`);
    this.#held.add(id);
  }

  /** It waits for no place to take it back. */
  goesOn(id: JobId): void {
    this.#held.delete(id);
  }

  play(id: JobId): void {
    const job = this.#jobs.get(id);
    if (this.#isStopped || job === undefined || !this.#model.waits(job))
      this.#complain("only a job that waits is played", `job ${id}`);
    this.#model.play(id);
  }

  move(record: JobStateEvent): void {
    const job = this.#jobs.get(record.job_id);
    if (job === undefined)
      return this.#complain("states follow the order", `job ${record.job_id} is not in the plan`);
    const { job_id: id, from, to } = record;
    const before = this.#status.get(id) ?? "pending";
    if (before !== from || !(MOVES[from] ?? []).includes(to))
      this.#complain(
        "states follow the order",
        `job ${id} goes from ${before} (${from}) to ${to} in record ${record.seq}`,
      );
    const place = `job ${id} in record ${record.seq}`;
    switch (to) {
      case "ready":
      case "running":
        this.#judgeStart(job, to, place);
        break;
      case "skipped":
        this.#judgeSkip(job, record, place);
        break;
      case "cancelled":
        if (!this.#isStopped) this.#complain("only a stop cancels", place);
        break;
      case "pending":
      case "success":
      case "failed":
        break;
      default:
        return unreachable(to);
    }
    this.#status.set(id, to);
    if (to === "success" || to === "cancelled") this.#model.end(id, { status: to });
    if (to === "failed")
      this.#model.end(id, { status: goesOnAfter(this.#run, job) ? "tolerated" : "failed" });
    if (to === "skipped") {
      const becauseOfFailure = record.reason === "upstream_failed" || record.reason === "stage_blocked";
      const waitedInVain = record.reason === "manual";
      this.#model.end(id, {
        status: "skipped",
        roots: record.blocked_by ?? [],
        becauseOfFailure,
        waitedInVain,
      });
    }
    return undefined;
  }

  /** At the end of a moment, nothing may be left that could start. */
  expectNothingLeft(seq: number): void {
    if (this.#isStopped || this.#bootstrap !== "success") return;
    for (const job of this.#run.world.plan.jobs) {
      if (this.#status.get(job.jobId) !== "pending") continue;
      const decision = this.#model.decide(job);
      if (decision.kind !== "waits")
        this.#complain(
          "nothing eligible waits",
          `job ${job.jobId} is undecided after record ${seq}: ${decision.kind}`,
        );
    }
    if (this.#placesTaken < this.#run.world.plan.concurrency && this.#with("ready").length > 0)
      this.#complain("a free slot is filled", `after record ${seq}`);
  }

  expectAllEnded(): void {
    if (this.#bootstrap === "failed" && this.#run.world.bootstrap.end === "fails_without_plan") return;
    for (const [id, status] of this.#status) {
      if (!this.#model.hasEnded(id))
        this.#complain("every job ends in one of four ways", `job ${id} is ${status}`);
    }
  }

  #judgeStart(job: JobPlan, to: JobStatus, place: string): void {
    if (this.#isStopped) this.#complain("nothing starts after a stop", place);
    const decision = this.#model.decide(job);
    if (decision.kind !== "starts")
      this.#complain("no job starts before its gates", `${place}: it ${decision.kind}`);
    if (to === "ready") return;
    const first = this.#model.first(this.#with("ready"));
    if (first !== job.jobId)
      this.#complain("the longest path starts first", `${place}: ${first ?? "no job"} comes before`);
    if (this.#placesTaken >= this.#run.world.plan.concurrency)
      this.#complain("concurrency is kept", `${place} is one too many`);
  }

  #judgeSkip(job: JobPlan, record: JobStateEvent, place: string): void {
    const roots = record.blocked_by ?? [];
    const said = `${record.reason ?? "no reason"} [${roots.join(" ")}]`;
    if (this.#bootstrap === "failed") {
      if (said !== "bootstrap_failed []") this.#complain("a skip has its reason", `${place}: ${said}`);
      return;
    }
    const decision: ModelDecision =
      this.#isStopped && this.#model.waits(job)
        ? { kind: "skipped", reason: "manual", roots: [] }
        : this.#model.decide(job);
    const expected =
      decision.kind === "skipped" ? `${decision.reason} [${decision.roots.join(" ")}]` : decision.kind;
    if (said !== expected)
      this.#complain("a skip has its reason", `${place}: ${said} instead of ${expected}`);
  }

  get #placesTaken(): number {
    return this.#with("running").filter(({ jobId: id }) => !this.#held.has(id)).length;
  }

  #with(status: JobStatus): readonly JobPlan[] {
    return this.#run.world.plan.jobs.filter((job) => this.#status.get(job.jobId) === status);
  }
}

const MOVES: { readonly [S in JobStatus]?: readonly JobStatus[] } = {
  pending: ["ready", "skipped", "cancelled"],
  ready: ["running", "skipped", "cancelled"],
  running: ["success", "failed", "cancelled"],
};
