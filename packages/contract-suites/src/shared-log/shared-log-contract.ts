import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { SharedEntry, SharedLog } from "@loom/ports";
import type { ContractCase } from "../contract-case.ts";

/** What the contract of a shared log is tried with. */
export interface SharedLogUnderTest {
  readonly log: SharedLog;
  /** A subject that nobody has used. */
  readonly subject: string;
  /** A second way to the same log, as another machine has it. */
  readonly other: SharedLog;
  /** Gives back what was made for a case. */
  readonly close: () => Promise<void>;
}

/**
 * What every `SharedLog` owes.
 *
 * @param make - Makes a log; may be the same one each time, with another subject.
 */
export function sharedLogContract(make: () => Promise<SharedLogUnderTest>): readonly ContractCase[] {
  const contractCase = (
    name: string,
    tryIt: (log: SharedLog, other: SharedLog, subject: string) => Promise<void>,
  ): ContractCase => ({
    name,
    run: async () => {
      const { log, other, subject, close } = await make();
      try {
        await tryIt(log, other, subject);
      } finally {
        await close();
      }
    },
  });
  return [
    contractCase(
      "has the entries of a subject in their order, for whoever reads",
      async (log, other, subject) => {
        for (const [index, text] of ["one", "two", "three"].entries())
          strictEqual(await log.append(subject, index + 1, bytesOf(text)), "appended");
        for (const reader of [log, other]) {
          deepStrictEqual(await firstOf(reader, subject, 1, 3), [
            [1, "one"],
            [2, "two"],
            [3, "three"],
          ]);
          deepStrictEqual(await firstOf(reader, subject, 3, 1), [[3, "three"]]);
        }
      },
    ),
    contractCase("keeps the first entry of a number, whoever comes second", async (log, other, subject) => {
      strictEqual(await log.append(subject, 1, bytesOf("mine")), "appended");
      strictEqual(await log.append(subject, 1, bytesOf("mine")), "taken");
      strictEqual(await other.append(subject, 1, bytesOf("yours")), "taken");
      strictEqual(await other.append(subject, 2, bytesOf("yours")), "appended");
      strictEqual(await log.append(subject, 2, bytesOf("mine")), "taken");
      deepStrictEqual(await firstOf(log, subject, 1, 2), [
        [1, "mine"],
        [2, "yours"],
      ]);
    }),
    contractCase("gives one of several that append at once the number", async (log, other, subject) => {
      const said = await Promise.all([
        log.append(subject, 1, bytesOf("a")),
        other.append(subject, 1, bytesOf("b")),
        log.append(subject, 1, bytesOf("c")),
      ]);
      deepStrictEqual(said.toSorted(), ["appended", "taken", "taken"]);
    }),
    contractCase("leaves no gap", async (log, _other, subject) => {
      strictEqual(await log.append(subject, 2, bytesOf("two")), "gap");
      strictEqual(await log.append(subject, 1, bytesOf("one")), "appended");
    }),
    contractCase("counts the entries of a subject, whoever appended them", async (log, other, subject) => {
      strictEqual(await log.count(subject), 0);
      await log.append(subject, 1, bytesOf("one"));
      await other.append(subject, 2, bytesOf("two"));
      await log.append(`${subject}.more`, 1, bytesOf("other"));
      strictEqual(await log.count(subject), 2);
      strictEqual(await other.count(subject), 2);
    }),
    contractCase("forgets what begins with some words, and nothing else", async (log, other, subject) => {
      for (const each of [`${subject}.a`, `${subject}.b.c`, `${subject}2.a`])
        await log.append(each, 1, bytesOf("one"));
      await other.append(`${subject}.a`, 2, bytesOf("two"));
      await other.forget(`${subject}.`);
      strictEqual(await log.count(`${subject}.a`), 0);
      strictEqual(await log.count(`${subject}.b.c`), 0);
      strictEqual(await log.count(`${subject}2.a`), 1);
      strictEqual(await log.append(`${subject}.b.c`, 2, bytesOf("late")), "gap");
      strictEqual(await other.append(`${subject}.a`, 3, bytesOf("late")), "gap");
      await log.forget(`${subject}.`);
    }),
    contractCase("tells a reader of entries that come while it reads", async (log, other, subject) => {
      const read = firstOf(other, subject, 1, 3);
      for (const n of [1, 2, 3]) {
        await new Promise((resolve) => void setTimeout(resolve, 5));
        await log.append(subject, n, bytesOf(String(n)));
      }
      deepStrictEqual(await read, [
        [1, "1"],
        [2, "2"],
        [3, "3"],
      ]);
    }),
    contractCase("keeps subjects apart, and bytes as they are", async (log, _other, subject) => {
      const data = Uint8Array.from({ length: 256 }, (_, index) => index);
      await log.append(subject, 1, data);
      await log.append(`${subject}2`, 1, bytesOf("other"));
      data.fill(0);
      const [entry] = await entriesOf(log, subject, 1, 1);
      deepStrictEqual(
        [...(entry?.data ?? [])],
        Array.from({ length: 256 }, (_, index) => index),
      );
    }),
    contractCase(
      "ends a reader whose signal aborts, also where nothing comes",
      async (log, _other, subject) => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 20);
        for await (const { n } of log.read(subject, 1, stop.signal)) strictEqual(n, 0);
      },
    ),
  ];
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function firstOf(
  log: SharedLog,
  subject: string,
  from: number,
  count: number,
): Promise<readonly (readonly [number, string])[]> {
  const entries = await entriesOf(log, subject, from, count);
  return entries.map(({ n, data }) => [n, new TextDecoder().decode(data)] as const);
}

async function entriesOf(
  log: SharedLog,
  subject: string,
  from: number,
  count: number,
): Promise<readonly SharedEntry[]> {
  const found: SharedEntry[] = [];
  const stop = new AbortController();
  for await (const entry of log.read(subject, from, stop.signal)) {
    found.push(entry);
    if (found.length === count) stop.abort();
  }
  return found;
}
