import { expect, test } from "vitest";
import { readLadder } from "./read-ladder.ts";
import { RecordIntake } from "./record-intake.ts";
import type { JudgedRun } from "./run-facts.ts";

/** What is noted of one document. */
function noted(path: string, json: { readonly [key: string]: unknown }): JudgedRun {
  const { facts } = new RecordIntake(undefined);
  readLadder(facts, path, json);
  return facts;
}

/** The pointers that are noted of one, as `field -> target`. */
function pointersOf({ pointers }: JudgedRun): readonly string[] {
  return pointers.map(({ field, target }) => `${field} -> ${target}`);
}

test.each([
  "jobs/a/attempts/1/summary.json",
  "jobs/a/attempts/1/manifest.json",
  "jobs/a/notes/summary.json",
  "jobs/a/postscript/01/summary.json",
  "jobs/a/script/summary.json",
  "jobs/a/script/01/summary.json.bak",
  "jobs/a/script/01/manifest.json",
  "jobs/a/system/x/provider/summary.json",
  "notes/script/01/summary.json",
  "phase-report.json",
])("readLadder() takes nothing from %s", (path) => {
  const item = { summary_path: "x", events_path: "x" };
  const json = { ...item, manifest_path: "x", steps: [{ step: 1, ...item }], jobs: [{ job_id: "a" }] };
  expect(noted(path, json)).toStrictEqual(new RecordIntake(undefined).facts);
});

test.each([
  ["jobs/a/script/01/summary.json", "jobs/a/script/01/events.jsonl", 1],
  ["jobs/a/script/123456/summary.json", "jobs/a/script/123456/events.jsonl", 123_456],
  ["jobs/a/script/1/summary.json", "jobs/a/script/1/events.jsonl", undefined],
  ["jobs/a/user/execution/script/02/summary.json", "jobs/a/user/execution/script/02/events.jsonl", 2],
  [
    "jobs/a/user/execution/attempts/1/script/02/summary.json",
    "jobs/a/user/execution/attempts/1/script/02/events.jsonl",
    2,
  ],
  ["jobs/a/system/provider/summary.json", "jobs/a/system/provider/events.jsonl", undefined],
  ["jobs/a/system/01/summary.json", "jobs/a/system/01/events.jsonl", undefined],
  ["jobs/summary.json/script/01/summary.json", "jobs/summary.json/script/01/events.jsonl", 1],
])("readLadder() takes from %s that it points at %s, of step %s", (path, target, step) => {
  const facts = noted(path, { events_path: "x", command: "make", output_lines: 3 });
  const jobId = path.split("/")[1];
  expect(facts.pointers).toStrictEqual([{ path, field: "events_path", value: "x", target, jobId }]);
  const claim = { path, jobId, step, command: "make", outputLines: 3, streamPath: target };
  expect(facts.stepClaims).toStrictEqual(step === undefined ? [] : [claim]);
});

test("readLadder() takes from the pipeline's manifest its jobs, but for those that name none", () => {
  const path = "pipeline/manifest.json";
  const skipped = { skip_reason: "not_selected", blocked_by: ["b"], kept_from: "c" };
  const facts = noted(path, { jobs: [{ job_id: 7 }, { job_id: "a", ...skipped }, {}], failing_job_id: 7 });
  expect(pointersOf(facts)).toEqual([
    "events_path -> pipeline/events.jsonl",
    "jobs[1].summary_path -> jobs/a/summary.json",
    "jobs[1].manifest_path -> jobs/a/manifest.json",
    "jobs[1].events_path -> jobs/a/events.jsonl",
  ]);
  expect(facts.pipelineClaims.roster).toEqual({ path, jobIds: new Set(["a"]) });
  const claim = { path, jobId: "a", reason: "not_selected", blockedBy: ["b"], keptFrom: "c" };
  expect(facts.skipClaims).toStrictEqual([claim]);
});

test("readLadder() takes from a job's manifest its steps and sections, but for those that name none", () => {
  const path = "jobs/a/manifest.json";
  const item = { summary_path: "x", events_path: "y" };
  const facts = noted(path, {
    steps: [
      { step: "1", ...item },
      { step: 1, ...item },
      { step: 2, summary_path: "x" },
      { step: 3, events_path: "x" },
      { step: 4 },
    ],
    system_sections: [{ section: 7 }, { section: "provider", ...item }],
  });
  expect(pointersOf(facts)).toEqual([
    "events_path -> jobs/a/events.jsonl",
    "steps[1].summary_path -> jobs/a/user/execution/script/01/summary.json",
    "steps[1].events_path -> jobs/a/user/execution/script/01/events.jsonl",
    "steps[2].summary_path -> jobs/a/user/execution/script/02/summary.json",
    "steps[2].events_path -> jobs/a/user/execution/script/02/events.jsonl",
    "steps[3].summary_path -> jobs/a/user/execution/script/03/summary.json",
    "steps[3].events_path -> jobs/a/user/execution/script/03/events.jsonl",
    "system_sections[1].summary_path -> jobs/a/system/provider/summary.json",
    "system_sections[1].events_path -> jobs/a/system/provider/events.jsonl",
  ]);
  const { manifest } = facts.jobs.get("a") ?? {};
  expect(manifest).toMatchObject({
    path,
    steps: new Map([1, 2, 3, 4].map((step) => [step, undefined])),
    sections: new Set(["provider"]),
  });
  expect(facts.stepClaims.map(({ step, streamPath }) => [step, streamPath])).toEqual([
    [1, "jobs/a/user/execution/script/01/events.jsonl"],
    [2, "jobs/a/user/execution/script/02/events.jsonl"],
    [3, "jobs/a/user/execution/script/03/events.jsonl"],
    [4, undefined],
  ]);
  expect(facts.skipClaims).toMatchObject([{ path, jobId: "a" }]);
});
