import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ViolationCode } from "@loom/phase-validator";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, test]
compile: {stage: build, script: ["echo one; echo two", "exit 3"]}
lint: {stage: build, script: ["true"]}
unit: {stage: test, script: ["true"]}
`;

const STEP = "jobs/compile/user/execution/script/01/events.jsonl";
const PIPELINE = "pipeline/events.jsonl";

type Line = Record<string, unknown>;

/** What makes each code fire, on a copy of a run that is valid without it. */
const TAMPERINGS: Record<ViolationCode, (directory: string) => void> = {
  missing_start: (at) => edit(at, "jobs/lint/events.jsonl", (lines) => lines.slice(1)),
  missing_finish: (at) => edit(at, "events.jsonl", (lines) => lines.slice(0, -1)),
  duplicate_start: (at) => edit(at, STEP, ([first = {}, ...rest]) => [first, again(first, 1), ...rest]),
  duplicate_finish: (at) => edit(at, STEP, (lines) => [...lines, again(lines.at(-1), 1)]),
  // Records of other jobs lie between its start and its finish.
  finish_before_start: (at) =>
    edit(at, "jobs/lint/system/cleanup/events.jsonl", (lines) =>
      lines.map((line) => (line["event"] === "phase_start" ? again(line, 1_000) : line)),
    ),
  out_of_order: (at) =>
    edit(at, PIPELINE, (lines) =>
      lines.map((line) => (line["to"] === "ready" ? { ...line, to: "running" } : line)),
    ),
  outside_parent: (at) => edit(at, STEP, ([start = {}, output = {}, ...rest]) => [output, start, ...rest]),
  started_before_gate: (at) =>
    edit(at, PIPELINE, (lines) =>
      lines.map((line) =>
        line["job_id"] === "unit" && line["to"] === "skipped"
          ? { ...line, to: "running", reason: undefined }
          : line,
      ),
    ),
  status_mismatch: (at) => replace(at, "jobs/lint/summary.json", '"success"', '"failed"'),
  broken_pointer: (at) => replace(at, "jobs/compile/manifest.json", "script/02/events", "script/01/events"),
  unknown_phase: (at) => replace(at, STEP, '"step.script"', '"step.program"'),
  unknown_event: (at) => replace(at, STEP, '"output"', '"shout"'),
  bad_sequence: (at) =>
    edit(at, STEP, (lines) => lines.map((line, index) => (index === 1 ? again(line, -1) : line))),
  malformed_line: (at) => replace(at, STEP, '"text"', '"text'),
  truncated_stream: (at) => appendFileSync(join(at, PIPELINE), '{"seq":'),
};

/** The same record with another number. */
function again(line: Line | undefined, later: number): Line {
  return { ...line, seq: Number(line?.["seq"]) + later };
}

function edit(directory: string, path: string, change: (lines: readonly Line[]) => readonly Line[]): void {
  const file = join(directory, path);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const changed = change(lines.map((line) => JSON.parse(line) as Line));
  writeFileSync(file, changed.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

function replace(directory: string, path: string, from: string, to: string): void {
  const file = join(directory, path);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replaceAll(from, to));
}

test("loom verify finds each kind of tampering in a copy of a real run, and nothing in the run itself", () => {
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["run", "-q"]).exitCode).toBe(1);
  const { directory } = project.lastRun();
  const codesIn = (at: string): readonly string[] => {
    const { exitCode, stdout } = project.loom(["verify", at, "--json"]);
    const { violations } = JSON.parse(stdout) as { violations: readonly { readonly code: string }[] };
    expect(exitCode).toBe(violations.length === 0 ? 0 : 1);
    return violations.map(({ code }) => code);
  };
  expect(codesIn(directory)).toEqual([]);
  for (const [code, tamper] of Object.entries(TAMPERINGS)) {
    const copy = join(project.root, "copies", code, "loom-run-local-1");
    cpSync(directory, copy, { recursive: true });
    tamper(copy);
    expect([code, codesIn(copy).includes(code)]).toEqual([code, true]);
  }
});
