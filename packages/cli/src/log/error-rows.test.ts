import { readdirSync, readFileSync } from "node:fs";
import { recogniseErrors } from "@loom/diagnosis/errors";
import fc from "fast-check";
import { expect, test } from "vitest";
import { errorFinder, errorRows } from "./error-rows.ts";
import type { ScreenLine } from "./log-line.ts";

const FIXTURES = new URL("../../../diagnosis/test/fixtures/errors/", import.meta.url);
const OUTPUTS = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, lines: readFileSync(new URL(name, FIXTURES), "utf8").split("\n") }));

function expected(lines: readonly string[]): readonly number[] {
  return recogniseErrors(lines).flatMap(({ severity, index }) => (severity === "error" ? [index] : []));
}

test("errorRows() finds the errors that explain finds, with messages of Loom between the lines", () => {
  for (const { name, lines } of OUTPUTS) {
    const log = lines.flatMap((text, at): ScreenLine[] => [
      { row: 2 * at, ts: "", stream: "out", text },
      { row: 2 * at + 1, ts: "", stream: "sys", text: "error: of Loom" },
    ]);
    expect({ name, rows: [...errorRows(log)] }).toEqual({ name, rows: expected(lines).map((at) => 2 * at) });
  }
});

test("errorFinder() finds errors slice by slice, however a log is cut", () => {
  const records = OUTPUTS.flatMap(({ lines }) => lines)
    .slice(0, 3000)
    .map((text, row) => ({
      row,
      text,
      json: JSON.stringify({ seq: row, ts: "", event: "output", stream: "stdout", text }),
    }));
  const whole = new Set(expected(records.map(({ text }) => text)));
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 1500 }), (size) => {
      const finder = errorFinder();
      const found = new Set<number>();
      for (let from = 0; from < records.length; from += size)
        for (const row of finder.find(records.slice(from, from + size))) found.add(row);
      // A cut inside a report may split it into two.
      const cuts = Math.ceil(records.length / size);
      const missed = [...whole].filter((row) => !found.has(row)).length;
      expect(missed).toBeLessThanOrEqual(cuts);
    }),
    { numRuns: 20, seed: 1 },
  );
});
