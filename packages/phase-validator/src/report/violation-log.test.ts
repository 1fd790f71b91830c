import { expect, test } from "vitest";
import type { ViolationCode } from "./violation.ts";
import { MAX_PER_CODE, ViolationLog } from "./violation-log.ts";

function add(log: ViolationLog, code: ViolationCode, streamPath: string, line: number, message = "x"): void {
  log.add(code, { streamPath, line, scope: "run" }, () => message);
}

test("sorted() orders by stream, then line, code and message, whatever came first", () => {
  const rows = [
    ["bad_sequence", "a", 1, "x"],
    ["missing_start", "a", 1, "x"],
    ["missing_start", "a", 1, "y"],
    ["bad_sequence", "a", 2, "x"],
    ["bad_sequence", "a", 10, "x"],
    ["bad_sequence", "b", 1, "x"],
  ] as const;
  for (const order of [rows, rows.toReversed(), [...rows.slice(3), ...rows.slice(0, 3)]]) {
    const log = new ViolationLog();
    for (const [code, path, line, message] of order) add(log, code, path, line, message);
    const found = log
      .sorted()
      .map(({ code, stream_path: path, line, message }) => [code, path, line, message]);
    expect(found).toEqual(rows);
  }
});

test("add() asks for no message that is not kept, and sorted() counts the rest at the last of that code", () => {
  const log = new ViolationLog();
  for (let line = 1; line <= MAX_PER_CODE; line++) add(log, "bad_sequence", "a", line);
  expect(log.sorted().at(-1)?.message).toBe("x");
  log.add("bad_sequence", { streamPath: "a", line: 0, scope: "run" }, () => {
    throw new Error("asked");
  });
  add(log, "missing_start", "z", 1);
  expect(log.sorted()).toHaveLength(MAX_PER_CODE + 1);
  expect(
    log
      .sorted()
      .slice(-2)
      .map(({ message }) => message),
  ).toEqual(["x (and 1 more of this code, not listed)", "x"]);
});

test("isFull() is told for each code by itself", () => {
  const log = new ViolationLog();
  for (let line = 1; line < MAX_PER_CODE; line++) add(log, "bad_sequence", "a", line);
  expect(log.isFull("bad_sequence")).toBe(false);
  add(log, "bad_sequence", "a", 0);
  expect(log.isFull("bad_sequence")).toBe(true);
  expect(log.isFull("missing_start")).toBe(false);
});

test("fork() starts from what there is, and changes nothing of it", () => {
  const log = new ViolationLog();
  for (let line = 1; line <= MAX_PER_CODE; line++) add(log, "bad_sequence", "a", line);
  const copy = log.fork();
  expect(copy.sorted()).toEqual(log.sorted());
  expect(copy.isFull("bad_sequence")).toBe(true);
  add(copy, "missing_start", "a", 1);
  expect(log.sorted()).toHaveLength(MAX_PER_CODE);
});

test("add() keeps the phase and the job where there are such", () => {
  const log = new ViolationLog();
  log.add("missing_start", { streamPath: "a", line: 1, scope: "job", phaseCode: "p", jobId: "j" }, () => "x");
  add(log, "missing_start", "b", 1);
  const row = { code: "missing_start", message: "x", line: 1 };
  expect(log.sorted()).toStrictEqual([
    { ...row, stream_path: "a", scope: "job", phase_code: "p", job_id: "j" },
    { ...row, stream_path: "b", scope: "run" },
  ]);
});
