import type { RecordSink } from "@loom/ports";
import { createRecordingSink, FakeClock } from "@loom/testkit";
import { expect, test } from "vitest";
import { RecordStream } from "./record-stream.ts";

const RUN = { kind: "run" } as const;
const silent: RecordSink = { record: () => undefined, lines: () => undefined, flush: () => undefined };

test("log() gives the next number, the time, the level, the message and the facts", () => {
  const clock = new FakeClock();
  const sink = createRecordingSink();
  const records = new RecordStream(clock, [sink]);
  const ts = new Date(clock.now()).toISOString();
  records.log(RUN, "warn", "One", { fact: 7 });
  clock.advance(5);
  records.log({ kind: "pipeline" }, "info", "Two");
  expect(sink.records).toEqual([
    { in: "run", record: { seq: 1, ts, event: "log", level: "warn", message: "One", fact: 7 } },
    {
      in: "pipeline",
      record: {
        seq: 2,
        ts: new Date(clock.now()).toISOString(),
        event: "log",
        level: "info",
        message: "Two",
      },
    },
  ]);
});

test("lines() numbers each line, so that the next record follows the last of them", () => {
  const clock = new FakeClock();
  const sink = createRecordingSink();
  const records = new RecordStream(clock, [sink]);
  records.log(RUN, "info", "One");
  const bytes = new TextEncoder().encode("a\nb\n");
  records.lines(RUN, "stderr", { bytes, ends: [1, 3], partial: false });
  records.log(RUN, "info", "Four");
  expect(sink.records.map(({ record }) => record.seq)).toEqual([1, 2, 3, 4]);
  expect(sink.records[2]?.record).toMatchObject({ stream: "stderr", text: "b" });
});

test("emit() flushes once what belongs together", () => {
  const sink = createRecordingSink();
  const records = new RecordStream(new FakeClock(), [sink]);
  const event = { event: "log", level: "info", message: "x" } as never;
  records.emit(
    [
      { stream: RUN, event },
      { stream: RUN, event },
    ],
    new FakeClock().now(),
  );
  expect(sink.flushCount).toBe(1);
  expect(sink.records.map(({ record }) => record.seq)).toEqual([1, 2]);
});

test("drained() waits for every sink that is behind, also when one of them fails, and not without such", async () => {
  const waits: (() => void)[] = [];
  const slow: RecordSink = { ...silent, drained: () => new Promise((resolve) => waits.push(resolve)) };
  const failing: RecordSink = { ...silent, drained: () => Promise.reject(new Error("closed")) };
  expect(
    new RecordStream(new FakeClock(), [silent, { ...silent, drained: () => undefined }]).drained(),
  ).toBeUndefined();
  let isDrained = false;
  const drained = new RecordStream(new FakeClock(), [slow, failing, slow]).drained()?.then((value) => {
    isDrained = true;
    return value;
  });
  waits[0]?.();
  await new Promise((resolve) => void setImmediate(resolve));
  expect(isDrained).toBe(false);
  waits[1]?.();
  expect(await drained).toBeUndefined();
  expect(isDrained).toBe(true);
});

test("defer() does at once what nothing is in the way of, else after all of it, in order", () => {
  const records = new RecordStream(new FakeClock(), []);
  const done: string[] = [];
  records.defer(() => done.push("at once"));
  records.batch(() => {
    records.defer(() => done.push("first"));
    records.batch(() => records.defer(() => done.push("second")));
    done.push("work");
  });
  expect(done).toEqual(["at once", "work", "first", "second"]);
  expect(() =>
    records.batch(() => {
      throw new Error("bug");
    }),
  ).toThrow("bug");
  records.defer(() => done.push("again"));
  expect(done.at(-1)).toBe("again");
});

test("a sink that throws is left out from then on, and what it threw is noted once", () => {
  const clock = new FakeClock();
  const sink = createRecordingSink();
  let calls = 0;
  const broken: RecordSink = {
    ...silent,
    record: () => {
      calls += 1;
      // oxlint-disable-next-line only-throw-error -- what a foreign sink may do
      throw "no error";
    },
  };
  const records = new RecordStream(clock, [broken, sink]);
  records.log(RUN, "info", "One");
  records.log(RUN, "info", "Two");
  expect(calls).toBe(1);
  expect(sink.records.map(({ in: from, record }) => [from, record.seq, record])).toMatchObject([
    ["run", 1, { message: "One" }],
    ["run", 2, { level: "warn", message: "A reader of the run failed and was detached", cause: "no error" }],
    ["run", 3, { message: "Two" }],
  ]);
});

test("seal() leaves out what is logged later", () => {
  const sink = createRecordingSink();
  const records = new RecordStream(new FakeClock(), [sink]);
  records.seal();
  records.log(RUN, "info", "Late");
  expect(sink.records).toEqual([]);
});
