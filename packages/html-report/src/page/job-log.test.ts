import { describe, expect, test } from "vitest";
import { PackedJobLog } from "./job-log.ts";

const LOG = new PackedJobLog(
  {
    lines: 10,
    runs: [
      { first: 1, lines: 2, step: 1 },
      { first: 8, lines: 1, step: 1 },
      { first: 9, lines: 2, step: 2 },
    ],
    left_out: { first: 3, lines: 5 },
  },
  [`${Date.parse("2026-01-01T23:59:59.990Z")},,10,,-1`, " one", "!Two", " eight", " nine", "!two"].join("\n"),
);

describe("PackedJobLog", () => {
  test("numberOf() counts the lines that are left out, and indexOf() finds them again", () => {
    const numbers = Array.from({ length: LOG.length }, (_, index) => LOG.numberOf(index));
    expect(numbers).toStrictEqual([1, 2, 8, 9, 10]);
    expect(numbers.map((number) => LOG.indexOf(number))).toStrictEqual([0, 1, 2, 3, 4]);
    expect(LOG.indexOf(5)).toBe(2);
  });

  test("time() gives the time of a line as loom logs --timestamps does, and nothing for a line that is none", () => {
    expect([0, 1, 2, 4, 5].map((index) => LOG.time(index))).toStrictEqual([
      "2026-01-01T23:59:59.990Z",
      "2026-01-01T23:59:59.990Z",
      "2026-01-02T00:00:00.000Z",
      "2026-01-01T23:59:59.999Z",
      "",
    ]);
  });

  test("search() finds lines in whatever case, and none without a text", () => {
    expect([LOG.search("TWO"), LOG.search(""), LOG.search("!")]).toStrictEqual([[1, 4], [], []]);
  });

  test("rows() has a heading for each part, and one row for what is left out", () => {
    expect(
      LOG.rows().map((row) =>
        row.kind === "line"
          ? row.number
          : row.kind === "gap"
            ? `gap of ${row.lines}`
            : `step ${row.run.step}`,
      ),
    ).toStrictEqual(["step 1", 1, 2, "gap of 5", "step 1", 8, "step 2", 9, 10]);
    expect(LOG.rows(2).map(({ kind }) => kind)).toStrictEqual(["gap", "heading", "line", "line"]);
  });

  test("lastLike() finds the last line that reads so in its step", () => {
    expect([
      LOG.lastLike(" two ", 2),
      LOG.lastLike("two", 1),
      LOG.lastLike("eight", undefined),
    ]).toStrictEqual([4, -1, 2]);
  });
});
