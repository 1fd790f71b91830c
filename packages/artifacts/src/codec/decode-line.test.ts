import { expect, test } from "vitest";
import { decodeEvent } from "./decode-event.ts";
import { decodeLine } from "./decode-line.ts";

const OUTPUT =
  '{"seq":7,"ts":"2026-01-01T00:00:00.250Z","event":"output","stream":"stderr","text":"größer \\u001b[0m"}';

test.each([
  ["a whole line of output", OUTPUT],
  ["a piece of a line", OUTPUT.replace("}", ',"partial":true}')],
  ["output that somebody else wrote", OUTPUT.replaceAll(",", ", ")],
  [
    "another event",
    '{"seq":8,"ts":"2026-01-01T00:00:00.250Z","event":"log","level":"info","message":"größer","a":1}',
  ],
  ["a torn line", OUTPUT.slice(0, 90)],
  ["output of nothing", OUTPUT.replace("stderr", "stdfoo")],
  ["an empty line", ""],
])("decodeLine() reads %s between others as decodeEvent() does", (_name, line) => {
  const bytes = Buffer.from(`é\n${line}\nx`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slow = decodeEvent(line);
  expect(decodeLine({ bytes, view }, 3, bytes.length - 2)).toStrictEqual(slow.ok ? slow.value : undefined);
});
