import { expect, test } from "vitest";
import { scanOutputRecord, scanWindow, type ScannedOutput } from "./scan-output-record.ts";

const GRAMMAR =
  /^\{"seq":(?<seq>[1-9]\d{0,14}),"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"output","stream":"std(?<name>out|err)","text":"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"(?:,"lossy":true)?\}\n/u;

const TS = "2026-01-01T00:00:00.250Z";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A record whose text has all that a JSON string may have. */
function record(seq: string, more = "", stream = "stdout"): Buffer {
  const text = String.raw`plain "\\\/\b\f\n\r\t\u00e9\uABCD".replace`.replaceAll('"', String.raw`\"`);
  return Buffer.from(
    `{"seq":${seq},"ts":"${TS}","event":"output","stream":"${stream}","text":"${text} é ☃ ퟿ 😀 􏿿 end"${more}}\n`,
  );
}

/** What a scan says of the bytes from a place on; `undefined` when it declines. */
function scanned(bytes: Uint8Array, start = 0): ScannedOutput | undefined {
  const found = { seq: 0, isStderr: false, end: 0 };
  return scanOutputRecord(scanWindow(bytes), start, found) ? found : undefined;
}

/** What the grammar says of the same. */
function parsed(bytes: Uint8Array, start = 0): ScannedOutput | undefined {
  const end = bytes.indexOf(0x0a, start);
  if (end < 0) return undefined;
  let text: string;
  try {
    text = decoder.decode(bytes.subarray(start, end + 1));
  } catch {
    return undefined;
  }
  const groups = GRAMMAR.exec(text)?.groups;
  if (groups === undefined) return undefined;
  return { seq: Number(groups["seq"]), isStderr: groups["name"] === "err", end };
}

test.each([
  ["stdout", record("7")],
  ["stderr that is no UTF-8", record("123456789012345", ',"lossy":true', "stderr")],
])("scanOutputRecord() agrees with the grammar, whichever byte of a record of %s is another", (_, bytes) => {
  expect(parsed(bytes)).toBeDefined();
  const differing: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = byte;
      if (JSON.stringify(scanned(changed)) !== JSON.stringify(parsed(changed)))
        differing.push(`${at} ${byte}`);
    }
  }
  expect(differing).toEqual([]);
});

test("scanOutputRecord() declines a record that is cut off anywhere, or that lacks a byte", () => {
  const bytes = record("7", ',"lossy":true');
  for (let at = 0; at < bytes.length; at++) {
    expect(scanned(bytes.subarray(0, at)), `the first ${at}`).toBeUndefined();
    const lacking = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    expect(scanned(lacking), `without ${at}`).toEqual(parsed(lacking));
  }
});

test("scanOutputRecord() reads a record anywhere in a window, and nothing beside it", () => {
  for (let before = 0; before < 9; before++) {
    const bytes = Buffer.concat([Buffer.alloc(before, "x"), record("41"), record("42", "", "stderr")]);
    const first = { seq: 41, isStderr: false, end: before + record("41").length - 1 };
    expect(scanned(bytes, before)).toEqual(first);
    expect(scanned(bytes, first.end + 1)).toEqual({ seq: 42, isStderr: true, end: bytes.length - 1 });
    expect(scanned(bytes.subarray(before))).toEqual({ ...first, end: first.end - before });
  }
});

test.each(["", "0", "01", "1234567890123456", "-1", "1.5"])(
  "scanOutputRecord() declines the number %j",
  (seq) => {
    expect(scanned(record(seq))).toBeUndefined();
  },
);

test("scanOutputRecord() takes for a character what is one in UTF-8", () => {
  const [head = "", tail = ""] = record("7").toString("latin1").split("plain");
  const bytes = [
    0x00, 0x1f, 0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
    0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  ];
  const differing: string[] = [];
  const check = (character: readonly number[]): void => {
    const line = Buffer.concat([
      Buffer.from(head, "latin1"),
      Buffer.from(character),
      Buffer.from(tail, "latin1"),
    ]);
    if (JSON.stringify(scanned(line)) !== JSON.stringify(parsed(line))) differing.push(character.join(" "));
  };
  for (const lead of bytes) {
    for (const second of bytes) {
      check([lead, second]);
      for (const third of bytes) check([lead, second, third]);
    }
    for (const last of bytes) {
      for (const second of bytes) check([lead, second, 0x80, last]);
      for (const third of bytes) check([lead, 0x90, third, last]);
    }
  }
  expect(differing).toEqual([]);
});
