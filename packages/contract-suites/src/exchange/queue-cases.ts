import { ok, strictEqual } from "node:assert/strict";
import type { TakenWork, WorkQueue } from "@loom/ports";
import { bytesOf, textOfBytes, type ExchangeCase } from "./exchange-case.ts";

/** How long to look whether something comes that must not. Milliseconds. */
const LOOK_MS = 100;

/** What a work queue owes. */
export const queueCases: readonly ExchangeCase[] = [
  [
    "gives work to one of two that wait for it",
    async ({ exchange, other, word }) => {
      const stop = new AbortController();
      const takers = [exchange, other].map(({ queue }) => queue.take(word, stop.signal));
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      const first = await Promise.race(takers);
      ok(first !== undefined);
      strictEqual(textOfBytes(first.data), "work");
      strictEqual(first.earlierTakers, 0);
      setTimeout(() => stop.abort(), LOOK_MS);
      const works = await Promise.all(takers);
      strictEqual(works.filter((work) => work !== undefined).length, 1);
      await first.finish();
    },
  ],
  [
    "adds work of one id once",
    async ({ exchange, other, word }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("once"));
      await other.queue.offer(word, `${word}-1`, bytesOf("again"));
      await (await taken(exchange.queue, word, "once")).finish();
      await exchange.queue.offer(word, `${word}-1`, bytesOf("after its end"));
      await nothingIn(other.queue, word);
    },
  ],
  [
    "never gives finished work again",
    async ({ exchange, other, word, passes }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      const work = await taken(exchange.queue, word, "work");
      await work.finish();
      await passes(work.silentAfterMs * 1.5);
      await nothingIn(other.queue, word);
    },
  ],
  [
    "gives work again at once that was given back",
    async ({ exchange, other, word }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      await (await taken(exchange.queue, word, "work")).giveBack();
      const again = await taken(other.queue, word, "work");
      strictEqual(again.earlierTakers, 1);
      await again.finish();
    },
  ],
  [
    "gives work again when nothing is heard of who took it",
    async ({ exchange, other, word, passes }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      const { silentAfterMs } = await taken(exchange.queue, word, "work");
      const next = taken(other.queue, word, "work");
      await passes(silentAfterMs * 1.5);
      const again = await next;
      strictEqual(again.earlierTakers, 1);
      await again.finish();
    },
  ],
  [
    "leaves work with who says that it is still worked on",
    async ({ exchange, other, word, passes }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      const work = await taken(exchange.queue, word, "work");
      const stop = new AbortController();
      const next = other.queue.take(word, stop.signal);
      for (let times = 0; times < 6; times += 1) {
        await passes(work.silentAfterMs / 3);
        await work.keep();
      }
      stop.abort();
      strictEqual(await next, undefined);
      await work.finish();
    },
  ],
  [
    "leaves work with the next one when the one before gives it back too late",
    async ({ exchange, other, word, passes }) => {
      await exchange.queue.offer(word, `${word}-1`, bytesOf("work"));
      const before = await taken(exchange.queue, word, "work");
      await passes(before.silentAfterMs * 1.5);
      const work = await taken(other.queue, word, "work");
      await before.giveBack();
      await nothingIn(exchange.queue, word);
      await work.finish();
    },
  ],
  [
    "ends a taker whose signal aborts, and loses nothing",
    async ({ exchange, other, word }) => {
      strictEqual(await exchange.queue.take(word, AbortSignal.abort()), undefined);
      for (let n = 1; n <= 5; n += 1) {
        const stop = new AbortController();
        const ended = exchange.queue.take(word, stop.signal);
        await new Promise((resolve) => void setTimeout(resolve, 5 * n));
        // What is offered at the same moment is taken, or left to others.
        const offered = other.queue.offer(word, `${word}-${n}`, bytesOf(`work ${n}`));
        stop.abort();
        const work = (await ended) ?? (await taken(other.queue, word, `work ${n}`));
        await offered;
        strictEqual(textOfBytes(work.data), `work ${n}`);
        await work.finish();
      }
    },
  ],
  [
    "keeps pools apart",
    async ({ exchange, other, word }) => {
      await exchange.queue.offer(`${word}-linux`, `${word}-1`, bytesOf("linux"));
      await nothingIn(other.queue, `${word}-mac`);
      await exchange.queue.offer(`${word}-mac`, `${word}-2`, bytesOf("mac"));
      for (const name of ["mac", "linux"]) await (await taken(other.queue, `${word}-${name}`, name)).finish();
    },
  ],
  [
    "gives the oldest first, and bytes as they are",
    async ({ exchange, other, word }) => {
      const data = bytesOf("1");
      await exchange.queue.offer(word, `${word}-1`, data);
      data.fill(0);
      for (const n of ["2", "3"]) await exchange.queue.offer(word, `${word}-${n}`, bytesOf(n));
      const works: TakenWork[] = [];
      for (const n of ["1", "2", "3"]) works.push(await taken(other.queue, word, n));
      for (const work of works) await work.finish();
    },
  ],
];

async function taken(queue: WorkQueue, pool: string, text: string): Promise<TakenWork> {
  const work = await queue.take(pool, new AbortController().signal);
  ok(work !== undefined);
  strictEqual(textOfBytes(work.data), text);
  return work;
}

async function nothingIn(queue: WorkQueue, pool: string): Promise<void> {
  strictEqual(await queue.take(pool, AbortSignal.timeout(LOOK_MS)), undefined);
}
