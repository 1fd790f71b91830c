import type { DurabilityWatch } from "../evidence/durability-watch.ts";
import type { TrueRecord } from "../evidence/truth.ts";
import type { Complain } from "../simulated-run.ts";
import type { Activity } from "../virtual/activity.ts";
import type { VirtualClock } from "../virtual/virtual-clock.ts";
import type { VirtualDisk } from "../virtual/virtual-disk.ts";
import type { VirtualProvider } from "../virtual/virtual-provider.ts";
import type { World } from "../world/world.ts";

/** What is inspected during a run. */
export interface InspectedParts {
  readonly clock: VirtualClock;
  readonly disk: VirtualDisk;
  readonly provider: VirtualProvider;
  readonly watch: DurabilityWatch;
  readonly complain: Complain;
}

/** Checks the invariants of every moment, after everything has happened that needs no time. */
export class MomentInspector {
  readonly #world: World;
  readonly #parts: InspectedParts;
  readonly #limits: ReadonlyMap<string, number | undefined>;
  readonly #said = new Set<string>();
  #stopAsked = false;
  #stopAskedAtMs: number | undefined;
  #killAsked = false;

  constructor(world: World, parts: InspectedParts) {
    this.#world = world;
    this.#parts = parts;
    this.#limits = new Map(world.graph.nodes.map((node) => [node.id, node.timeout_ms]));
  }

  /** Observes a record: after the one that notes a stop, everything running must have been asked to end. */
  observe({ record }: TrueRecord): void {
    if (record.event !== "log" || record["stop"] === undefined) return;
    this.#stopAsked = true;
    this.#stopAskedAtMs ??= this.#parts.clock.elapsedMs;
  }

  /** From now on, everything must have been killed. */
  expectKill(): void {
    this.#killAsked = true;
  }

  inspect(): void {
    this.#inspectDisk();
    const { provider } = this.#parts;
    // One that was held goes on without waiting for a place.
    const { concurrency, pauseTimeoutMs, jobs } = this.#world.plan;
    const mayHold = pauseTimeoutMs !== undefined || this.#world.enablesPauses !== undefined;
    if (provider.active.size > (mayHold ? jobs.length : concurrency)) {
      this.#say("concurrency is kept", `${provider.active.size} jobs are running`);
    }
    for (const activity of provider.active) {
      const { stop, kind, jobId, attempt } = activity;
      if (stop === undefined) continue;
      const what = `${kind} of job ${jobId}, attempt ${attempt},`;
      if (kind === "late") this.#inspectLate(activity);
      else if (this.#stopAsked && !stop.terminate.aborted)
        this.#say("a stop reaches what runs", `${what} was not asked to end`);
      if (this.#killAsked && !stop.kill.aborted)
        this.#say("a kill reaches what runs", `${what} was not killed`);
      this.#inspectStep(activity);
      const limitMs = this.#limits.get(jobId);
      if (limitMs === undefined || stop.terminate.aborted) continue;
      if (this.#parts.clock.elapsedMs - activity.attemptStartedAtMs > limitMs)
        this.#say("a timeout ends a job", `${what} runs longer than ${limitMs} ms`);
    }
  }

  /** A step has its own limit, whatever the job's is. */
  #inspectStep({ stop, jobId, step, beganAtMs = 0 }: Activity): void {
    if (step === undefined || stop?.terminate.aborted === true) return;
    const limitMs = this.#world.graph.nodes
      .find(({ id }) => id === jobId)
      ?.step_options?.find((options) => options.step === step)?.timeout_ms;
    if (limitMs !== undefined && this.#parts.clock.elapsedMs - beganAtMs > limitMs)
      this.#say("a timeout ends a step", `step ${step} of job ${jobId} runs longer than ${limitMs} ms`);
  }

  /** A step that follows has the grace, counted from the stop or from its beginning. */
  #inspectLate({ stop, jobId, beganAtMs = 0 }: Activity): void {
    if (this.#stopAskedAtMs === undefined || stop?.terminate.aborted === true) return;
    const { elapsedMs } = this.#parts.clock;
    if (elapsedMs > Math.max(this.#stopAskedAtMs, beganAtMs) + this.#world.graceMs)
      this.#say("a stop reaches what follows, too", `after_script of job ${jobId} was not asked to end`);
  }

  #inspectDisk(): void {
    const { disk, watch, clock } = this.#parts;
    if (disk.hasRefused) return;
    const late = watch.check(disk, clock.elapsedMs);
    if (late !== undefined) this.#say("records reach the disk in time", late);
  }

  /** Reports each rule once, as the next moments would repeat it. */
  #say(rule: string, message: string): void {
    if (this.#said.has(rule)) return;
    this.#said.add(rule);
    this.#parts.complain(rule, `${message} at ${this.#parts.clock.elapsedMs} ms`);
  }
}
