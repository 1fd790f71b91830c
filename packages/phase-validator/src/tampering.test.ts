import fc from "fast-check";
import { expect, test } from "vitest";
import { anyShape } from "../test/any-shape.ts";
import { buildRun, numbered, render, RICH_SHAPE } from "../test/build-run.ts";
import { CHECKED_AT, judgeText, textOf } from "../test/judge-run.ts";
import { spliced } from "../test/spliced.ts";
import { createPhaseValidator } from "./index.ts";

test("report() names every dropped, repeated or swapped line of any run", () => {
  const tampering = fc.constantFrom("drop" as const, "repeat" as const, "swap" as const);
  fc.assert(
    fc.property(anyShape(), tampering, fc.nat(), fc.nat(), (shape, how, stream, line) => {
      const streams = render(buildRun(shape).entries);
      const lines = [...streams.values()][stream % streams.size] ?? [];
      const at = line % lines.length;
      fc.pre(how !== "swap" || at < lines.length - 1);
      if (how === "drop") lines.splice(at, 1);
      else if (how === "repeat") lines.splice(at, 0, lines[at] ?? "");
      else lines.splice(at, 2, lines[at + 1] ?? "", lines[at] ?? "");
      expect(judgeText(textOf(streams)).status).toBe("invalid");
    }),
    { numRuns: 300 },
  );
});

test("report() names a stream that is gone, and one that is cut off anywhere", () => {
  const text = textOf(render(buildRun(RICH_SHAPE).entries));
  for (const [path, whole] of text) {
    const others = new Map([...text].filter(([other]) => other !== path));
    expect(judgeText(others).status).toBe("invalid");
    for (let cut = 0; cut < whole.length; cut += 397) {
      expect(judgeText(new Map(text).set(path, whole.slice(0, cut))).status).toBe("invalid");
    }
  }
});

test("report() names the edited status of a job, of a step and of a section's last attempt", () => {
  const run = buildRun(RICH_SHAPE);
  for (const [index, entry] of run.entries.entries()) {
    const { event } = entry;
    const isPart = event["event"] === "phase_finish" && (event["section"] ?? event["step"]) !== undefined;
    if (!isPart && event["event"] !== "job_state") continue;
    // Only the last attempt of a section has a summary to disagree with.
    if (event["section"] !== undefined && run.entries.some((other) => isLater(other.event, event))) continue;
    const field = isPart ? "status" : "to";
    const changed = { ...entry, event: { ...event, [field]: "cancelled" } };
    const edited = spliced(run.entries, index, { remove: 1, insert: [changed] });
    const validator = createPhaseValidator();
    for (const [path, json] of run.documents) validator.document(path, json);
    for (const [at, each] of edited.entries()) {
      validator.record(each.path, at + 1, numbered(each.event, at + 1));
    }
    expect(validator.report(CHECKED_AT).status).toBe("invalid");
  }
});

test("nothing that is fed makes the validator throw", () => {
  const key = fc.constantFrom(
    "seq",
    "ts",
    "event",
    "scope",
    "phase_code",
    "phase_family",
    "job_id",
    "section",
    "step",
    "attempt",
    "status",
    "exit_code",
    "from",
    "to",
    "graph_ir",
    "stages",
    "nodes",
    "jobs",
    "steps",
    "job_counts",
    "executor_receipt",
    "failed_job_ids",
    "schema_version",
    "run_id",
    "duration_ms",
  );
  const word = fc.constantFrom(
    "phase_start",
    "phase_finish",
    "job_state",
    "output",
    "log",
    "running",
    "__proto__",
  );
  const value = fc.oneof(
    word,
    fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
    fc.double(),
    fc.array(fc.dictionary(key, word, { maxKeys: 4 }), { maxLength: 3 }),
  );
  const record = fc.oneof(fc.anything(), fc.dictionary(key, value));
  const path = fc.constantFrom(
    "events.jsonl",
    "pipeline/events.jsonl",
    "jobs/a/events.jsonl",
    "jobs/__proto__/user/execution/events.jsonl",
    "jobs/a/attempts/1/script/02/events.jsonl",
    "jobs/a/system/provider/events.jsonl",
    "x",
    "",
    "summary.json",
    "pipeline/manifest.json",
    "pipeline/summary.json",
    "jobs/a/manifest.json",
    "receipts/x.json",
  );
  const run = buildRun(RICH_SHAPE);
  const edit = fc.record({ at: fc.nat(), key, value });
  const feed = fc.record({ path, record, number: fc.oneof(fc.double(), fc.integer()) });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 6 }), fc.array(feed, { maxLength: 6 }), (edits, feeds) => {
      const validator = createPhaseValidator({ documents: true });
      const changes = new Map(edits.map(({ at, ...change }) => [at % run.entries.length, change]));
      for (const [index, entry] of run.entries.entries()) {
        const change = changes.get(index);
        const event = numbered(entry.event, index + 1);
        validator.record(
          entry.path,
          index + 1,
          change === undefined ? event : { ...event, [change.key]: change.value },
        );
      }
      for (const each of feeds) {
        validator.record(each.path, each.number, each.record);
        validator.document(each.path, each.record);
        validator.outputLines(each.path, each.number, { firstSeq: each.number, count: each.number });
        validator.streamEnd(each.path, each.number);
      }
      const report = validator.report(CHECKED_AT);
      expect(JSON.parse(JSON.stringify(report))).toHaveProperty("kind", "loom-run-local-phase-report");
    }),
    { numRuns: 300 },
  );
});

test("nothing that a file holds makes the reader throw", () => {
  const whole = textOf(render(buildRun(RICH_SHAPE).entries));
  const path = "jobs/compile/events.jsonl";
  const text = whole.get(path) ?? "";
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ unit: "binary" }), fc.nat(20), (at, insert, gone) => {
      const changed = `${text.slice(0, at)}${insert}${text.slice(at + gone)}`;
      expect(judgeText(new Map(whole).set(path, changed)).kind).toBe("loom-run-local-phase-report");
    }),
    { numRuns: 200 },
  );
});

function isLater(
  other: { readonly [key: string]: unknown },
  event: { readonly [key: string]: unknown },
): boolean {
  return (
    other["event"] === "phase_finish" &&
    other["job_id"] === event["job_id"] &&
    other["section"] === event["section"] &&
    Number(other["attempt"] ?? 1) > Number(event["attempt"] ?? 1)
  );
}
