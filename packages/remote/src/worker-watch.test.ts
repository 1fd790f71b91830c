import type { Leases } from "@loom/ports";
import { FakeClock } from "@loom/testkit";
import { expect, test } from "vitest";
import type { AttemptCalls } from "./attempt-calls.ts";
import type { KnownWorker } from "./leases.ts";
import { encodeMessage } from "./message-codec.ts";
import { CONTRACT_VERSION } from "./messages.ts";
import { WorkerWatch } from "./worker-watch.ts";

const SECOND = 1_000;

function arrange() {
  const clock = new FakeClock();
  const workers = new Map<string, Partial<KnownWorker>>();
  const state = { isAway: false };
  const leases: Pick<Leases, "ttlMs" | "list"> = {
    ttlMs: 30 * SECOND,
    list: () => {
      if (state.isAway) return Promise.reject(new Error("timeout"));
      const known = { pools: ["linux"], contract: CONTRACT_VERSION, version: "1", isLeaving: false };
      return Promise.resolve(
        new Map(
          [...workers].map(([name, worker]) => [
            `worker.${name}`,
            encodeMessage({ ...known, name, ...worker }),
          ]),
        ),
      );
    },
  };
  const told: string[] = [];
  const watch = new WorkerWatch(leases as Leases, clock, {
    timeoutMs: 60 * SECOND,
    notice: (message) => told.push(message),
    giveUp: (message) => told.push(`given up: ${message}`),
  });
  /** An attempt that this worker has, or nobody. */
  const attempt = (worker: string | undefined, pool = "linux"): AttemptCalls => {
    const calls = { worker, lose: (why: string) => told.push(`lost by ${worker}: ${why}`) };
    watch.add(calls as unknown as AttemptCalls, pool);
    return calls as unknown as AttemptCalls;
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(SECOND);
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  return { watch, workers, state, told, attempt, pass };
}

test("WorkerWatch gives up an attempt whose worker is gone, and no other", async () => {
  const { workers, told, attempt, pass } = arrange();
  workers.set("w1", {});
  workers.set("w2", {});
  attempt("w1");
  attempt("w2");
  await pass(15);
  workers.delete("w2");
  await pass(10);
  expect(told).toEqual(["lost by w2: nothing was heard of it for 30 s"]);
});

test("WorkerWatch says once of which pools nobody takes jobs that wait, or nobody of this version", async () => {
  const { workers, told, attempt, pass } = arrange();
  workers.set("w1", {});
  workers.set("old", { pools: ["arm"], contract: CONTRACT_VERSION + 1, version: "9.0.0" });
  attempt(undefined);
  attempt(undefined, "mac");
  attempt(undefined, "mac");
  attempt(undefined, "arm");
  await pass(40);
  expect(told).toEqual([
    'No worker takes jobs of pool "mac": they wait for one',
    'No worker of this version takes jobs of pool "arm" (old has loom 9.0.0): they wait for one',
  ]);
});

test("WorkerWatch says so soon for a pool whose first job comes later", async () => {
  const { workers, told, attempt, pass } = arrange();
  workers.set("w1", {});
  attempt("w1");
  await pass(5);
  attempt(undefined, "mac");
  await pass(2);
  expect(told).toEqual(['No worker takes jobs of pool "mac": they wait for one']);
});

test("WorkerWatch says that nothing is heard of the engine, and gives up after some time", async () => {
  const { workers, state, told, attempt, pass } = arrange();
  workers.set("w1", {});
  attempt("w1");
  state.isAway = true;
  await pass(30);
  state.isAway = false;
  await pass(15);
  const away = "Nothing is heard of the engine that brings jobs to workers: they wait for it";
  expect(told).toEqual([away, "The engine that brings jobs to workers is back"]);
  state.isAway = true;
  await pass(80);
  const given = "given up: Nothing was heard of the engine that brings jobs to workers for 1:00";
  const lost = "lost by w1: nothing was heard of the engine that brings jobs to workers for 1:00";
  expect(told.slice(2, 5)).toEqual([away, given, lost]);
});

test("WorkerWatch asks nobody while there is no attempt, and after it was closed", async () => {
  const { watch, state, told, attempt, pass } = arrange();
  state.isAway = true;
  watch.remove(attempt("w1"));
  await pass(30);
  attempt("w1");
  watch.close();
  await pass(30);
  expect(told).toEqual([]);
});
