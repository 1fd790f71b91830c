import { expect, test } from "vitest";
import { parseReporters } from "./parse-reporters.ts";

test.each([
  [[], { inFiles: [] }],
  [["tap"], { onScreen: "tap", inFiles: [] }],
  [
    ["tui", "junit=out/report.xml"],
    { onScreen: "tui", inFiles: [{ reporter: "junit", file: "out/report.xml" }] },
  ],
  [["json=a=b"], { inFiles: [{ reporter: "json", file: "a=b" }] }],
  [
    ["./mine.mjs=x", "tap=y"],
    {
      inFiles: [
        { reporter: "./mine.mjs", file: "x" },
        { reporter: "tap", file: "y" },
      ],
    },
  ],
])("parseReporters() of %j", (values, expected) => {
  expect(parseReporters(values)).toEqual({ ok: true, value: expected });
});

test.each([
  [[""], 'Cannot understand --reporter "": give NAME, or NAME=FILE to write a file'],
  [["=x"], 'Cannot understand --reporter "=x": give NAME, or NAME=FILE to write a file'],
  [["tap="], 'Cannot understand --reporter "tap=": give NAME, or NAME=FILE to write a file'],
  [["tui=x"], 'Cannot write the live view to a file: give --reporter tui without "=x"'],
  [
    ["tap", "json"],
    "Cannot combine --reporter tap and --reporter json: both would write to the output. Give one of them its own file, as in NAME=FILE",
  ],
  [
    ["tap=x", "json=x"],
    "Cannot combine --reporter tap=x and --reporter json=x: both would write to one file. Give one of them its own file, as in NAME=FILE",
  ],
])("parseReporters() refuses %j", (values, message) => {
  const parsed = parseReporters(values);
  expect(parsed.ok || parsed.error.message).toBe(message);
});
