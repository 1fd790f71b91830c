import { jobId, type FoundError } from "@loom/core";
import { FAILING_OUTCOME, LOGS_DIR, playFailure, ScriptedRun } from "@loom/testkit";
import { expect, test } from "vitest";
import { CodeQualityReporter } from "./code-quality-reporter.ts";

/** A finding, by the rules of GitLab's documentation, "Code Quality report format". */
interface Finding {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const ERROR: FoundError = {
  tool: "tsc",
  message: "no",
  file: "src/a.ts",
  line: 3,
  column: 4,
  code: "TS2322",
};

/** What is written of a run in which `lint` fails and `docs` may, after it was held to the rules. */
function findings(errors: Readonly<Record<string, readonly FoundError[]>>): readonly Finding[] {
  let text = "";
  const reporter = new CodeQualityReporter({ write: (part) => void (text += part) });
  playFailure(new ScriptedRun(reporter));
  reporter.finish({
    outcome: FAILING_OUTCOME,
    logsDir: LOGS_DIR,
    errors: new Map(Object.entries(errors).map(([id, found]) => [jobId(id), found])),
  });
  // No byte order mark, one array.
  expect(text).toMatch(/^\[/);
  const found = JSON.parse(text) as readonly Finding[];
  for (const { description, check_name, fingerprint, severity, location } of found) {
    expect([description, check_name].every((each) => each !== "")).toBe(true);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(["info", "minor", "major", "critical", "blocker"]).toContain(severity);
    expect(location.path).not.toMatch(/^(?:\.{0,2}\/|$)/);
    expect(location.lines.begin).toBeGreaterThanOrEqual(1);
  }
  expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(found.length);
  return found;
}

test("CodeQualityReporter writes what was found, and an empty report where nothing was", () => {
  expect(findings({ lint: [ERROR] })).toEqual([
    {
      description: "no",
      check_name: "tsc TS2322",
      fingerprint: expect.any(String) as string,
      severity: "major",
      location: { path: "src/a.ts", lines: { begin: 3 } },
    },
  ]);
  expect(findings({})).toEqual([]);
});

test("CodeQualityReporter gives less weight to warnings, and to what a job found that may fail", () => {
  const weights = findings({ lint: [ERROR, { ...ERROR, message: "m", severity: "warning" }], docs: [ERROR] });
  expect(weights.map(({ severity }) => severity)).toEqual(["major", "minor", "minor"]);
});

test("CodeQualityReporter knows a finding again when its line moves, and tells two of a kind apart", () => {
  const [before] = findings({ lint: [ERROR] });
  const [moved, second] = findings({ lint: [{ ...ERROR, line: 30 }, ERROR] });
  expect(moved?.fingerprint).toBe(before?.fingerprint);
  expect(second?.fingerprint).not.toBe(before?.fingerprint);
});

test("CodeQualityReporter passes on no control character of what tools say", () => {
  const [finding] = findings({
    lint: [{ ...ERROR, message: "a\u001B[31mb\u0007", file: "src/\u001B]0;x.ts" }],
  });
  expect(JSON.stringify(finding)).not.toMatch(/\\u00[01]/);
  expect(finding?.description).toBe("ab\u2407");
});
