import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobId, runIdentity } from "@loom/core";
import type { Clock, SharedLog } from "@loom/ports";
import { createSystemClock } from "@loom/system";
import { MemoryExchange, MemoryLog } from "@loom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { poolOf, startTestWorker } from "../test/far-provider.ts";
import type { WorkerOptions } from "./index.ts";
import { encodeMessage } from "./message-codec.ts";
import { offerId, queueOf, subjectsOf } from "./messages.ts";

/** Time goes by faster than it is counted. */
const system = createSystemClock();
const clock: Clock = {
  now: () => system.now(),
  after: (ms, callback) => system.after(ms / 50, callback),
};

test("startWorker() has a worker leave that can tell nobody that it hands its job back", async () => {
  let isAway = false;
  const log = new MemoryLog({ append: () => (isAway ? "lost before" : "fine") });
  const exchange = new MemoryExchange(clock, { log });
  const base = mkdtempSync(join(tmpdir(), "loom-leave-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const offer = { runId: runIdentity(1n).runId, jobId: jobId("j"), attempt: 1 };
  const { orders, happenings } = subjectsOf(offer);
  await log.append(orders, 1, encodeMessage({ writer: "c", messages: [] }));
  const worker = startTestWorker(exchange, base, { clock });
  await exchange.queue.offer(queueOf(poolOf(base)), offerId(offer), encodeMessage(offer));
  await expect.poll(async () => await log.count(happenings)).toBe(1);
  isAway = true;
  worker.kill();
  await worker.left;
  expect(await log.count(happenings)).toBe(1);
});

test("startWorker() reads no orders any more of attempts that it did not have", async () => {
  const log = new MemoryLog();
  let open = 0;
  const counted: SharedLog = {
    append: async (...given) => await log.append(...given),
    count: async (subject) => await log.count(subject),
    forget: async (prefix) => await log.forget(prefix),
    async *read(...given) {
      open += 1;
      try {
        yield* log.read(...given);
      } finally {
        open -= 1;
      }
    },
  };
  const exchange = new MemoryExchange(clock, { log: counted });
  const base = mkdtempSync(join(tmpdir(), "loom-leave-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const offer = { runId: runIdentity(1n).runId, jobId: jobId("j"), attempt: 1 };
  const { orders, happenings } = subjectsOf(offer);
  await log.append(orders, 1, encodeMessage({ writer: "c", messages: [] }));
  // Somebody else has it.
  await log.append(happenings, 1, encodeMessage({ writer: "other", messages: [] }));
  const states: string[] = [];
  const onJob: WorkerOptions["onJob"] = (_offer, state) => void states.push(state);
  const worker = startTestWorker(exchange, base, { clock, onJob });
  await exchange.queue.offer(queueOf(poolOf(base)), offerId(offer), encodeMessage(offer));
  await expect.poll(() => states).toEqual(["begun", "replaced"]);
  worker.leave(0);
  await worker.left;
  expect(open).toBe(0);
});
