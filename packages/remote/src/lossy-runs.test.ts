import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok, planRun, runIdentity, type GraphNode, type ProcessEnd } from "@loom/core";
import { startRun } from "@loom/engine";
import { inSection, type Exchange, type JobProvider, type JobSpec } from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import {
  buildJobSpec,
  createRecordingSink,
  FakeClock,
  graphOf,
  JudgedSink,
  MemoryExchange,
  MemoryLog,
  type LogTrouble,
} from "@loom/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { FarJobs, startWorker, type Worker } from "./index.ts";

const identity = runIdentity(1n);

/**
 * Time goes by with the turns of the event loop, some 200 times faster than outside. So a busy machine, where turns are few, makes nobody seem
 * to be gone.
 */
const clock = new FakeClock();
const turning = setInterval(() => clock.advance(200), 1);
afterAll(() => clearInterval(turning));

/** A provider whose steps do as their script says: `print N`, `exit N`, `rest MS`, `wait`. */
function scripted(): JobProvider {
  return {
    name: "scripted",
    prepare: async (_spec, sections) =>
      await inSection(sections, "provider", async (section) => {
        section.log("info", "Set up");
        return Promise.resolve(
          ok({
            run: async ({ script }, output, stop): Promise<ProcessEnd> => {
              const [word = "", number = "0"] = script.split(" ");
              if (word === "print")
                for (let line = 1; line <= Number(number); line += 1)
                  await output.write("stdout", Buffer.from(`line ${line}\n`));
              if (word === "rest") await new Promise<void>((resolve) => clock.after(Number(number), resolve));
              if (word === "wait" && !stop.terminate.aborted)
                await new Promise<void>((resolve) => {
                  stop.terminate.addEventListener("abort", () => resolve(), { once: true });
                  stop.kill.addEventListener("abort", () => resolve(), { once: true });
                });
              if (word === "wait") return { kind: "signaled", signal: "SIGTERM" };
              return { kind: "exited", exitCode: word === "exit" ? Number(number) : 0 };
            },
            close: () => Promise.resolve(ok(undefined)),
          }),
        );
      }),
  };
}

interface Ran {
  readonly status: string;
  /** The records of steps and of phases, without their time, their place and how long things took. */
  readonly records: readonly string[];
  readonly brokenRules: readonly string[];
  /** How often each job ran to an end that was counted, and how often it began. */
  readonly ended: Readonly<Record<string, number>>;
  /** How many attempts were lost with their workers. */
  readonly lost: number;
}

const WORKSPACE = mkdtempSync(join(tmpdir(), "loom-lossy-"));

/** Numbers from 0 to below 100, the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % 100;
  };
}

interface Far {
  readonly exchange: Exchange;
  /** When the run itself is cut off. Milliseconds from its start. */
  readonly cuts?: readonly { readonly afterMs: number; readonly forMs: number }[];
  readonly workers: readonly string[];
  /** Told when a worker has begun a job. */
  readonly onBegun?: (worker: string, ends: WorkerEnds) => void;
}

/** What may happen to a worker in the middle of a job. */
interface WorkerEnds {
  readonly handBack: () => void;
  readonly die: () => void;
  /** Not an end: it is cut off for so long. Milliseconds. */
  readonly cut: (ms: number) => void;
}

/** Runs jobs, here or on workers. */
async function run(
  nodes: readonly (Partial<GraphNode> & { readonly id: string })[],
  far?: Far,
  concurrency = 1,
): Promise<Ran> {
  const graph = graphOf(nodes);
  const plan = planRun(graph, { concurrency });
  const sink = createRecordingSink();
  const judge = new JudgedSink();
  const specOf = (id: string, attempt: number): JobSpec => {
    const node = graph.nodes.find((known) => known.id === id);
    return {
      ...buildJobSpec({ id, workspaceRoot: WORKSPACE }),
      attempt,
      ...(node !== undefined && { node }),
    };
  };
  const own = far && new FrailExchange(far.exchange);
  for (const { afterMs, forMs } of far?.cuts ?? []) clock.after(afterMs, () => own?.cut(forMs));
  const jobs =
    own && new FarJobs({ exchange: own, runId: identity.runId, clock, folder: join(WORKSPACE, "../t") });
  const workers = far?.workers.map((name) => worker(name, far)) ?? [];
  await jobs?.open();
  jobs?.workspacesAre({ below: "", treeHash: "one" });
  const handle = startRun({
    identity,
    schedule: createSchedule,
    clock,
    graceMs: 20,
    sinks: [sink, judge],
    host: {
      bootstrap: () =>
        Promise.resolve(
          ok({
            plan,
            jobFor: (id, attempt) => ({
              provider: jobs?.provider("p") ?? scripted(),
              spec: specOf(id, attempt),
            }),
          }),
        ),
      finalize: () => Promise.resolve(ok(clock.now())),
    },
  });
  const { status } = await handle.finished;
  await jobs?.close({ log: () => undefined });
  for (const each of workers) each.kill();
  await Promise.all(workers.map(async ({ left }) => await left));
  const ended: Record<string, number> = {};
  for (const { record } of sink.records)
    if (record.event === "job_state" && ["success", "failed"].includes(record.to))
      ended[record.job_id] = (ended[record.job_id] ?? 0) + 1;
  return {
    status,
    records: sink.records.flatMap(({ in: stream, record }) => {
      if (record.event === "log") return [];
      const { seq: _seq, ts: _ts, ...rest } = record;
      return [JSON.stringify({ stream, ...rest, ...("duration_ms" in rest && { duration_ms: 0 }) })];
    }),
    brokenRules: judge.brokenRules(),
    ended,
    lost: sink.records.filter(({ record }) => JSON.stringify(record).includes('"worker_lost"')).length,
  };
}

function worker(name: string, { exchange, onBegun }: Far): Worker {
  const frail = new FrailExchange(exchange);
  const started = startWorker({
    exchange: frail,
    clock,
    name,
    host: "here",
    pools: ["p"],
    slots: 2,
    version: "0",
    folder: join(WORKSPACE, "../t"),
    receive: ({ jobId, attempt }, { node, env }) =>
      Promise.resolve(
        ok({
          provider: scripted(),
          spec: { jobId, attempt, node, env, workspaceRoot: WORKSPACE },
          remove: () => Promise.resolve(),
        }),
      ),
    onJob: (_offer, state) => {
      if (state !== "begun") return;
      onBegun?.(name, {
        handBack: () => started.kill(),
        die: () => frail.die(),
        cut: (ms) => frail.cut(ms),
      });
    },
  });
  return { ...started, left: Promise.race([started.left, frail.dead]) };
}

/** An exchange as it is to somebody who may be gone, or cut off for a while: then nothing arrives, in neither direction. */
class FrailExchange implements Exchange {
  readonly dead: Promise<void>;
  readonly log: Exchange["log"];
  readonly queue: Exchange["queue"];
  readonly leases: Exchange["leases"];
  readonly blobs: Exchange["blobs"];
  #die: () => void = () => undefined;
  #isDead = false;
  /** Resolves when the link is there. */
  #link: Promise<void> | undefined;

  constructor({ log, queue, leases, blobs }: Exchange) {
    this.dead = new Promise((resolve) => (this.#die = resolve));
    const reach = async <T>(work: () => Promise<T>): Promise<T> => await this.#reach(work);
    this.log = {
      append: async (...given) => await reach(async () => await log.append(...given)),
      count: async (subject) => await reach(async () => await log.count(subject)),
      forget: async (prefix) => await reach(async () => await log.forget(prefix)),
      read: (...given) => this.#late(log.read(...given)),
    };
    this.queue = {
      offer: async (...given) => await reach(async () => await queue.offer(...given)),
      take: async (...given) => {
        const taken = await queue.take(...given);
        await this.#link;
        if (taken === undefined) return undefined;
        const { data, earlierTakers, silentAfterMs } = taken;
        return {
          data,
          earlierTakers,
          silentAfterMs,
          keep: async () => await reach(async () => await taken.keep()),
          finish: async () => await reach(async () => await taken.finish()),
          giveBack: async () => await reach(async () => await taken.giveBack()),
        };
      },
    };
    this.leases = {
      ttlMs: leases.ttlMs,
      hold: async (...given) => await reach(async () => await leases.hold(...given)),
      release: async (key) => await reach(async () => await leases.release(key)),
      list: async (prefix) => await reach(async () => await leases.list(prefix)),
    };
    this.blobs = blobs;
  }

  die(): void {
    this.#isDead = true;
    this.#die();
  }

  /** Cuts it off for so long. Milliseconds of the clock. */
  cut(ms: number): void {
    this.#link ??= new Promise((resolve) => {
      clock.after(ms, () => {
        this.#link = undefined;
        resolve();
      });
    });
  }

  async #reach<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return await new Promise<T>(() => undefined);
    if (this.#link === undefined) return await work();
    await new Promise<void>((resolve) => clock.after(20, resolve));
    throw new Error("timeout");
  }

  async *#late<T>(entries: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    for await (const entry of entries) {
      await this.#link;
      yield entry;
    }
  }
}

function exchangeWith(trouble: LogTrouble): Exchange {
  return new MemoryExchange(clock, {
    log: new MemoryLog(trouble),
    silentAfterMs: 100_000,
    leaseTtlMs: 3_000,
  });
}

const JOBS = [
  { id: "print", script: ["print 300", "print 2"] },
  { id: "fails", script: ["print 1", "exit 3", "print 1"], after_script: ["print 1"], allow_failure: true },
  { id: "again", script: ["exit 2"], retry: { max: 1, on: ["failure" as const] }, needs: ["print"] },
  { id: "late", needs: ["again"], script: ["print 1"] },
];

describe("a run whose jobs are carried out by workers", () => {
  test("leaves the records of one that was carried out here, whatever answers get lost and however late entries come", async () => {
    const here = await run(JOBS);
    expect(here).toMatchObject({ status: "failure", brokenRules: [] });
    expect(here.records.length).toBeGreaterThan(300);
    for (let seed = 0; seed <= 8; seed += 1) {
      const roll = dice(seed);
      const trouble: LogTrouble =
        seed === 0
          ? {}
          : {
              append: () => (roll() < 8 ? "lost before" : roll() < 8 ? "lost after" : "fine"),
              delay: () => roll() % 3,
            };
      const there = await run(JOBS, { exchange: exchangeWith(trouble), workers: ["w1"] });
      expect(there, `seed ${seed}`).toEqual(here);
    }
  });

  test("counts each job once, whoever hands it back or dies, and whatever gets lost", async () => {
    const many = Array.from({ length: 8 }, (_, index) => ({
      id: `j${index}`,
      script: ["print 20", "print 1"],
    }));
    for (let seed = 1; seed <= 20; seed += 1) {
      const roll = dice(seed);
      let gone = 0;
      const exchange = exchangeWith({
        append: () => (roll() < 4 ? "lost before" : roll() < 4 ? "lost after" : "fine"),
        delay: () => roll() % 2,
      });
      const ran = await run(
        many,
        {
          exchange,
          workers: ["w1", "w2", "w3"],
          // The third one stays.
          onBegun: (name, { handBack, die }) => {
            if (name === "w3" || roll() >= 30) return;
            gone += 1;
            clock.after(roll() * 5, roll() < 50 ? handBack : die);
          },
        },
        4,
      );
      expect(ran.brokenRules, `seed ${seed}`).toEqual([]);
      expect(Object.values(ran.ended), `seed ${seed}`).toEqual(many.map(() => 1));
      expect(ran.status, `seed ${seed}, ${gone} workers gone`).toBe("success");
    }
  });

  test("counts each job once, whoever is cut off, for however long", async () => {
    const many = Array.from({ length: 8 }, (_, index) => ({
      id: `j${index}`,
      script: ["print 20", "rest 500", "print 1"],
      ...(index > 3 && { needs: [`j${index - 4}`] }),
    }));
    let lost = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const roll = dice(seed);
      // A job is given up that loses three workers.
      let left = 2;
      const ran = await run(
        many,
        {
          exchange: exchangeWith({ delay: () => roll() % 2 }),
          workers: ["w1", "w2", "w3"],
          cuts: seed % 2 === 0 ? [{ afterMs: roll() * 20, forMs: roll() * 100 }] : [],
          // What was heard of it counts for 3 s.
          onBegun: (name, { cut }) => {
            if (name === "w3" || left === 0 || roll() >= 40) return;
            left -= 1;
            clock.after(roll() * 5, () => cut(roll() * 100));
          },
        },
        4,
      );
      lost += ran.lost;
      expect(ran.brokenRules, `seed ${seed}`).toEqual([]);
      expect(Object.values(ran.ended), `seed ${seed}`).toEqual(many.map(() => 1));
      expect(ran.status, `seed ${seed}`).toBe("success");
    }
    // Otherwise nobody was cut off for long enough.
    expect(lost).toBeGreaterThan(5);
  });
});
