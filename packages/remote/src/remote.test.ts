import {
  epochMs,
  jobId,
  ok,
  planRun,
  runIdentity,
  type GraphNode,
  type JobId,
  type ProcessEnd,
} from "@loom/core";
import { startRun, type MakeJobCarrier } from "@loom/engine";
import { inSection, type Clock, type JobProvider, type SharedLog } from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import {
  buildJobSpec,
  createRecordingSink,
  graphOf,
  JudgedSink,
  MemoryLog,
  type LogTrouble,
} from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../test/nats-server.ts";
import { RemoteCarrier, serveJob } from "./index.ts";
import { openNatsExchange } from "./nats.ts";

const identity = runIdentity(1n);

const clock: Clock = {
  now: () => epochMs(Math.floor(performance.now())),
  after: (ms, callback) => {
    // Time goes by faster than it is counted.
    const timer = setTimeout(callback, ms / 50);
    return () => clearTimeout(timer);
  },
};

/** A provider whose steps do as their script says: `print N`, `exit N`, `wait`. */
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
  /** Every record, without its time, its place and how long things took. */
  readonly records: readonly string[];
  readonly brokenRules: readonly string[];
}

/** Runs jobs, one at a time, here or with a worker for each. */
async function run(
  nodes: readonly (Partial<GraphNode> & { readonly id: string })[],
  carrierFor?: (worker: (id: JobId) => void) => MakeJobCarrier,
  stopAfterMs?: number,
): Promise<Ran> {
  const graph = graphOf(nodes);
  const plan = planRun(graph, { concurrency: 1 });
  const sink = createRecordingSink();
  const judge = new JudgedSink();
  const provider = scripted();
  const specOf = (id: JobId, attempt: number) => {
    const node = graph.nodes.find((known) => known.id === id);
    return { ...buildJobSpec({ id }), attempt, ...(node !== undefined && { node }) };
  };
  const workers = new Set<Promise<unknown>>();
  const log = logOf.current;
  const startWorker = (id: JobId): void => {
    const jobFor = (job: { readonly attempt: number }) => ({ provider, spec: specOf(id, job.attempt) });
    workers.add(serveJob({ log, runId: identity.runId, jobId: id, worker: `w-${id}`, clock, jobFor }));
  };
  const handle = startRun({
    identity,
    schedule: createSchedule,
    clock,
    graceMs: 20,
    sinks: [sink, judge],
    carrierFor: carrierFor?.(startWorker),
    host: {
      bootstrap: () =>
        Promise.resolve(ok({ plan, jobFor: (id, attempt) => ({ provider, spec: specOf(id, attempt) }) })),
      finalize: () => Promise.resolve(ok(clock.now())),
    },
  });
  if (stopAfterMs !== undefined)
    clock.after(stopAfterMs, () => handle.stop({ kind: "signal", signal: "SIGINT" }));
  const { status } = await handle.finished;
  await Promise.all(workers);
  return {
    status,
    records: sink.records.map(({ in: stream, record }) => {
      const { seq: _seq, ts: _ts, ...rest } = record;
      return JSON.stringify({ stream, ...rest, ...("duration_ms" in rest && { duration_ms: 0 }) });
    }),
    brokenRules: judge.brokenRules(),
  };
}

const logOf: { current: SharedLog } = { current: new MemoryLog() };

function far(trouble: LogTrouble): (worker: (id: JobId) => void) => MakeJobCarrier {
  return over(new MemoryLog(trouble));
}

function over(log: SharedLog): (worker: (id: JobId) => void) => MakeJobCarrier {
  logOf.current = log;
  return (startWorker) => (id, host) => {
    startWorker(id);
    return new RemoteCarrier(id, host, { log, runId: identity.runId, coordinator: "c" });
  };
}

const JOBS = [
  { id: "print", script: ["print 300", "print 2"] },
  { id: "fails", script: ["print 1", "exit 3", "print 1"], after_script: ["print 1"], allow_failure: true },
  { id: "again", script: ["exit 2"], retry: { max: 1, on: ["failure" as const] }, needs: ["print"] },
  { id: "late", needs: ["again"], script: ["print 1"] },
];

describe("a job that a worker carries out", () => {
  test("leaves the records of one that was carried out here", async () => {
    const here = await run(JOBS);
    const there = await run(JOBS, far({}));
    expect(there).toEqual(here);
    expect(here).toMatchObject({ status: "failure", brokenRules: [] });
    expect(here.records.length).toBeGreaterThan(300);
  });

  test("does so whatever answers get lost and however late entries come", async () => {
    const here = await run(JOBS);
    for (let seed = 1; seed <= 8; seed += 1) {
      let state = seed;
      const roll = (): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) % 100;
      };
      const there = await run(
        JOBS,
        far({
          append: () => (roll() < 8 ? "lost before" : roll() < 8 ? "lost after" : "fine"),
          delay: () => roll() % 3,
        }),
      );
      expect(there, `seed ${seed}`).toEqual(here);
    }
  });

  test("is stopped like one here", async () => {
    const there = await run(
      [
        { id: "a", script: ["wait"] },
        { id: "b", needs: ["a"] },
      ],
      far({}),
      3000,
    );
    expect(there).toMatchObject({ status: "cancelled", brokenRules: [] });
    expect(there.records.at(-1)).toContain("run.finalize");
  });

  test("ends the run with a sentence where its worker cannot go on, which is a bug", async () => {
    const log = new MemoryLog();
    logOf.current = log;
    const carrier: MakeJobCarrier = (id, host) => {
      void serveJob({
        log,
        runId: identity.runId,
        jobId: id,
        worker: "w",
        clock,
        jobFor: () => {
          throw new Error("There is no workspace");
        },
      });
      return new RemoteCarrier(id, host, { log, runId: identity.runId, coordinator: "c" });
    };
    await expect(run([{ id: "a" }], () => carrier)).rejects.toThrow(
      'The worker of job "a" failed: Error: There is no workspace',
    );
  });

  test("counts no more when another worker has taken its place", async () => {
    const log = new MemoryLog();
    const subject = { log, runId: identity.runId, jobId: jobId("a"), clock };
    const provider = scripted();
    const serve = (worker: string, node: GraphNode): Promise<"done" | "replaced"> =>
      serveJob({
        ...subject,
        worker,
        jobFor: ({ attempt }) => ({ provider, spec: { ...buildJobSpec({ id: "a" }), node, attempt } }),
      });
    const [node] = graphOf([{ id: "a", script: ["wait"] }]).nodes;
    if (node === undefined) throw new Error("There is no job");
    const served: Promise<"done" | "replaced">[] = [];
    const result = run([{ id: "a", script: ["print 1"] }], () => (id, host) => {
      // Both were given the job; whoever tells first has it.
      served.push(
        serve("w1", { ...node, script: ["print 1"] }),
        serve("w2", { ...node, script: ["print 1"] }),
      );
      return new RemoteCarrier(id, host, { log, runId: identity.runId, coordinator: "c" });
    });
    expect(await result).toMatchObject({ status: "success", brokenRules: [] });
    expect(new Set(await Promise.all(served))).toEqual(new Set(["done", "replaced"]));
  });

  describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
    test("leaves the records of one that was carried out here, also when the server dies and comes back", async () => {
      const server = await startNatsServer();
      const { url } = server;
      const exchange = await openNatsExchange({ servers: [url] });
      try {
        const here = await run(JOBS);
        expect(await run(JOBS, over(exchange.log))).toEqual(here);
        const other = await openNatsExchange({ servers: [url] });
        const again = run(JOBS, over(prefixed(other.log, "again.")));
        await new Promise((resolve) => void setTimeout(resolve, 30));
        running = await server.restart();
        expect(await again).toEqual(here);
        await other.close();
      } finally {
        await exchange.close();
        await (running ?? server).stop();
      }
    });
  });

  let running: TestServer | undefined;
});

/** The same log for another run. */
function prefixed(log: SharedLog, prefix: string): SharedLog {
  return {
    append: async (subject, n, data) => await log.append(prefix + subject, n, data),
    read: (subject, from, signal) => log.read(prefix + subject, from, signal),
  };
}
