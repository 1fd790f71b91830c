import { jobId, type FoundError } from "@loom/core";
import { expect, test } from "vitest";
import { githubAnnotations } from "./github-annotations.ts";
import { placedErrors } from "./placed-errors.ts";

const ERROR: FoundError = {
  tool: "tsc",
  message: "no",
  file: "src/a.ts",
  line: 3,
  column: 4,
  code: "TS2322",
};

/** The annotations of jobs that all count, or may all fail. */
function annotated(errors: readonly (readonly FoundError[])[], blocking = true): string {
  const byJob = new Map(errors.map((each, index) => [jobId(`job-${index}`), each]));
  return githubAnnotations(
    placedErrors({
      errors: byJob,
      outcome: { status: "failure", exitCode: 1, failedJobIds: blocking ? [...byJob.keys()] : [] },
    }),
  );
}

test("githubAnnotations() names the place, and escapes what would end it", () => {
  expect(
    annotated([[{ ...ERROR, file: "src/a,b:c%.ts", tool: "my:tool\n::x", message: "no: 100%\r\nnever" }]]),
  ).toBe(
    "::error file=src/a%2Cb%3Ac%25.ts,line=3,col=4,title=my%3Atool%0A%3A%3Ax TS2322::no: 100%25%0D%0Anever\n",
  );
});

test("githubAnnotations() warns of what a tool only warned of, and of all in a job that may fail", () => {
  const { column: _, code: __, ...plain } = ERROR;
  expect(annotated([[{ ...plain, severity: "warning" }]])).toBe(
    "::warning file=src/a.ts,line=3,title=tsc::no\n",
  );
  expect(annotated([[ERROR]], false)).toMatch(/^::warning file=src\/a\.ts,line=3,col=4,/);
});

test("githubAnnotations() leaves out what has no place, and has a line for what has none", () => {
  const { line: _, ...withoutLine } = ERROR;
  const { file: __, ...withoutFile } = ERROR;
  expect(annotated([[withoutLine, withoutFile, { ...ERROR, line: 0, column: 0 }]])).toBe(
    "::error file=src/a.ts,line=1,title=tsc TS2322::no\n",
  );
});

test("githubAnnotations() keeps to what GitHub shows of a step, and gives each job its first errors", () => {
  const many = Array.from({ length: 30 }, (_, index): FoundError => ({ ...ERROR, line: index + 1 }));
  const warnings = many.map((error): FoundError => ({ ...error, severity: "warning" }));
  const other: FoundError = { ...ERROR, file: "src/other.ts" };
  const lines = annotated([many, warnings, [other], [other]])
    .trimEnd()
    .split("\n");
  expect(lines.filter((line) => line.startsWith("::error"))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith("::warning"))).toHaveLength(10);
  expect(lines.filter((line) => line.includes("src/other.ts"))).toHaveLength(1);
});
