import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import { err, jobId, ok } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readRun } from "./read-past-run.ts";

const STEP = "jobs/a/user/execution/script/01/events.jsonl";
const MIRROR = "jobs/a/user/execution/events.jsonl";

/** A run with these lines in its streams. */
function runWith(streams: Readonly<Record<string, readonly object[]>>): RunReader {
  const directory = temporaryDirectory();
  for (const [path, lines] of Object.entries(streams)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
  return readerOf(directory, Object.keys(streams));
}

function readerOf(directory: string, streams: readonly string[]): RunReader {
  return { directory, streams: async () => await Promise.resolve(ok(streams)) } as never;
}

function at(seq: number): { readonly seq: number; readonly ts: string } {
  return { seq, ts: `2026-01-01T00:00:00.00${seq}Z` };
}

function log(seq: number): object {
  return { ...at(seq), event: "log", level: "info", message: "x" };
}

function output(seq: number, stream: string, text: string, partial?: true): object {
  return { ...at(seq), event: "output", stream, text, ...(partial && { partial }) };
}

test("readRun() reads a run without streams as nothing at all", async () => {
  expect(await readRun(runWith({}))).toStrictEqual({
    ok: true,
    value: { records: [], outputs: new Map(), mirrors: new Map(), torn: [], gaps: [], lastSeq: 0 },
  });
});

test("readRun() reads records in their order, keeps mirrors apart and passes over what is no stream", async () => {
  const run = runWith({
    "jobs/a/events.jsonl": [log(3)],
    "events.jsonl": [log(1)],
    [MIRROR]: [log(1)],
    "notes.jsonl": [],
  });
  const read = await readRun(run);
  expect(read).toMatchObject({
    ok: true,
    value: {
      records: [
        { path: "events.jsonl", record: { seq: 1 } },
        { path: "jobs/a/events.jsonl", record: { seq: 3 } },
      ],
      gaps: [[2, 2]],
      lastSeq: 3,
      lastTs: "2026-01-01T00:00:00.003Z",
    },
  });
  expect(read.ok && read.value.mirrors).toEqual(new Map([[jobId("a"), [1]]]));
});

test("readRun() counts a line of output that came in pieces once, and its newline with its end", async () => {
  const pieces = [
    output(1, "stdout", "é", true),
    output(2, "stderr", "x"),
    output(3, "stdout", "b", true),
    output(4, "stdout", "c"),
    output(5, "stdout", "d"),
  ];
  const read = await readRun(runWith({ [STEP]: pieces }));
  expect(read.ok && read.value.outputs).toEqual(
    new Map([[STEP, { jobId: "a", step: 1, lines: 3, bytes: 9 }]]),
  );
});

test("readRun() says what cannot be listed, opened or understood", async () => {
  const refused = err({ code: "ARTIFACTS_READ_FAILED", message: "no list", path: "x" });
  const unlisted = { directory: "x", streams: async () => await Promise.resolve(refused) } as never;
  expect(await readRun(unlisted)).toEqual(refused);

  const directory = temporaryDirectory();
  const path = join(directory, "events.jsonl");
  const missing = await readRun(readerOf(directory, ["events.jsonl"]));
  expect(missing).toMatchObject({ ok: false, error: { code: "ARTIFACTS_READ_FAILED", path } });
  expect(missing.ok ? "" : missing.error.message).not.toContain("line 0");

  writeFileSync(path, `${JSON.stringify(log(1))}\nno record\n`);
  const damaged = await readRun(readerOf(directory, ["events.jsonl"]));
  expect(damaged).toMatchObject({ ok: false, error: { code: "ARTIFACTS_INVALID_DOCUMENT", path } });
  expect(damaged.ok ? "" : damaged.error.message).toMatch(/ \("events\.jsonl", line 2\)$/);
});
