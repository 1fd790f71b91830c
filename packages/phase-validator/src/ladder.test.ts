import { describe, expect, test } from "vitest";
import { buildRun, numbered, render, RICH_SHAPE, type BuiltRun, type RunShape } from "../test/build-run.ts";
import { edit, without } from "../test/edit-entries.ts";
import { CHECKED_AT, judgeEntries, judgeText, named, textOf } from "../test/judge-run.ts";
import { createPhaseValidator } from "./index.ts";

interface Json {
  readonly [key: string]: unknown;
}

const RUN = buildRun(RICH_SHAPE);

const FAILING: RunShape = {
  stages: ["build", "test"],
  jobs: [
    { id: "compile", stage: "build", does: "failed", steps: 2 },
    { id: "image", stage: "build", does: "prepare_failed" },
    { id: "unit", stage: "test" },
  ],
};

/** Judges a run of which one document says something else, or is gone. */
function judged(run: BuiltRun, path: string, change?: (document: Json) => Json): readonly string[] {
  const documents = new Map(run.documents);
  const document = documents.get(path);
  if (document === undefined) throw new Error(`No such document: ${path}`);
  if (change === undefined) documents.delete(path);
  else documents.set(path, change(document));
  return judgeEntries(run.entries, documents, { documents: true }).violations.map(
    ({ code, stream_path: stream, message }) => `${code} ${stream} ${message}`,
  );
}

/** Every pointer in the documents of a run: the document, the keys that lead to it, and where it points. */
function pointersOf(run: BuiltRun): readonly (readonly [string, readonly (string | number)[], string])[] {
  return [...run.documents].flatMap(([path, document]) =>
    pathsIn(document).map(([keys, value]) => [path, keys, value] as const),
  );
}

function pathsIn(value: unknown): (readonly [readonly (string | number)[], string])[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...(value as readonly unknown[]).entries()]
    : Object.entries(value);
  return entries.flatMap(([key, each]) => {
    if (typeof each === "string") return String(key).endsWith("_path") ? [[[key], each] as const] : [];
    return pathsIn(each).map(([keys, path]) => [[key, ...keys], path] as const);
  });
}

/** A copy with another value at the end of some keys; without one when it is `undefined`. */
function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((item, index) =>
      index === key ? replaced(item, rest, by) : item,
    );
  const { [key]: inner, ...others } = value as Json;
  const after = replaced(inner, rest, by);
  return after === undefined ? others : { ...others, [key]: after };
}

describe("broken_pointer", () => {
  test("is found in no valid run", () => {
    expect(named(judgeEntries(RUN.entries, RUN.documents, { documents: true }))).toEqual([]);
    const failing = buildRun(FAILING);
    expect(named(judgeEntries(failing.entries, failing.documents, { documents: true }))).toEqual([]);
    const stopped = buildRun({ ...FAILING, bootstrapFails: true });
    expect(named(judgeEntries(stopped.entries, stopped.documents, { documents: true }))).toEqual([]);
  });

  test("names every pointer that leads elsewhere, out of the run, or is gone", () => {
    const run = buildRun(FAILING);
    const pointers = pointersOf(run);
    expect(pointers.length).toBeGreaterThan(40);
    for (const [path, keys, value] of pointers) {
      const field = keys.at(-1);
      const other = value === "events.jsonl" ? "summary.json" : "events.jsonl";
      for (const by of [other, `../${value}`, `/tmp/${value}`, 7, undefined]) {
        const found = judged(run, path, (document) => replaced(document, keys, by) as Json);
        expect(found, `${path} ${keys.join(".")} = ${by}`).toEqual([
          expect.stringMatching(`^broken_pointer ${path} .*${field}"`),
        ]);
      }
    }
  });

  test.each([
    ["/tmp/x", `out of the run's directory, to "/tmp/x"`],
    ["../x", `out of the run's directory, to "../x"`],
    ["a/../x", `out of the run's directory, to "a/../x"`],
    ["a/..", `out of the run's directory, to "a/.."`],
    ["a..b/x", 'at "a..b/x"'],
    ["x/", 'at "x/"'],
    [["/"], 'at ["/"]'],
  ])("says of a pointer to %j that it points %s", (value, where) => {
    const path = "pipeline/summary.json";
    expect(judged(RUN, path, (document) => ({ ...document, manifest_path: value }))).toEqual([
      `broken_pointer ${path} "${path}" points with "manifest_path" ${where}; it should point at "pipeline/manifest.json"`,
    ]);
  });

  test("says of a pointer that is absent where it should point", () => {
    const path = "pipeline/summary.json";
    expect(judged(RUN, path, (document) => ({ ...document, manifest_path: undefined }))).toEqual([
      `broken_pointer ${path} "${path}" has no "manifest_path"; it is "pipeline/manifest.json"`,
    ]);
  });

  test("names a document that points at one that is not there", () => {
    expect(judged(RUN, "jobs/lint/user/execution/script/01/summary.json")).toEqual([
      'broken_pointer jobs/lint/manifest.json "jobs/lint/manifest.json" points with "steps[0].summary_path" at "jobs/lint/user/execution/script/01/summary.json", which does not exist',
      'status_mismatch jobs/lint/user/execution/script/01/summary.json "jobs/lint/user/execution/script/01/summary.json" is missing although the run was finalized',
    ]);
  });

  const withoutFirst = (field: string) => (document: Json) => ({
    ...document,
    [field]: (document[field] as readonly unknown[]).slice(1),
  });

  test.each([
    ["a job", "pipeline/manifest.json", "jobs", 'leaves out the job "compile"'],
    ["a step", "jobs/compile/manifest.json", "steps", "leaves out the step 1"],
    ["a section", "jobs/compile/manifest.json", "system_sections", "leaves out the section provider"],
  ])("names a list that leaves out %s", (_, path, field, message) => {
    expect(judged(RUN, path, withoutFirst(field))).toEqual([`broken_pointer ${path} "${path}" ${message}`]);
  });

  test.each([
    [{ failing_step: 1 }, '1 as "failing_step", but what failed is 2'],
    [{ failing_section: "cleanup" }, '"cleanup" as "failing_section", but what failed is "execution"'],
    [{ failing_section: undefined }, '(none) as "failing_section", but what failed is "execution"'],
  ])("names a failing step that is told otherwise: %o", (change, message) => {
    const path = "jobs/compile/manifest.json";
    expect(judged(buildRun(FAILING), path, (document) => ({ ...document, ...change }))).toEqual([
      `broken_pointer ${path} "${path}" has ${message}`,
    ]);
  });

  test.each([
    [{ failing_step: 1 }, '1 as "failing_step", but none of its steps failed'],
    [{ failing_section: "cleanup" }, '"cleanup" as "failing_section", but that did not fail'],
    [
      { failing_events_path: "jobs/compile/events.jsonl" },
      '"jobs/compile/events.jsonl" as "failing_events_path", but no stream of what failed has that path',
    ],
  ])("names a failing section that is told otherwise: %o", (change, message) => {
    const path = "jobs/image/manifest.json";
    expect(judged(buildRun(FAILING), path, (document) => ({ ...document, ...change }))).toEqual([
      `broken_pointer ${path} "${path}" has ${message}`,
    ]);
  });

  test("names a failure of a job that did not fail", () => {
    const path = "jobs/unit/manifest.json";
    expect(
      judged(RUN, path, (document) => ({ ...document, failing_section: "execution", failing_step: 1 })),
    ).toEqual([
      `broken_pointer ${path} "${path}" has "execution" as "failing_section", but the job ended as success`,
      `broken_pointer ${path} "${path}" has 1 as "failing_step", but the job ended as success`,
    ]);
  });

  test.each(["failing_section", "failing_step", "failing_step_events_path", "failing_events_path"])(
    "names a %s of a job that did not fail",
    (field) => {
      const path = "jobs/unit/manifest.json";
      expect(judged(RUN, path, (document) => ({ ...document, [field]: "x" }))).toEqual([
        `broken_pointer ${path} "${path}" has "x" as "${field}", but the job ended as success`,
      ]);
    },
  );

  test("names a failing step, and its stream, of a job none of whose steps failed", () => {
    const path = "jobs/image/manifest.json";
    const fields = { failing_step: 1, failing_step_events_path: "jobs/image/events.jsonl" };
    expect(judged(buildRun(FAILING), path, (document) => ({ ...document, ...fields }))).toEqual([
      `broken_pointer ${path} "${path}" has "jobs/image/events.jsonl" as "failing_step_events_path", but none of its steps failed`,
      `broken_pointer ${path} "${path}" has 1 as "failing_step", but none of its steps failed`,
    ]);
  });

  test("names who blocked a job, and why it was skipped, where its state says otherwise", () => {
    const path = "jobs/unit/manifest.json";
    const run = buildRun(FAILING);
    expect(judged(run, path, (document) => ({ ...document, blocked_by: ["image"] }))).toEqual([
      `broken_pointer ${path} "${path}" says that ["image"] blocked "unit", its state []`,
    ]);
    expect(judged(run, path, (document) => ({ ...document, kept_from: "loom-run-local-1" }))).toEqual([
      `status_mismatch ${path} "${path}" says that the result of "unit" was kept from "loom-run-local-1", its state (none)`,
    ]);
    expect(judged(run, path, (document) => ({ ...document, skip_reason: "not_selected" }))).toEqual([
      `status_mismatch ${path} "${path}" says that the job "unit" was skipped for "not_selected", its state "stage_blocked"`,
    ]);
  });

  test("names why a job did not run, and from where its result was kept, where its state says otherwise", () => {
    const path = "jobs/a/manifest.json";
    const run = buildRun({ jobs: [{ id: "a", stage: "s", when: "on_failure" }] });
    const said = (state: Json, document: Json): readonly string[] => {
      const entries = edit(run.entries, { path: "pipeline/events.jsonl", event: "job_state" }, state);
      const found = judged({ ...run, entries }, path, (manifest) => ({ ...manifest, ...document }));
      return found.filter((line) => line.includes(path));
    };
    const kept = (from: unknown): Json => ({ reason: "not_selected", kept_from: from });
    const telling = (from: unknown): Json => ({ skip_reason: "not_selected", kept_from: from });
    expect(said(kept("r1"), telling("r1"))).toEqual([]);
    expect(said(kept("r1"), telling(undefined))).toEqual([
      `status_mismatch ${path} "${path}" says that the result of "a" was kept from (none), its state "r1"`,
    ]);
    expect(said(kept("r1"), telling("r2"))).toEqual([
      `status_mismatch ${path} "${path}" says that the result of "a" was kept from "r2", its state "r1"`,
    ]);
    // What is no text tells nothing.
    expect(said(kept(7), telling(undefined))).toEqual([]);
    expect(said({ reason: 7 }, { skip_reason: undefined })).toEqual([]);
    const cancelled = { to: "cancelled", reason: "condition_not_met" };
    expect(said(cancelled, { status: "cancelled" })).toEqual([
      `status_mismatch ${path} "${path}" says that the job "a" was skipped for "condition_not_met", its state (none)`,
    ]);
    expect(said(cancelled, { status: "cancelled", skip_reason: undefined })).toEqual([]);
  });

  test.each([
    [{ command: "rm -rf /" }, 'has "rm -rf /" as command 2, the workflow "step 2"'],
    [{ output_lines: 3 }, "counts 3 lines of output of step 2, its stream 2"],
    [{ output_lines: undefined }, "counts (none) lines of output of step 2, its stream 2"],
  ])("names a step of which a document tells otherwise: %o", (change, message) => {
    const path = "jobs/compile/user/execution/script/02/summary.json";
    const run = buildRun(FAILING);
    expect(judged(run, path, (document) => ({ ...document, ...change }))).toEqual([
      `broken_pointer ${path} "${path}" ${message}`,
    ]);
    const manifest = "jobs/compile/manifest.json";
    const inManifest = judged(run, manifest, (document) => ({
      ...document,
      steps: (document["steps"] as readonly Json[]).map((step) =>
        step["step"] === 2 ? { ...step, ...change } : step,
      ),
    }));
    expect(inManifest).toEqual([`broken_pointer ${manifest} "${manifest}" ${message}`]);
  });

  test("holds nothing of a manifest against a job that has not ended, and no section that has not finished", () => {
    const run = buildRun({ jobs: [{ id: "a", stage: "s" }] });
    const path = "jobs/a/manifest.json";
    const end = { path: "pipeline/events.jsonl", event: "job_state", to: "success" };
    const going: BuiltRun = { ...run, entries: without(run.entries, end) };
    const told = { failing_section: "provider", skip_reason: "not_selected", blocked_by: ["b"] };
    expect(judged(going, path, (document) => ({ ...document, ...told }))).toEqual([
      'missing_finish pipeline/events.jsonl The job "a" never ended: its last state is running',
    ]);
    const section = { path: "jobs/a/system/cleanup/events.jsonl", event: "phase_finish" };
    const open: BuiltRun = { ...run, entries: without(run.entries, section) };
    const unlisted = judged(open, path, (document) => ({
      ...document,
      system_sections: (document["system_sections"] as readonly Json[]).filter(
        (each) => each["section"] !== "cleanup",
      ),
    }));
    expect(unlisted.filter((line) => line.includes(path))).toEqual([]);
  });

  test("counts a line that was recorded in pieces as one, however far apart they are", () => {
    const text = textOf(render(RUN.entries));
    const path = "jobs/lint/user/execution/script/01/events.jsonl";
    const [start, first, second, finish] = (text.get(path) ?? "").trimEnd().split("\n");
    const piece = (line: string | undefined): string => (line ?? "").replace(/\}$/u, ',"partial":true}');
    const stderr = (line: string | undefined): string => (line ?? "").replace('"stdout"', '"stderr"');
    const counts = (lines: readonly (string | undefined)[], output_lines: number): readonly string[] => {
      const documents = new Map(RUN.documents);
      for (const name of [path.replace("events.jsonl", "summary.json"), "jobs/lint/manifest.json"]) {
        const changed = JSON.stringify(documents.get(name)).replace(
          /"output_lines":\d/u,
          `"output_lines":${output_lines}`,
        );
        documents.set(name, JSON.parse(changed) as Json);
      }
      return named(
        judgeText(new Map(text).set(path, `${lines.join("\n")}\n`), { documents: true }, documents),
      );
    };
    expect(counts([start, first, second, finish], 2)).toEqual([]);
    expect(counts([start, piece(first), second, finish], 1)).toEqual([]);
    expect(counts([start, piece(first), piece(second), finish], 1)).toEqual([]);
    expect(counts([start, piece(first), stderr(second), finish], 2)).toEqual([]);
    expect(counts([start, piece(first), stderr(second), finish], 1)).toEqual([
      "broken_pointer jobs/lint/manifest.json:0",
      "broken_pointer jobs/lint/user/execution/script/01/summary.json:0",
    ]);
  });

  test("counts the lines of output that are taken as records, too", () => {
    const run = buildRun({ jobs: [{ id: "a", stage: "s", lines: 4 }] });
    const counts = (...pieces: readonly number[]): readonly string[] => {
      const validator = createPhaseValidator({ documents: true });
      for (const [path, json] of run.documents) validator.document(path, json);
      let lines = 0;
      for (const [index, { path, event }] of run.entries.entries()) {
        const isPiece = event["event"] === "output" && pieces.includes(++lines);
        const seq = index + 1;
        validator.record(path, seq, numbered(isPiece ? { ...event, partial: true } : event, seq));
      }
      return [...new Set(validator.report(CHECKED_AT).violations.map(({ message }) => message.slice(-41)))];
    };
    expect(counts()).toEqual([]);
    expect([...counts(1), ...counts(1, 2), ...counts(2, 4)]).toEqual([
      "4 lines of output of step 1, its stream 3",
      "4 lines of output of step 1, its stream 2",
      "4 lines of output of step 1, its stream 3",
    ]);
  });
});
