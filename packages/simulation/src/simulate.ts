import { createRunRecorder } from "@loom/artifacts";
import { errorCode, jobId, runIdentity, type EventError, type JobId, type ResumeHow } from "@loom/core";
import { startRun, type RunHandle } from "@loom/engine";
import { createSchedule } from "@loom/scheduler";
import { checkRun } from "./checks/check-run.ts";
import { MomentInspector } from "./checks/moment-inspector.ts";
import { DurabilityWatch } from "./evidence/durability-watch.ts";
import { LiveVerdict } from "./evidence/live-verdict.ts";
import { Truth, type TrueRecord } from "./evidence/truth.ts";
import type { Complaint, OutsideEvent, RunEnding, SimulationRun } from "./simulated-run.ts";
import { troubledSinks } from "./virtual/troubled-sinks.ts";
import { VirtualClock } from "./virtual/virtual-clock.ts";
import { VirtualDisk } from "./virtual/virtual-disk.ts";
import { VirtualProvider } from "./virtual/virtual-provider.ts";
import { VirtualRunHost } from "./virtual/virtual-run-host.ts";
import { worldOf, type PlannedStop } from "./world/world.ts";

const LOGS = "/workspace/.loom/.runtime/logs";
const RECEIPTS = "/workspace/.loom/.runtime/receipts";

/** With more clock steps than this, a run is considered stuck in a loop. */
const MAX_MOMENTS = 20_000;

/**
 * Runs the real engine, machine, schedule, recorder and validator in a seed's world, and checks the result
 * against every rule.
 *
 * The same seed gives the same run, record by record.
 */
export async function simulate(seed: number): Promise<SimulationRun> {
  const world = worldOf(seed);
  const identity = runIdentity(BigInt(world.startMs) * 1_000_000n);
  const runDirectory = `${LOGS}/${identity.runId}`;
  const receiptPath = `${RECEIPTS}/${identity.runId}.json`;
  const clock = new VirtualClock(world.startMs);
  const disk = new VirtualDisk(world, [runDirectory, RECEIPTS], () => clock.elapsedMs);
  const provider = new VirtualProvider(world, clock);
  const verdict = new LiveVerdict(identity);
  const watch = new DurabilityWatch(runDirectory);
  const complaints: Complaint[] = [];
  const outside: OutsideEvent[] = [];
  const complain = (rule: string, message: string): void => void complaints.push({ rule, message });
  let handle: RunHandle | undefined = undefined;
  let fault: EventError | undefined;
  const inspector = new MomentInspector(world, { clock, disk, provider, watch, complain });

  const recorder = createRunRecorder({
    runDirectory,
    identity,
    disk,
    after: (delayMs, callback) => clock.after(delayMs, callback),
    onFault: (error) => {
      if (fault !== undefined) complain("a fault is reported once", error.message);
      outside.push({ atMs: clock.elapsedMs, what: `fault: ${error.message}` });
      fault = error;
      handle?.stop({ kind: "fault", error });
    },
    onWritten: (path, line, record, bytes) => {
      verdict.written(path, line, record, bytes);
      watch.written(path, record, { bytes, atMs: clock.elapsedMs });
    },
    onLines: (path, line, firstSeq, count, bytes) => {
      verdict.lines(path, line, { firstSeq, count, bytes });
      watch.lines(path, firstSeq + count - 1, { bytes, atMs: clock.elapsedMs });
    },
  });
  const stops = new StopSender({
    clock,
    outside,
    handle: () => handle,
    killed: () => inspector.expectKill(),
  });
  const truth = new Truth(
    () => clock.elapsedMs,
    (observed) => {
      inspector.observe(observed);
      for (const stop of world.stops) {
        if ("afterRecord" in stop.when && stop.when.afterRecord === observed.record.seq)
          stops.send(stop, "within");
      }
      for (const { when, job } of world.jobCancels)
        if ("afterRecord" in when && when.afterRecord === observed.record.seq) cancelJob(job);
      for (const { when, job } of world.plays)
        if ("afterRecord" in when && when.afterRecord === observed.record.seq) playJob(job);
      answerPause(observed.record);
      const { enablesPauses: enables } = world;
      if (
        enables !== undefined &&
        "afterRecord" in enables.when &&
        enables.when.afterRecord === observed.record.seq
      )
        enablePauses(enables.timeoutMs);
    },
  );
  for (const stop of world.stops) {
    if ("atMs" in stop.when) clock.after(stop.when.atMs, () => stops.send(stop, "apart"));
  }
  const cancelJob = (job: JobId): void => {
    if (handle?.cancelJob(job, `Somebody asked to cancel job "${job}"`, { request: "cancel_job" }) === true)
      outside.push({ atMs: clock.elapsedMs, what: `job ${job} is cancelled` });
  };
  for (const { when, job } of world.jobCancels)
    if ("atMs" in when) clock.after(when.atMs, () => cancelJob(job));
  const playJob = (job: JobId): void => {
    if (handle?.playJob(job, `Somebody asked for job "${job}"`, { request: "play" }) === true)
      outside.push({ atMs: clock.elapsedMs, what: `job ${job} is asked for` });
  };
  for (const { when, job } of world.plays) if ("atMs" in when) clock.after(when.atMs, () => playJob(job));
  const enablePauses = (timeoutMs: number): void => {
    if (
      handle?.pauseOnFailure(timeoutMs, {
        message: "Somebody wants failures to hold their jobs",
        facts: {},
      }) === true
    )
      outside.push({ atMs: clock.elapsedMs, what: "failures hold their jobs" });
  };
  const { enablesPauses } = world;
  if (enablesPauses !== undefined && "atMs" in enablesPauses.when)
    clock.after(enablesPauses.when.atMs, () => enablePauses(enablesPauses.timeoutMs));
  let pauses = 0;
  const resumeJob = (job: JobId, how: ResumeHow): void => {
    const note = { message: `Somebody says how job "${job}" goes on`, facts: { request: how } };
    if (handle?.resumeJob(job, how, note) === true)
      outside.push({ atMs: clock.elapsedMs, what: `job ${job} goes on: ${how}` });
  };
  const answerPause = (record: TrueRecord["record"]): void => {
    if (record.event !== "log" || typeof record["job_paused"] !== "string") return;
    const job = jobId(record["job_paused"]);
    const answer = world.pauseAnswers[pauses % world.pauseAnswers.length] ?? "nothing";
    pauses += 1;
    if (answer === "nothing") return;
    const { afterMs, how } = answer;
    if (afterMs === undefined) resumeJob(job, how);
    else clock.after(afterMs, () => resumeJob(job, how));
  };
  for (const jump of world.clockJumps) {
    clock.after(jump.atMs, () => {
      outside.push({ atMs: clock.elapsedMs, what: `the clock is set by ${jump.byMs} ms` });
      clock.jump(jump.byMs);
    });
  }
  const parts = { world, identity, clock, provider, recorder, verdict, runDirectory, receiptPath };
  handle = startRun({
    identity,
    host: new VirtualRunHost(parts),
    schedule: createSchedule,
    sinks: [recorder, ...troubledSinks(world, clock), truth],
    clock,
    graceMs: world.graceMs,
  });
  if (fault !== undefined) handle.stop({ kind: "fault", error: fault });

  let ending: RunEnding | undefined;
  handle.finished.then(
    (result) => {
      ending = { kind: "finished", result };
    },
    (error: unknown) => {
      ending = { kind: "bug", error };
      inspector.expectKill();
    },
  );
  for (let moments = 0; ending === undefined; moments += 1) {
    await turn();
    if (disk.hasCrashed) ending = { kind: "crashed" };
    else inspector.inspect();
    if (moments > MAX_MOMENTS) ending = { kind: "hung" };
    if (ending === undefined && !clock.advance() && !stops.escalate()) ending = { kind: "hung" };
    if (disk.hasCrashed) ending = { kind: "crashed" };
  }
  const tookMs = clock.elapsedMs;
  const records = [...truth.records];
  const isRefusing = disk.isRefusing;
  recorder.close();
  if (disk.hasCrashed) ending = { kind: "crashed" };
  const run: Omit<SimulationRun, "complaints"> = {
    seed,
    world,
    identity,
    ending,
    records,
    moments: truth.moments,
    provider,
    outside,
    image: disk.image(runDirectory),
    receipt: disk.image(RECEIPTS).get(`${identity.runId}.json`),
    disk: {
      incidents: disk.incidents,
      misuses: disk.misuses,
      openCount: disk.openCount,
      hasRefused: disk.hasRefused,
      isRefusing,
      calls: disk.calls,
    },
    fault,
    durableSeq: watch.durableSeq,
    tookMs,
  };
  checkRun({ ...run, complaints }, complain);
  return { ...run, complaints };
}

/** Runs everything that can happen without time passing. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

interface StopSenderParts {
  readonly clock: VirtualClock;
  readonly outside: OutsideEvent[];
  readonly handle: () => RunHandle | undefined;
  readonly killed: () => void;
}

/** Sends a run its world's signals, as the program would. */
class StopSender {
  readonly #parts: StopSenderParts;
  #hasSignalled = false;
  #lost = 0;

  constructor(parts: StopSenderParts) {
    this.#parts = parts;
  }

  /**
   * When nothing progresses, a person interrupts the run, and then kills it.
   *
   * @returns Whether there was something left to try.
   */
  escalate(): boolean {
    if (this.#lost === 2) return false;
    this.#lost += 1;
    this.send({ when: { atMs: 0 }, what: "SIGINT" }, "apart");
    return true;
  }

  /** A fault can be reported while a record is handled; a signal always arrives separately. */
  send(stop: PlannedStop, from: "within" | "apart"): void {
    const { clock, outside, handle, killed } = this.#parts;
    const { what } = stop;
    if (what === "fault") {
      outside.push({ atMs: clock.elapsedMs, what: "fault from elsewhere" });
      handle()?.stop({ kind: "fault", error: { code: errorCode("fault"), message: "Something broke" } });
    } else if (from === "within") {
      clock.after(0, () => this.send(stop, "apart"));
    } else if (!this.#hasSignalled) {
      this.#hasSignalled = true;
      outside.push({ atMs: clock.elapsedMs, what });
      handle()?.stop({ kind: "signal", signal: what });
    } else if (what === "SIGINT") {
      outside.push({ atMs: clock.elapsedMs, what: "SIGINT again" });
      handle()?.kill();
      killed();
    }
  }
}
