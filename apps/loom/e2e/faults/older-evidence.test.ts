import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makePlace, type Place } from "./aftermath.ts";

const WORKFLOW = `version: v1
stages: [a, b]
broken: {stage: a, retry: 1, script: ["echo fine", "echo 'src/x.c:4:2: error: no such thing' >&2; exit 2"]}
other: {stage: a, script: ["echo other"]}
after: {stage: b, script: ["true"]}
`;

/** What of the evidence is taken away: documents, fields of documents, or fields of records. */
interface Lack {
  readonly documents?: RegExp;
  readonly fields?: readonly string[];
  readonly recordFields?: readonly string[];
}

const PLAN = ["graph_ir", "executor_receipt", "pid", "host", "concurrency", "fail_fast"];

/** What an older Loom did not write yet, and what `loom verify` says of it. */
const LACKS: readonly (readonly [what: string, lack: Lack, verdict: "valid" | "invalid"])[] = [
  ["who ran it and the plan", { fields: PLAN, recordFields: PLAN }, "valid"],
  ["the report that it points to", { documents: /^phase-report\.json$/u }, "invalid"],
  ["counts and codes", { fields: ["exit_code", "duration_ms", "output_lines", "attempts"] }, "invalid"],
  ["the pointers of its roster", { fields: ["summary_path", "manifest_path", "events_path"] }, "invalid"],
  ["every document", { documents: /\.json$/u }, "invalid"],
];

/** What each command tells of the run, whatever is lacking. */
const TELLS: Readonly<Record<string, RegExp>> = {
  runs: /failure|interrupted|unfinished/u,
  show: /broken +failed/u,
  explain: /"broken"/u,
  logs: /^other\n$/u,
};

function without(value: unknown, fields: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => without(item, fields));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !fields.includes(name));
  return Object.fromEntries(kept.map(([name, item]) => [name, without(item, fields)]));
}

function takeAway({ documents, fields = [], recordFields = [] }: Lack, place: Place): void {
  const { directory, receipt } = place.lastRun();
  const receiptPath = join(place.root, ".loom/.runtime/receipts", `${receipt.run_id}.json`);
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" });
  for (const path of paths) {
    const file = join(directory, path);
    if (documents?.test(path) === true) rmSync(file);
    else if (path.endsWith(".json")) rewrite(file, fields);
    else if (path.endsWith(".jsonl") && recordFields.length > 0) {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      const older = lines.map((line) => JSON.stringify(without(JSON.parse(line), recordFields)));
      writeFileSync(file, `${older.join("\n")}\n`);
    }
  }
  rewrite(receiptPath, fields);
}

function rewrite(path: string, fields: readonly string[]): void {
  if (fields.length === 0) return;
  const document: unknown = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, `${JSON.stringify(without(document, fields), undefined, 2)}\n`);
}

describe("a run of an older Loom", () => {
  test.each(LACKS)("that lacks %s is read by every command", (_what, lack, verdict) => {
    const place = makePlace(WORKFLOW);
    expect(place.loom(["run", "-q"])).toMatchObject({ exitCode: 1 });
    takeAway(lack, place);
    for (const args of [["runs"], ["show"], ["explain"], ["logs", "last", "other"]]) {
      const { exitCode, stdout, stderr } = place.loom(args);
      expect(stdout).not.toMatch(/undefined|NaN|\[object|\n {4}at /u);
      const [command = ""] = args;
      // Without its roster there is nothing to show, which is said in one sentence.
      if (command === "show" && exitCode === 1) {
        expect(stderr).toMatch(/^loom: Cannot read "[^"]*manifest\.json": .*\n$/u);
        continue;
      }
      expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr: "" });
      expect(stdout).toMatch(TELLS[command] ?? /./u);
    }
    const verified = place.loom(["verify", "last"]);
    expect(verified).toMatchObject({ exitCode: verdict === "valid" ? 0 : 1, stderr: "" });
    expect(verified.stdout).toMatch(new RegExp(`^${verdict}`, "mu"));
  });
});
