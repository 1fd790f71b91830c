import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runIdentity, type ProcessEnd } from "@loom/core";
import type { JobSpec, ProviderSession, Sections, StepSpec, StopRequest } from "@loom/ports";
import { createSystemClock } from "@loom/system";
import { buildJobSpec, MemoryExchange } from "@loom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { poolOf, startTestWorker } from "../test/far-provider.ts";
import { endRunOnWorkers, FarJobs } from "./index.ts";

const clock = createSystemClock();
const { runId } = runIdentity(1n);

function arrange() {
  const base = mkdtempSync(join(tmpdir(), "loom-carry-"));
  const exchange = new MemoryExchange(clock);
  const workspaceRoot = join(base, "here");
  mkdirSync(workspaceRoot);
  const worker = startTestWorker(exchange, base);
  onTestFinished(async () => {
    worker.kill();
    await worker.left;
    rmSync(base, { recursive: true, force: true });
  });
  const far = (): FarJobs => new FarJobs({ exchange, runId, clock, folder: join(base, "transfers") });
  const job = (more: Partial<JobSpec> = {}): JobSpec => ({
    ...buildJobSpec({ id: "j", workspaceRoot }),
    ...more,
  });
  return { base, exchange, worker, far, job, pool: poolOf(base), gate: join(base, "gate") };
}

const SECTIONS: Sections = {
  run: async (_section, work) => await work({ log: () => undefined, output: { write: () => undefined } }),
};

function stopping(): { readonly stop: StopRequest; readonly terminate: AbortController } {
  const terminate = new AbortController();
  const stop = { terminate: terminate.signal, kill: new AbortController().signal, graceMs: 1_000 };
  return { stop, terminate };
}

async function prepare(far: FarJobs, pool: string, job: JobSpec): Promise<ProviderSession> {
  const prepared = await far.provider(pool).prepare(job, SECTIONS, stopping().stop);
  if (!prepared.ok) throw new Error(prepared.error.message);
  return prepared.value;
}

/** Runs a step, and gathers what it prints. */
function run(session: ProviderSession, step: StepSpec, { stop } = stopping()) {
  const printed = { text: "" };
  const end: Promise<ProcessEnd> = session.run(
    step,
    {
      write: (_stream, chunk) => {
        printed.text += Buffer.from(chunk).toString();
        return undefined;
      },
    },
    stop,
  );
  return { printed, end };
}

const closing = { log: () => undefined, output: { write: () => undefined } };

test("carryOn() gives the step that a coordinator left from its beginning, and the job goes on", async () => {
  const { far, job, pool, gate, base } = arrange();
  const script = `echo one; until [ -e ${gate} ]; do sleep 0.01; done; echo two; echo x >> ${base}/count`;
  const before = run(await prepare(far(), pool, job()), { step: 1, script });
  await expect.poll(() => before.printed.text).toBe("one\n");
  // Nothing of the first one happens any more: its process is gone.
  const taken = await far().carryOn(pool, job(), 1);
  if (taken === undefined) throw new Error("It was not taken over");
  expect(taken.worker).toBe("w1");
  const after = run(taken.session, { step: 1, script });
  await expect.poll(() => after.printed.text).toBe("one\n");
  writeFileSync(gate, "");
  expect(await after.end).toEqual({ kind: "exited", exitCode: 0 });
  expect(after.printed.text).toBe("one\ntwo\n");
  expect(readFileSync(join(base, "count"), "utf8")).toBe("x\n");
  const next = run(taken.session, { step: 2, script: "echo three" });
  expect(await next.end).toEqual({ kind: "exited", exitCode: 0 });
  expect(next.printed.text).toBe("three\n");
  expect(await taken.session.close(closing)).toEqual({ ok: true, value: undefined });
});

test("carryOn() gives a step that has ended meanwhile", async () => {
  const { far, job, pool, base } = arrange();
  const session = await prepare(far(), pool, job());
  await run(session, { step: 1, script: "echo early" }).end;
  const script = `echo done; echo x > ${base}/done; exit 3`;
  await run(session, { step: 2, script }).end;
  const taken = await far().carryOn(pool, job(), 2);
  if (taken === undefined) throw new Error("It was not taken over");
  const after = run(taken.session, { step: 2, script });
  expect(await after.end).toEqual({ kind: "exited", exitCode: 3 });
  expect(after.printed.text).toBe("done\n");
});

test("carryOn() goes on from a step after which more was asked for", async () => {
  const { far, job, pool, gate, base } = arrange();
  const steps = [
    "echo one",
    `echo two; until [ -e ${gate} ]; do sleep 0.01; done; echo x >> ${base}/count`,
    "echo three",
  ].map((script, index) => ({ step: index + 1, script }));
  const [one, two, three] = steps;
  if (one === undefined || two === undefined || three === undefined) throw new Error("There are three");
  const session = await prepare(far(), pool, job());
  await run(session, one).end;
  const before = run(session, two);
  await expect.poll(() => before.printed.text).toBe("two\n");
  const taken = await far().carryOn(pool, job(), 1);
  if (taken === undefined) throw new Error("It was not taken over");
  const first = run(taken.session, one);
  expect([await first.end, first.printed.text]).toEqual([{ kind: "exited", exitCode: 0 }, "one\n"]);
  const second = run(taken.session, two);
  writeFileSync(gate, "");
  expect([await second.end, second.printed.text]).toEqual([{ kind: "exited", exitCode: 0 }, "two\n"]);
  const third = run(taken.session, three);
  expect([await third.end, third.printed.text]).toEqual([{ kind: "exited", exitCode: 0 }, "three\n"]);
  expect(readFileSync(join(base, "count"), "utf8")).toBe("x\n");
});

test("a run that goes on in another way than before has lost the job", async () => {
  const { far, job, pool, gate } = arrange();
  const session = await prepare(far(), pool, job());
  await run(session, { step: 1, script: "true" }).end;
  const before = run(session, { step: 2, script: `echo two; until [ -e ${gate} ]; do sleep 0.01; done` });
  await expect.poll(() => before.printed.text).toBe("two\n");
  const taken = await far().carryOn(pool, job(), 1);
  if (taken === undefined) throw new Error("It was not taken over");
  await run(taken.session, { step: 1, script: "true" }).end;
  const other = run(taken.session, { step: 3, script: "true" });
  expect(await other.end).toMatchObject({ kind: "lost", error: { code: "worker_lost" } });
});

test("a step that was taken over is stopped as any other", async () => {
  const { far, job, pool } = arrange();
  const script = "trap 'echo stopped; exit 4' TERM; echo going; while :; do sleep 0.01; done 2>/dev/null";
  const before = run(await prepare(far(), pool, job()), { step: 1, script });
  await expect.poll(() => before.printed.text).toBe("going\n");
  const taken = await far().carryOn(pool, job(), 1);
  if (taken === undefined) throw new Error("It was not taken over");
  const { stop, terminate } = stopping();
  const after = run(taken.session, { step: 1, script }, { stop, terminate });
  await expect.poll(() => after.printed.text).toBe("going\n");
  terminate.abort();
  expect(await after.end).toMatchObject({ kind: "exited", exitCode: 4 });
  expect(after.printed.text).toMatch(/^going\n(?:Terminated\n)?stopped\n$/u);
  // It was asked to stop: a third one does not take it over.
  expect(await far().carryOn(pool, job(), 1)).toBeUndefined();
});

test("carryOn() takes over nothing that no worker is at, or that is another step", async () => {
  const { far, job, pool, exchange } = arrange();
  expect(await far().carryOn(pool, job(), 1)).toBeUndefined();
  const before = run(await prepare(far(), pool, job()), { step: 1, script: "echo going; sleep 60" });
  await expect.poll(() => before.printed.text).toBe("going\n");
  expect(await far().carryOn(pool, job(), 2)).toBeUndefined();
  expect(await far().carryOn(pool, job({ attempt: 2 }), 1)).toBeUndefined();
  // What is spared goes on, the rest is ended.
  const spared = [{ jobId: job().jobId, attempt: 1 }];
  expect(await endRunOnWorkers(exchange, runId, clock, spared)).toEqual({ ok: true, value: undefined });
  expect(await far().carryOn(pool, job(), 1)).toBeDefined();
  expect(await endRunOnWorkers(exchange, runId, clock)).toEqual({ ok: true, value: undefined });
  expect(await far().carryOn(pool, job(), 1)).toBeUndefined();
});

test("the coordinator that was replaced has lost the job", async () => {
  const { far, job, pool, gate } = arrange();
  const script = `echo going; until [ -e ${gate} ]; do sleep 0.01; done`;
  const session = await prepare(far(), pool, job());
  const before = run(session, { step: 1, script });
  await expect.poll(() => before.printed.text).toBe("going\n");
  const taken = await far().carryOn(pool, job(), 1);
  if (taken === undefined) throw new Error("It was not taken over");
  const after = run(taken.session, { step: 1, script });
  writeFileSync(gate, "");
  await Promise.all([before.end, after.end]);
  const [one, other] = [taken.session, session].map(async (each, index) => {
    // The one that was taken over asks first.
    await new Promise((resolve) => void setTimeout(resolve, index * 200));
    return await run(each, { step: 2, script: "true" }).end;
  });
  expect(await one).toEqual({ kind: "exited", exitCode: 0 });
  expect(await other).toMatchObject({ kind: "lost", error: { code: "worker_lost" } });
});

test("variables of a step lead to the folder on the worker", async () => {
  const { far, job, pool, worker } = arrange();
  const own = far();
  const { seenRoot = "" } = own.provider(pool);
  const stepEnv = new Map([[1, { PLACE: `${seenRoot}/x` }]]);
  const session = await prepare(own, pool, job({ stepEnv }));
  const step = run(session, { step: 1, script: "echo $PLACE", env: stepEnv.get(1) ?? {} });
  await step.end;
  expect(step.printed.text).toBe(`${worker.root}/x\n`);
});
