import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRun, render, RICH_SHAPE } from "../../test/build-run.ts";
import { CHECKED_AT, judgeText, named, textOf } from "../../test/judge-run.ts";
import { MAX_RANGE } from "../intake/seq-set.ts";
import { createPhaseValidator } from "../phase-validator.ts";
import { scanOutputRecord, scanWindow, type ScannedOutput } from "./scan-output-record.ts";
import { createStreamReader, MAX_LINE_BYTES } from "./stream-reader.ts";

const PATH = "jobs/a/system/provider/events.jsonl";
const TS = "2026-01-01T00:00:00.250Z";
const HEAD = `{"seq":12,"ts":"${TS}","event":"output","stream":"stdout","text":"`;

describe("scanOutputRecord()", () => {
  test("finds the number and the end of a record as Loom writes it", () => {
    for (const tail of ['"}', 'a \\" \\\\ \\u00e9"}', 'é"}', 'x","lossy":true}']) {
      for (const stream of ["stdout", "stderr"]) {
        const bytes = new TextEncoder().encode(`${HEAD.replace("stdout", stream)}${tail}\n`);
        const found = empty();
        expect(scanOutputRecord(scanWindow(bytes), 0, found)).toBe(true);
        expect(found).toEqual({ seq: 12, isStderr: stream === "stderr", end: bytes.length - 1 });
      }
    }
  });

  test.each([
    ["no newline", `${HEAD}"}`],
    ["an unknown escape", `${HEAD}\\x"}\n`],
    ["a digit that is none", `${HEAD}\\u12g4"}\n`],
    ["control characters in place of digits", `${HEAD}\\u${String.fromCharCode(18).repeat(4)}"}\n`],
    ["a control character", `${HEAD}${String.fromCharCode(1)}"}\n`],
    ["another field", `${HEAD}","more":1}\n`],
    ["a leading zero", `${HEAD.replace("12", "012")}"}\n`],
    ["no number", `${HEAD.replace("12", "")}"}\n`],
    ["a number too long", `${HEAD.replace("12", "1234567890123456")}"}\n`],
    ["a time of another form", `${HEAD.replace("00.250", "0.250x")}"}\n`],
    ["a piece of a line", `${HEAD}x","partial":true}\n`],
    ["a piece of a line that is no UTF-8", `${HEAD}x","partial":true,"lossy":true}\n`],
    ["another stream", `${HEAD.replace("stdout", "stdin")}"}\n`],
    [
      "a lone surrogate",
      new Uint8Array([...new TextEncoder().encode(HEAD), 0xed, 0xa0, 0x80, 0x22, 0x7d, 0x0a]),
    ],
    ["a space", `${HEAD.replace('"seq"', ' "seq"')}"}\n`],
  ])("declines a record with %s", (_, line) => {
    expect(
      scanOutputRecord(
        scanWindow(typeof line === "string" ? new TextEncoder().encode(line) : line),
        0,
        empty(),
      ),
    ).toBe(false);
  });

  test("accepts nothing that JSON.parse does not, and reads the same from it", () => {
    const piece = fc.constantFrom(
      '"',
      "\\",
      "\\\\",
      "\\u",
      "\\n",
      "00",
      "e9",
      "a",
      "é",
      "\t",
      "}",
      ",",
      '"}',
      " ",
    );
    const tail = fc.constantFrom(
      '"}',
      '","partial":true}',
      '","lossy":true}',
      '","lossy":true,"partial":true}',
      "",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), tail, (pieces, close) => {
        const line = `${HEAD}${pieces.join("")}${close}`;
        const found = empty();
        fc.pre(scanOutputRecord(scanWindow(new TextEncoder().encode(`${line}\n`)), 0, found));
        expect(JSON.parse(line)).toMatchObject({ seq: found.seq, event: "output", stream: "stdout" });
      }),
      { numRuns: 2000 },
    );
  });
});

test("scanOutputRecord() takes for UTF-8 what the platform's decoder takes for it", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const head = [...new TextEncoder().encode(HEAD)];
  const byte = fc.constantFrom(
    0x61,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xe1,
    0xed,
    0xf0,
    0xf1,
    0xf4,
    0xf5,
  );
  fc.assert(
    fc.property(fc.array(byte, { minLength: 1, maxLength: 6 }), (text) => {
      const line = Uint8Array.from([...head, ...text, 0x22, 0x7d, 0x0a]);
      let isUtf8 = true;
      try {
        decoder.decode(Uint8Array.from(text));
      } catch {
        isUtf8 = false;
      }
      expect(scanOutputRecord(scanWindow(line), 0, empty())).toBe(isUtf8);
    }),
    { numRuns: 3000 },
  );
});

describe("StreamReader", () => {
  test("judges output with its keys in another order like that which is only scanned", () => {
    const start = JSON.stringify({ seq: 1, ts: TS, event: "log", level: "info", message: "x" });
    const text = (line: (seq: number) => string): string =>
      `${start}\n${[2, 3, 3, 5].map(line).join("\n")}\n`;
    const scanned = text((seq) => `${HEAD.replace("12", String(seq))}x"}`);
    const parsed = text((seq) =>
      JSON.stringify({ event: "output", text: "x", stream: "stdout", ts: TS, seq }),
    );
    const report = judgeText(new Map([[PATH, scanned]]));
    expect(named(report)).toContain(`bad_sequence ${PATH}:4`);
    expect(codes(report)).toEqual(codes(judgeText(new Map([[PATH, parsed]]))));
  });

  test("gives the same report wherever the bytes are cut", () => {
    const text = `${HEAD}é"}\n${HEAD.replace("12", "13")}"}\nnot json\n${HEAD.replace("12", "x")}"}\n${HEAD}`;
    const whole = judgeText(new Map([[PATH, text]]));
    expect(named(whole)).toContain(`truncated_stream ${PATH}:5`);
    for (let size = 1; size < 40; size++) {
      expect(codes(judgeText(new Map([[PATH, text]]), { chunkBytes: size }))).toEqual(codes(whole));
    }
  });

  test("keeps nothing of a buffer that is used again for the next chunk", () => {
    const lines = render(buildRun(RICH_SHAPE).entries);
    const validator = createPhaseValidator({ mirrors: true });
    const buffer = Buffer.alloc(100);
    for (const [path, text] of textOf(lines)) {
      const reader = createStreamReader(validator, path);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += buffer.length) {
        const count = bytes.copy(buffer, 0, at);
        reader.chunk(buffer.subarray(0, count));
      }
      reader.end();
    }
    expect(named(validator.report(CHECKED_AT))).toEqual([]);
  });

  test("knows the line and the number of output wherever it is interrupted", () => {
    const output = (seq: number): string => `${HEAD.replace("12", String(seq))}x"}`;
    const log = (seq: number): string =>
      JSON.stringify({ seq, ts: TS, event: "log", level: "info", message: "x" });
    const text = [
      output(1),
      output(2),
      output(2),
      output(3),
      log(4),
      output(2),
      "7",
      output(5),
      output(7),
      output(8),
      output(8),
    ];
    for (const size of [1, 50, 4096]) {
      const report = judgeText(new Map([[PATH, `${text.join("\n")}\n`]]), { chunkBytes: size });
      expect(report.streams).toEqual({
        count: 1,
        events: 11,
        bytes: Buffer.byteLength(`${text.join("\n")}\n`),
      });
      expect(
        report.violations
          .filter(({ code }) => code !== "outside_parent" && !code.startsWith("missing"))
          .map(({ line, message }) => `${line} ${message}`),
      ).toEqual([
        "3 The sequence number 2 does not come after 2, that of the record before it",
        "6 The sequence number 2 does not come after 4, that of the record before it",
        "7 This line is not a JSON object",
        "10 No record has the sequence number 6; the next boundary or state has 8",
        "11 The sequence number 8 does not come after 8, that of the record before it",
      ]);
    }
  });

  test("hands on what a stream ends with, whole or not, and its size", () => {
    const end = (text: string): readonly unknown[] => {
      const { streams, violations } = judgeText(new Map([[PATH, text]]));
      return [
        streams.events,
        streams.bytes,
        ...violations.filter(({ code }) => code === "truncated_stream").map(({ line }) => line),
      ];
    };
    const line = `${HEAD}x"}`;
    expect(end("")).toEqual([0, 0]);
    expect(end(`${line}\n`)).toEqual([1, line.length + 1]);
    expect(end(line)).toEqual([1, line.length, 1]);
    expect(end(`${line}\n${line}`)).toEqual([2, 2 * line.length + 1, 2]);
    expect(end(`${line}\n{"seq":`)).toEqual([1, line.length + 8, 2]);
  });

  test("parses the rest of a line that was recorded in pieces, of that output alone", () => {
    const path = "jobs/a/script/01/events.jsonl";
    const line = (stream: string, more = ""): string => `${HEAD.replace("stdout", stream)}x"${more}}`;
    const counted = (lines: readonly string[]): number | undefined => {
      const summary = { status: "failed", output_lines: -1 };
      const text = lines.map((each, index) => `${each.replace("12", String(index + 1))}\n`).join("");
      const report = judgeText(
        new Map([[path, text]]),
        { documents: true },
        new Map([["jobs/a/script/01/summary.json", summary]]),
      );
      const message = report.violations.find(({ message: each }) =>
        each.includes("lines of output"),
      )?.message;
      return message === undefined ? undefined : Number(/(\d+)$/u.exec(message)?.[1]);
    };
    const partial = ',"partial":true';
    expect(counted([line("stdout"), line("stderr")])).toBe(2);
    expect(counted([line("stdout", partial), line("stdout")])).toBe(1);
    const log = `{"seq":12,"ts":"${TS}","event":"log","level":"info","message":"x","stream":"stdout"}`;
    expect(counted([line("stdout", partial), log, line("stdout")])).toBe(1);
    expect(counted([line("stdout", partial), line("stderr"), line("stdout"), line("stdout")])).toBe(3);
    expect(counted([line("stderr", partial), line("stdout"), line("stderr"), line("stderr")])).toBe(3);
    expect(counted([line("stderr", partial), line("stderr", partial), line("stderr")])).toBe(1);
  });

  test("names a line that is not UTF-8", () => {
    const validator = createPhaseValidator();
    const reader = createStreamReader(validator, PATH);
    const encoder = new TextEncoder();
    reader.chunk(Uint8Array.from([...encoder.encode(HEAD), 0xff, ...encoder.encode('"}\n')]));
    reader.end();
    const found = validator.report(CHECKED_AT).violations.find(({ code }) => code === "malformed_line");
    expect(found).toEqual({
      code: "malformed_line",
      message: "This line is not UTF-8",
      stream_path: PATH,
      line: 1,
      scope: "job",
      job_id: "a",
    });
  });

  test("names an empty line", () => {
    expect(malformed(["\n7\n\n"])).toEqual([
      "1 This line is not JSON",
      "2 This line is not a JSON object",
      "3 This line is not JSON",
    ]);
  });

  test("skips a line that is too long, and goes on after it", () => {
    const chunk = " ".repeat(8 * 1024 * 1024);
    expect(malformed([...Array.from({ length: 9 }, () => chunk), "\n7\n"])).toEqual([
      "1 This line is longer than 67108864 bytes",
      "2 This line is not a JSON object",
    ]);
  });

  test.each([
    ["as long as may be", MAX_LINE_BYTES, "7\n", ["1 This line is not a JSON object"]],
    ["longer by a byte", MAX_LINE_BYTES + 1, "7\n", ["1 This line is longer than 67108864 bytes"]],
    ["longer and cut off", MAX_LINE_BYTES + 1, "7", []],
  ])("judges a line that is %s, in one chunk or two", (_, bytes, end, expected) => {
    const text = end.padStart(bytes);
    expect(malformed([text])).toEqual(expected);
    expect(malformed([text.slice(0, 1000), text.slice(1000)])).toEqual(expected);
  });

  test("hands on output in parts that are not too large to be taken", () => {
    const count = MAX_RANGE + 1;
    const line = `${HEAD.replace("12", "1000000")}"}\n`;
    const bytes = Buffer.from(line.repeat(count));
    const digits = HEAD.indexOf("12");
    for (let index = 0; index < count; index++) {
      bytes.write(String(1_000_000 + index), index * line.length + digits, "latin1");
    }
    const validator = createPhaseValidator();
    const reader = createStreamReader(validator, PATH);
    reader.chunk(bytes);
    reader.end();
    expect(validator.report(CHECKED_AT).streams.events).toBe(count);
  });
});

/** What is said of the lines that are no records, when a stream comes in these chunks. */
function malformed(chunks: readonly string[]): readonly string[] {
  const validator = createPhaseValidator();
  const reader = createStreamReader(validator, PATH);
  for (const chunk of chunks) reader.chunk(Buffer.from(chunk));
  reader.end();
  const found = validator.report(CHECKED_AT).violations.filter(({ code }) => code === "malformed_line");
  return found.map(({ line, message }) => `${line} ${message}`);
}

/** Output before its phase is named once for a batch of lines, else once for each: not what these tests are about. */
function codes(report: ReturnType<typeof judgeText>): readonly string[] {
  return named(report).filter((name) => !name.startsWith("outside_parent"));
}

function empty(): ScannedOutput {
  return { seq: 0, isStderr: false, end: 0 };
}
