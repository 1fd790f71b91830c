import { jobId } from "@loom/core";
import { createRecordingSink, FakeClock, type RecordingSink } from "@loom/testkit";
import { expect, test } from "vitest";
import { OutputLines, PARTIAL_LINE_DELAY_MS } from "./output-lines.ts";
import { RecordStream } from "./record-stream.ts";

interface Arranged {
  readonly clock: FakeClock;
  readonly sink: RecordingSink;
  readonly output: OutputLines;
  readonly print: (text: string, stream?: "stdout" | "stderr") => void;
  readonly texts: () => readonly string[];
}

function arrange(): Arranged {
  const clock = new FakeClock();
  const sink = createRecordingSink();
  const output = new OutputLines(new RecordStream(clock, [sink]), clock, {
    kind: "step",
    jobId: jobId("a"),
    step: 1,
  });
  return {
    clock,
    sink,
    output,
    print: (text, stream = "stdout") => void output.write(stream, new TextEncoder().encode(text)),
    texts: () =>
      sink.records.flatMap(({ record }) =>
        record.event === "output"
          ? [`${record.stream}: ${record.text}${record.partial === true ? " …" : ""}`]
          : [],
      ),
  };
}

test("write() shows what is held of both outputs a quarter of a second after the first of it, and flushes", () => {
  const { clock, sink, print, texts } = arrange();
  print("out");
  clock.advance(PARTIAL_LINE_DELAY_MS - 1);
  print("err", "stderr");
  expect(texts()).toEqual([]);
  expect(sink.flushCount).toBe(0);
  clock.advance(1);
  expect(texts()).toEqual(["stdout: out …", "stderr: err …"]);
  expect(sink.flushCount).toBe(1);
});

test("write() shows what is held of stderr alone", () => {
  const { clock, print, texts } = arrange();
  print("err", "stderr");
  clock.advance(PARTIAL_LINE_DELAY_MS);
  expect(texts()).toEqual(["stderr: err …"]);
});

test("write() waits anew for what comes after a piece was shown", () => {
  const { clock, print, texts } = arrange();
  print("one");
  clock.advance(PARTIAL_LINE_DELAY_MS);
  print("two");
  clock.advance(PARTIAL_LINE_DELAY_MS - 1);
  expect(texts()).toEqual(["stdout: one …"]);
  clock.advance(1);
  expect(texts()).toEqual(["stdout: one …", "stdout: two …"]);
});

test("write() waits for nothing when no line is unfinished", () => {
  const { clock, sink, print } = arrange();
  print("whole\n");
  clock.advance(PARTIAL_LINE_DELAY_MS);
  expect(sink.flushCount).toBe(0);
});

test("close() records what is left of both outputs, stops waiting, and takes nothing any more", () => {
  const { clock, sink, output, print, texts } = arrange();
  print("out");
  print("err", "stderr");
  output.close();
  expect(texts()).toEqual(["stdout: out", "stderr: err"]);
  expect(output.write("stdout", new TextEncoder().encode("late\n"))).toBeUndefined();
  clock.advance(PARTIAL_LINE_DELAY_MS);
  expect(texts()).toHaveLength(2);
  expect(sink.flushCount).toBe(0);
});
