import { describe, expect, test } from "vitest";
import { buildRun, render, RICH_SHAPE, type BuiltRun, type RunShape } from "../test/build-run.ts";
import { judgeEntries, judgeText, named, textOf } from "../test/judge-run.ts";

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
});
