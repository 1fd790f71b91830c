import type { Leases } from "@loom/ports";
import { FakeClock } from "@loom/testkit";
import { expect, test } from "vitest";
import { HeldLease } from "./held-lease.ts";
import { decodeMessage } from "./message-codec.ts";

/** Leases of which each answer comes when it is let come. */
function arrange() {
  const held: number[] = [];
  const answers: (() => void)[] = [];
  const leases = {
    ttlMs: 30_000,
    hold: async (_key: string, value: Uint8Array) => {
      held.push(decodeMessage<number>(value));
      await new Promise<void>((resolve) => answers.push(resolve));
    },
    release: () => Promise.resolve(),
  };
  let value = 0;
  const lease = new HeldLease(leases as unknown as Leases, new FakeClock(), {
    key: "worker.w1",
    value: () => (value += 1),
  });
  const answer = async (): Promise<void> => {
    answers.shift()?.();
    await new Promise((resolve) => void setImmediate(resolve));
  };
  return { lease, held, answer };
}

test("HeldLease says what changes meanwhile once, however often that is", async () => {
  const { lease, held, answer } = arrange();
  for (let change = 0; change < 20; change += 1) void lease.say();
  expect(held).toEqual([1]);
  await answer();
  expect(held).toEqual([1, 2]);
  await answer();
  expect(held).toEqual([1, 2]);
});

test("HeldLease waits for one answer when it is released, and says nothing after that", async () => {
  const { lease, held, answer } = arrange();
  for (let change = 0; change < 20; change += 1) void lease.say();
  const released = lease.release();
  await answer();
  await released;
  await lease.say();
  expect(held).toEqual([1]);
});
