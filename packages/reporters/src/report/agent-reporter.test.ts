import { errorCode, jobId, type FoundError } from "@loom/core";
import type { RunEnd } from "@loom/ports";
import {
  FAILING_OUTCOME,
  graphNode,
  graphOf,
  LOGS_DIR,
  playFailure,
  RECEIPT_PATH,
  ScriptedRun,
} from "@loom/testkit";
import { expect, test } from "vitest";
import { createReporter } from "../table/reporter-table.ts";

const LINT: FoundError = {
  tool: "eslint",
  code: "no-floating-promises",
  message: "Promises must be awaited",
  file: "packages/core/src/plan.ts",
  line: 41,
  column: 7,
};

const END: RunEnd = { outcome: FAILING_OUTCOME, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR };

async function transcript(
  play: (run: ScriptedRun) => void,
  end: RunEnd,
): Promise<{ readonly before: string; readonly all: string }> {
  let all = "";
  const output = { write: (part: string) => void (all += part) };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR, workers: 2 };
  const reporter = await createReporter("agent", { output, heading });
  play(new ScriptedRun(reporter));
  reporter.flush();
  const before = all;
  await reporter.finish(end);
  return { before, all };
}

/** Jobs that all fail, and print so many lines. */
function failing(jobs: number, lines: readonly string[]): (run: ScriptedRun) => void {
  return (run) => {
    const names = Array.from({ length: jobs }, (_, index) => `job-${index + 1}`);
    run.begins(graphOf(names.map((name) => graphNode(name, "all"))));
    for (const name of names) run.runs(name, 1, lines, { exitCode: 1 });
  };
}

function bounds(text: string): { readonly lines: number; readonly bytes: number } {
  return { lines: text.trimEnd().split("\n").length, bytes: Buffer.byteLength(text) };
}

test("agent tells of a failure when it happens, and in the end what it takes to find the cause", async () => {
  const { before, all } = await transcript(playFailure, {
    ...END,
    errors: new Map([[jobId("lint"), [LINT]]]),
    next: ["loom logs loom-run-local-1 lint 2", "loom run --job lint"],
  });
  expect(before).toBe("failed: lint › 02 pnpm lint (exit 1)\n");
  expect(all).toMatchInlineSnapshot(`
    "failed: lint › 02 pnpm lint (exit 1)
    failure  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24
    lint › 02 pnpm lint (exit 1)
      error: packages/core/src/plan.ts:41:7 Promises must be awaited (eslint no-floating-promises)
        packages/core/src/plan.ts
          41:7  error  Promises must be awaited  no-floating-promises
          88:1  error  'n' is never reassigned  prefer-const
        ✗ 3 problems
    next: loom explain
    next: loom logs loom-run-local-1 lint 2
    next: loom run --job lint
    receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
    "
  `);
});

test("agent tells of a success in three lines, whatever may have failed", async () => {
  const success: RunEnd = { ...END, outcome: { status: "success", exitCode: 0, failedJobIds: [] } };
  const play = (run: ScriptedRun): void => {
    run.begins(graphOf([graphNode("a", "all"), { ...graphNode("b", "all"), allow_failure: true }]));
    run.runs("a", 1, ["loud"]);
    run.runs("b", 1, ["oops"], { exitCode: 1 });
  };
  const { before, all } = await transcript(play, success);
  expect([before, all.trimEnd().split("\n")]).toEqual([
    "",
    [
      expect.stringMatching(/^success {2}1 success, 1 failed \(allowed\)/u),
      `logs: ${LOGS_DIR}`,
      `receipt: ${RECEIPT_PATH}`,
    ],
  ]);
});

test.each([1, 2, 5, 8, 9, 30, 500])(
  "agent shows %i failed jobs in at most 40 lines and 4 KiB",
  async (jobs) => {
    const excerpt = Array.from({ length: 20 }, (_, index) => `${"ü".repeat(190)} line ${index}`);
    const names = Array.from({ length: jobs }, (_, index) => jobId(`job-${index + 1}`));
    const { before, all } = await transcript(failing(jobs, excerpt), {
      ...END,
      errors: new Map(names.map((name) => [name, [LINT, LINT, LINT, LINT]])),
      excerpts: new Map(names.map((name) => [name, excerpt])),
      next: ["loom logs loom-run-local-1 job-1 1", "loom run --job job-1", "loom run --retry-failed x"],
    });
    expect(bounds(before).lines).toBe(Math.min(jobs, 5));
    const { lines, bytes } = bounds(all);
    expect([lines <= 40, bytes <= 4096]).toEqual([true, true]);
    // Each that is shown has its cause, and the others are counted.
    expect(all.match(/^ {2}error: packages\/core\/src\/plan\.ts:41:7 /gmu)?.length).toBeGreaterThanOrEqual(
      Math.min(jobs, 8),
    );
    const left = jobs - 8;
    const said =
      left === 1 ? "… and 1 more failed job: loom explain" : `… and ${left} more failed jobs: loom explain`;
    expect(all.includes(said)).toBe(left > 0);
  },
);

test("agent uses the room that short failures leave", async () => {
  const { all } = await transcript(
    failing(
      1,
      Array.from({ length: 60 }, (_, index) => `line ${index}`),
    ),
    {
      ...END,
      excerpts: new Map([[jobId("job-1"), Array.from({ length: 20 }, (_, index) => `line ${index}`)]]),
    },
  );
  expect(all).toContain("    line 19\nnext: loom explain\n");
});

test("agent shows an error that belongs to no job, and not all of a long one", async () => {
  const message = Array.from({ length: 50 }, (_, index) => `problem ${index}`).join("\n");
  const end: RunEnd = {
    ...END,
    outcome: { ...FAILING_OUTCOME, error: { code: errorCode("WF_INVALID"), message }, failedJobIds: [] },
  };
  const { all } = await transcript(() => undefined, end);
  expect(all).toMatch(
    /^failure\nerror:\nproblem 0\n[^]*\n… and \d+ more lines\nnext: loom explain\nreceipt: /u,
  );
  expect(bounds(all).lines).toBeLessThanOrEqual(40);
});
