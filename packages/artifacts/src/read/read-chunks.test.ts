import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEvent } from "../codec/encode-event.ts";
import { PlainOutput } from "../codec/plain-output.ts";
import { expect, onTestFinished, test } from "vitest";
import { readChunks } from "./read-chunks.ts";
import { readLines } from "./read-lines.ts";
import { readRecordChunks } from "./read-record-chunks.ts";

function fileOf(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "loom-chunks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, content);
  return path;
}

/** Lines of very different lengths, as many as fill several chunks. */
const LINES = [1, 100, 20_000, 0, 300_000, 600_000, 5, 90_000, 170_000].map((length, index) =>
  String(index).repeat(length),
);

test("readChunks() gives whole lines, however long, with their places, and then what has no end", async () => {
  const text = `${LINES.join("\n")}\ntorn`;
  let read = "";
  for await (const { bytes, position, torn } of readChunks(fileOf(text))) {
    expect(position).toBe(read.length);
    expect(bytes.at(-1) === 0x0a).toBe(!torn);
    read += bytes.toString();
  }
  expect(read).toBe(text);
});

test("readLines() gives the lines of a part of a file, and leaves out what is not wanted", async () => {
  const path = fileOf(`${LINES.join("\n")}\n`);
  const start = LINES.slice(0, 2).join("\n").length + 1;
  const end = start + 20_001 + 1 + 300_001 + 7;
  const found: unknown[] = [];
  const wanted = (line: Uint8Array): boolean => line.length > 0;
  for await (const { line, text, torn } of readLines(path, { start, end, wanted }))
    found.push([line, text.length, torn]);
  expect(found).toStrictEqual([
    [1, 20_000, false],
    [3, 300_000, false],
    [4, 7, true],
  ]);
});

test("readChunks() reads what is appended before it came to the end, and nothing of another file", async () => {
  const path = fileOf("a\n");
  let read = "";
  for await (const { bytes } of readChunks(path)) {
    if (read === "") appendFileSync(path, "b\n");
    read += bytes.toString();
  }
  expect(read).toBe("a\nb\n");
  for await (const chunk of readChunks(path, { inode: 1 })) expect(chunk).toBeUndefined();
});

test("readRecordChunks() decodes the line that ends one begun before, and passes over what is damaged", async () => {
  const record = (seq: number, text: string, partial = false): string =>
    encodeEvent({
      seq,
      ts: "2026-01-01T00:00:00.250Z",
      event: "output",
      stream: "stdout",
      text,
      ...(partial && { partial: true as const }),
    });
  const lines = [
    record(1, "plain"),
    "garbage",
    record(2, "be", true),
    record(3, "gun"),
    record(4, "é"),
    record(5, "last"),
  ];
  const found: string[] = [];
  for await (const records of readRecordChunks(fileOf(`${lines.join("\n")}\n{"seq"`), {}))
    for (const each of records)
      found.push(`${each.seq} ${each instanceof PlainOutput ? "plain" : "decoded"}`);
  expect(found).toStrictEqual(["1 plain", "2 decoded", "3 decoded", "4 decoded", "5 plain"]);
});
