import { unreachable, type OutputStream, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";

/** One line of output, decoded. */
export interface RecordedLine {
  readonly seq: number;
  readonly ts: string;
  readonly event: "output";
  readonly stream: OutputStream;
  readonly text: string;
  readonly partial?: true;
}

/** One record with the stream that it came in. */
export interface Recorded {
  /** `run`, `pipeline`, `job build`, `section build provider`, `step build 1`. */
  readonly in: string;
  readonly record: LifecycleRecord | RecordedLine;
}

/** A sink that keeps everything, decoded, in the order in which it came. */
export interface RecordingSink extends RecordSink {
  readonly records: readonly Recorded[];
  /** How often it was flushed. */
  readonly flushCount: number;
  /** The text of every line of one stream, in order. */
  linesOf(stream: StreamRef): string[];
}

/** Makes a sink that keeps everything. */
export function createRecordingSink(): RecordingSink {
  const records: Recorded[] = [];
  let flushCount = 0;
  return {
    records,
    get flushCount() {
      return flushCount;
    },
    record(stream, record) {
      records.push({ in: streamName(stream), record });
    },
    lines(stream, batch) {
      const name = streamName(stream);
      for (const line of decodeLines(batch)) records.push({ in: name, record: line });
    },
    flush() {
      flushCount += 1;
    },
    linesOf(stream) {
      const name = streamName(stream);
      return records.flatMap(({ in: from, record }) =>
        from === name && record.event === "output" ? [record.text] : [],
      );
    },
  };
}

/** The name of a stream in a test's expectation: `step build 1`. */
export function streamName(stream: StreamRef): string {
  switch (stream.kind) {
    case "run":
    case "pipeline":
      return stream.kind;
    case "job":
      return `job ${stream.jobId}`;
    case "section":
      return `section ${stream.jobId} ${stream.section}`;
    case "step":
      return `step ${stream.jobId} ${stream.step}`;
    default:
      return unreachable(stream);
  }
}

function decodeLines(batch: LineBatch): RecordedLine[] {
  const decoder = new TextDecoder();
  return batch.ends.map((end, index) => {
    const start = index === 0 ? 0 : (batch.ends[index - 1] ?? 0) + 1;
    return {
      seq: batch.firstSeq + index,
      ts: batch.ts,
      event: "output",
      stream: batch.stream,
      text: decoder.decode(batch.bytes.subarray(start, end)),
      ...(batch.partial && { partial: true }),
    };
  });
}
