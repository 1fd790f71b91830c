import { ByteBuffer, PlainOutput } from "@loom/artifacts";
import type { LogBlock } from "@loom/diagnosis";
import { jobId } from "@loom/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LogWriter } from "./log-writer.ts";
import { UnitRules } from "./unit-rules.ts";

const TS = "2026-01-01T00:00:00.250Z";

const anyBlock: fc.Arbitrary<LogBlock> = fc.record({
  jobId: fc.constantFrom("build", "lint", "ünit").map(jobId),
  unit: fc.constantFrom<LogBlock["unit"]>(
    { kind: "step", step: 1 },
    { kind: "step", step: 2, attempt: 1 },
    { kind: "section", section: "cleanup" },
  ),
  lines: fc
    .array(
      fc.record({ text: fc.stringMatching(/^[ !#-[\]-~]*$/), stream: fc.constantFrom("stdout", "stderr") }),
    )
    .map((lines) => lines.map(({ text, stream }, index) => plainOf(index + 1, stream, text))),
});

const anyStyle = fc.record({
  json: fc.boolean(),
  raw: fc.boolean(),
  timestamps: fc.boolean(),
  jobs: fc.boolean(),
  colored: fc.boolean(),
  links: fc.boolean(),
  isTerminal: fc.boolean(),
  hasRules: fc.boolean(),
});

test("LogWriter writes a plain line from its bytes just as it does from its text", () => {
  fc.assert(
    fc.property(fc.array(anyBlock, { maxLength: 4 }), anyStyle, (blocks, { hasRules, ...style }) => {
      const written = [true, false].map((asBytes) => {
        const scripts = new Map([["build", ["make", "make test\nmore"]]]);
        const rules = hasRules ? new UnitRules(scripts, false) : undefined;
        const into = new ByteBuffer();
        const writer = new LogWriter(into, { ...style, rules });
        for (const { jobId: job, unit, lines } of blocks) {
          const block = { jobId: job, unit, lines };
          for (const line of lines) {
            const { seq, ts, stream, text } = line;
            writer.write(block, asBytes ? line : { seq, ts, jobId: job, unit, stream, text });
          }
        }
        return into.bytes.toString("utf8", 0, into.length);
      });
      expect(written[0]).toBe(written[1]);
    }),
  );
});

test.each([
  [{ colored: true, links: true }, "\u001B]8;;http://a\u0007b\u001B]8;;\u0007c"],
  [{ colored: true, links: false }, "bc"],
  [{ colored: false, links: true }, "bc"],
])("LogWriter keeps links of a job only in colour, and where there are links: %j", (look, shown) => {
  for (const raw of [true, false]) {
    const into = new ByteBuffer();
    const style = { json: false, raw, timestamps: false, jobs: false, rules: undefined, isTerminal: true };
    const place = { jobId: jobId("lint"), unit: { kind: "step", step: 1 } as const };
    const text = "\u001B]8;id=1;http://a\u001B\\b\u001B]8;;\u001B\\c\u001B]0;t\u0007";
    const line = { ...place, seq: 1, ts: TS, stream: "stdout", text } as const;
    new LogWriter(into, { ...style, ...look }).write({ ...place, lines: [] }, line);
    expect(into.bytes.toString("utf8", 0, into.length)).toBe(`${shown}\n`);
  }
});

function plainOf(seq: number, stream: "stdout" | "stderr", text: string): PlainOutput {
  const head = `{"seq":${seq},"ts":"`;
  const lead = `","event":"output","stream":"${stream}","text":"`;
  const bytes = Buffer.from(`${head}${TS}${lead}${text}"}\n`);
  const textStart = head.length + TS.length + lead.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new PlainOutput({ bytes, view }, 0, textStart, bytes.length - 3);
}
