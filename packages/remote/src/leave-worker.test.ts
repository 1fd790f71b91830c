import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobId, runIdentity } from "@loom/core";
import type { Clock } from "@loom/ports";
import { createSystemClock } from "@loom/system";
import { MemoryExchange, MemoryLog } from "@loom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { poolOf, startTestWorker } from "../test/far-provider.ts";
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
