import { rmSync } from "node:fs";
import { join } from "node:path";
import { jobId } from "@loom/core";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { readDiagnosticPath, type DiagnosticPath } from "./read-diagnostic-path.ts";

const GRAPH = graphOf([
  { id: "lint", stage: "a" },
  { id: "ship", stage: "b" },
]);
const EVENTS = "jobs/lint/user/execution/script/01/events.jsonl";

function play(stdout: readonly string[]): { readonly runDirectory: string; readonly receiptPath: string } {
  const { directory, receiptPath } = playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: () => ({ stdout, end: { kind: "exited", exitCode: 3 } }),
  });
  return { runDirectory: directory, receiptPath };
}

function namesOf({ steps }: DiagnosticPath): readonly string[] {
  return steps.map(({ name, fields }) => `${name}${fields.length === 0 ? " (not there)" : ""}`);
}

test("readDiagnosticPath() leads from the receipt to the stream of the failing step, document by document", async () => {
  const noise = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const run = play([...noise, "a.c:1:2: error: no", "after"]);
  const path = await readDiagnosticPath({ ...run, jobId: jobId("lint"), eventsPath: "elsewhere" });
  expect(namesOf(path)).toEqual([
    "receipt",
    "pipeline/summary.json",
    "pipeline/manifest.json",
    "jobs/lint/manifest.json",
    EVENTS,
    "phase-report.json",
  ]);
  expect(path.steps[4]).toEqual({
    name: EVENTS,
    path: join(run.runDirectory, EVENTS),
    fields: [
      ["lines", "22"],
      ["errors", "1"],
    ],
  });
  expect(path.excerpt.map(({ text, isError }) => (isError ? `! ${text}` : text))).toEqual([
    ...noise.slice(-6),
    "! a.c:1:2: error: no",
    "after",
  ]);
  expect(path.blocked).toEqual(["ship"]);
});

test("readDiagnosticPath() makes do with what is there, and reads no more than the end of a stream", async () => {
  const { runDirectory } = play(Array.from({ length: 500 }, (_, index) => `line ${index}`));
  for (const name of ["pipeline/manifest.json", "jobs/lint/manifest.json"]) rmSync(join(runDirectory, name));
  const path = await readDiagnosticPath({ runDirectory, jobId: jobId("lint"), eventsPath: EVENTS });
  expect(namesOf(path)).toEqual([
    "pipeline/summary.json",
    "pipeline/manifest.json (not there)",
    "jobs/lint/manifest.json (not there)",
    EVENTS,
    "phase-report.json",
  ]);
  expect(path.steps[3]?.fields).toEqual([["lines", "more than 400"]]);
  expect(path.excerpt.at(-1)).toEqual({ text: "line 499", stream: "stdout", isError: false });
});
