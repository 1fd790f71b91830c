import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExchangeCase, ExchangeUnderTest } from "./exchange-case.ts";

/** What a store of contents owes. */
export const blobCases: readonly ExchangeCase[] = [
  [
    "has a content from when it was put until it is removed",
    inFolder(async ({ exchange, other, word }, folder) => {
      const name = `${word}-a`;
      strictEqual(await other.blobs.has(name), false);
      await writeFile(join(folder, "from"), "content");
      await exchange.blobs.put(name, join(folder, "from"));
      strictEqual(await other.blobs.has(name), true);
      strictEqual(await other.blobs.get(name, join(folder, "to")), true);
      strictEqual(await readFile(join(folder, "to"), "utf8"), "content");
      await other.blobs.remove(name);
      strictEqual(await exchange.blobs.has(name), false);
      strictEqual(await exchange.blobs.get(name, join(folder, "to")), false);
      await exchange.blobs.remove(name);
    }),
  ],
  [
    "says when there is no content of a name, and writes nothing",
    inFolder(async ({ exchange, word }, folder) => {
      strictEqual(await exchange.blobs.get(`${word}-none`, join(folder, "to")), false);
      deepStrictEqual(await readdir(folder), []);
    }),
  ],
  [
    "keeps every byte of a large content, and of none",
    inFolder(async ({ exchange, other, word }, folder) => {
      const contents = { large: randomBytes(20 * 1_024 * 1_024), empty: Buffer.alloc(0) };
      for (const [name, content] of Object.entries(contents)) {
        await writeFile(join(folder, name), content);
        await exchange.blobs.put(`${word}-${name}`, join(folder, name));
        strictEqual(await other.blobs.get(`${word}-${name}`, join(folder, `${name}-copy`)), true);
        ok(content.equals(await readFile(join(folder, `${name}-copy`))));
      }
      deepStrictEqual((await readdir(folder)).toSorted(), ["empty", "empty-copy", "large", "large-copy"]);
    }),
  ],
  [
    "takes a content of the same name again, also from two at once",
    inFolder(async ({ exchange, other, word }, folder) => {
      const content = randomBytes(3_000_000);
      await writeFile(join(folder, "from"), content);
      await exchange.blobs.put(word, join(folder, "from"));
      await Promise.all([
        exchange.blobs.put(word, join(folder, "from")),
        other.blobs.put(word, join(folder, "from")),
      ]);
      strictEqual(await other.blobs.get(word, join(folder, "to")), true);
      ok(content.equals(await readFile(join(folder, "to"))));
    }),
  ],
  [
    "stores nothing of a file that cannot be read",
    inFolder(async ({ exchange, word }, folder) => {
      const stored = await exchange.blobs.put(word, join(folder, "missing")).then(
        () => true,
        () => false,
      );
      strictEqual(stored, false);
      strictEqual(await exchange.blobs.has(word), false);
    }),
  ],
];

function inFolder(
  tryIt: (tried: ExchangeUnderTest, folder: string) => Promise<void>,
): (tried: ExchangeUnderTest) => Promise<void> {
  return async (tried) => {
    const folder = await mkdtemp(join(tmpdir(), "loom-contract-"));
    try {
      await tryIt(tried, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
