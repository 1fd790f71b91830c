import { deepStrictEqual } from "node:assert/strict";
import type { Leases } from "@loom/ports";
import { bytesOf, textOfBytes, type ExchangeCase } from "./exchange-case.ts";

/** What leases owe. */
export const leaseCases: readonly ExchangeCase[] = [
  [
    "lists who is there, in the order of the keys, with what they said last",
    async ({ exchange, other, word }) => {
      for (const [name, text] of [
        ["b", "here"],
        ["a.1", "here"],
        ["b", "still here"],
      ] as const)
        await exchange.leases.hold(`${word}.${name}`, bytesOf(text));
      for (const { leases } of [exchange, other])
        deepStrictEqual(await listed(leases, `${word}.`), [
          [`${word}.a.1`, "here"],
          [`${word}.b`, "still here"],
        ]);
    },
  ],
  [
    "lists nobody who said that they are gone, and who came back",
    async ({ exchange, other, word }) => {
      await exchange.leases.hold(`${word}.a`, bytesOf("a"));
      await exchange.leases.hold(`${word}.b`, bytesOf("b"));
      await other.leases.release(`${word}.a`);
      await other.leases.release(`${word}.nobody`);
      deepStrictEqual(await listed(exchange.leases, `${word}.`), [[`${word}.b`, "b"]]);
      await exchange.leases.release(`${word}.b`);
      deepStrictEqual(await listed(other.leases, `${word}.`), []);
      await exchange.leases.hold(`${word}.a`, bytesOf("back"));
      deepStrictEqual(await listed(other.leases, `${word}.`), [[`${word}.a`, "back"]]);
    },
  ],
  [
    "lists nobody who said nothing for too long",
    async ({ exchange, other, word, passes }) => {
      const { ttlMs } = exchange.leases;
      await exchange.leases.hold(`${word}.silent`, bytesOf("here"));
      for (let times = 0; times < 6; times += 1) {
        await exchange.leases.hold(`${word}.heard`, bytesOf("here"));
        await passes(ttlMs / 3);
      }
      deepStrictEqual(await listed(other.leases, `${word}.`), [[`${word}.heard`, "here"]]);
    },
  ],
  [
    "takes whole words for the beginning of a key",
    async ({ exchange, word }) => {
      await exchange.leases.hold(`${word}.linux.a`, bytesOf("a"));
      await exchange.leases.hold(`${word}.linux-arm.b`, bytesOf("b"));
      await exchange.leases.hold(`${word}.linux`, bytesOf("c"));
      deepStrictEqual(await listed(exchange.leases, `${word}.linux.`), [[`${word}.linux.a`, "a"]]);
    },
  ],
];

async function listed(leases: Leases, prefix: string): Promise<readonly (readonly [string, string])[]> {
  return [...(await leases.list(prefix))].map(([key, value]) => [key, textOfBytes(value)] as const);
}
