import { jobId, runIdentity } from "@loom/core";
import { FakeClock, MemoryLog } from "@loom/testkit";
import { expect, test } from "vitest";
import { AttemptCalls } from "./attempt-calls.ts";

const OFFER = { runId: runIdentity(1n).runId, jobId: jobId("j"), attempt: 1 };

test("AttemptCalls ends an attempt though nobody answers, and its worker is told later", async () => {
  const clock = new FakeClock();
  let isAway = true;
  const log = new MemoryLog({ append: () => (isAway ? "lost before" : "fine") });
  const over = new AbortController();
  const calls = new AttemptCalls(OFFER, { log, clock, coordinator: "c", signal: over.signal });
  calls.lose("nothing was heard of it");
  const pass = async (): Promise<void> => {
    for (let tenth = 0; tenth < 20; tenth += 1) {
      await new Promise((resolve) => void setImmediate(resolve));
      clock.advance(100);
    }
  };
  const ended = calls.end();
  await pass();
  await ended;
  isAway = false;
  await pass();
  over.abort();
  expect(await log.count(`${OFFER.runId}.j.1.orders`)).toBe(1);
});
