import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import { toldOutput } from "./told-output.ts";

/** What is told of a step whose stream has these records. */
async function told(records: readonly object[], rest = "", attempt = 1): ReturnType<typeof toldOutput> {
  const directory = mkdtempSync(join(tmpdir(), "loom-told-"));
  const step = join(directory, "jobs/a/user/execution/script/02");
  mkdirSync(step, { recursive: true });
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeFileSync(join(step, "events.jsonl"), `${lines}${rest}`);
  return await toldOutput(directory, { jobId: jobId("a"), attempt, step: 2 });
}

const start = { event: "phase_start" };
const out = (text: string, more: object = {}): object => ({
  event: "output",
  stream: "stdout",
  text,
  ...more,
});
const partial = { partial: true };

test("toldOutput() counts the lines of each output, and the bytes of one that is not over", async () => {
  expect(await told([start])).toEqual({ stdout: { lines: 0, bytes: 0 }, stderr: { lines: 0, bytes: 0 } });
  const records = [
    start,
    out("one"),
    out("two", { stream: "stderr" }),
    out("th", partial),
    out("ré", partial),
  ];
  expect(await told(records)).toEqual({ stdout: { lines: 1, bytes: 5 }, stderr: { lines: 1, bytes: 0 } });
  expect(await told([...records, out("e")])).toMatchObject({ stdout: { lines: 2, bytes: 0 } });
});

test("toldOutput() tells nothing where it cannot know", async () => {
  expect(await told([{ ...start, attempt: 2 }])).toBeUndefined();
  expect(await told([{ ...start, attempt: 2 }], "", 2)).toBeDefined();
  expect(await told([start, out("\u{fffd}", { ...partial, lossy: true })])).toBeUndefined();
  expect(await told([start, out("\u{fffd}", { ...partial, lossy: true }), out("x")])).toBeDefined();
  expect(await told([start], '{"event":"outp')).toBeUndefined();
  expect(await toldOutput("/missing", { jobId: jobId("a"), attempt: 1, step: 2 })).toBeUndefined();
});
