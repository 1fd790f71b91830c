// CPU cost of one million lines of output (100 MB): encoding alone, and encoding plus writing.
// Run: node --conditions=@loom/source packages/artifacts/bench/encode-lines.ts
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LineBatch } from "@loom/ports";
import { ByteBuffer } from "../src/codec/byte-buffer.ts";
import { encodeLines } from "../src/codec/encode-lines.ts";

const LINES = 1_000_000;
const CHUNK_BYTES = 64 * 1024;

const texts: Readonly<Record<string, string>> = {
  ascii: "the quick brown fox jumps over the lazy dog ".repeat(3).slice(0, 99),
  coloured: `\u001b[32m${"compiled src/some/module/file.ts in 12 ms ".repeat(3).slice(0, 90)}\u001b[0m`,
  unicode: "✓ größer als erwartet, naïve façade … ".repeat(3).slice(0, 88),
  invalid: "latin-1 caf\u00e9 ".repeat(8).slice(0, 99),
};

const directory = mkdtempSync(join(tmpdir(), "loom-bench-"));
const file = openSync(join(directory, "events.jsonl"), "w");
for (const [name, text] of Object.entries(texts)) {
  const batch = batchOf(Buffer.from(text, name === "invalid" ? "latin1" : "utf8"));
  const rounds = Math.ceil(LINES / batch.ends.length);
  const encode = measure(rounds, batch, () => {});
  const write = measure(rounds, batch, (into) => writeSync(file, into.bytes, 0, into.length, 0));
  const megabytes = Math.round((rounds * batch.bytes.length) / 1e6);
  process.stdout.write(
    `${name.padEnd(9)} ${megabytes} MB  encode ${encode} ms  encode + write ${write} ms (CPU, median of 5)\n`,
  );
}
closeSync(file);
rmSync(directory, { recursive: true });

function batchOf(line: Buffer): LineBatch {
  const count = Math.floor(CHUNK_BYTES / (line.length + 1));
  const bytes = Buffer.concat(Array.from({ length: count }, () => Buffer.concat([line, Buffer.from("\n")])));
  const ends = Array.from({ length: count }, (_, index) => (index + 1) * (line.length + 1) - 1);
  return { stream: "stdout", firstSeq: 123_456, ts: "2026-01-01T00:00:00.250Z", bytes, ends, partial: false };
}

function measure(rounds: number, batch: LineBatch, take: (into: ByteBuffer) => void): number {
  const into = new ByteBuffer();
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round++) {
      into.length = 0;
      encodeLines(batch, into);
      take(into);
    }
    const spent = process.cpuUsage(before);
    return (spent.user + spent.system) / 1000;
  });
  return Math.round(times.sort((a, b) => a - b)[2] ?? 0);
}
