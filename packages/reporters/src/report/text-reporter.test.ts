import { errorCode, type GraphNode, type JobId } from "@loom/core";
import { FakeClock, graphNode, graphOf, LOGS_DIR, RECEIPT_PATH, ScriptedRun } from "@loom/testkit";
import { expect, test } from "vitest";
import { createReporter } from "../table/reporter-table.ts";
import { createPalette } from "../text/palette.ts";
import { ViewModel } from "../view/view-model.ts";
import { TextReporter } from "./text-reporter.ts";
import { textStyle } from "./text-style.ts";

const OUTCOME = { status: "success", exitCode: 0, failedJobIds: [] } as const;

async function arrange(
  names: readonly string[],
  node: Partial<GraphNode> = {},
): Promise<{
  readonly run: ScriptedRun;
  readonly said: () => string;
  /** Lets time pass, for the run and for whoever waits. */
  readonly wait: (ms: number) => void;
  readonly end: () => Promise<void>;
  readonly clock: FakeClock;
}> {
  let text = "";
  const clock = new FakeClock(Date.UTC(2026, 2, 7, 6, 40));
  const output = { write: (part: string) => void (text += part) };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR };
  const reporter = await createReporter("plain", { output, heading, clock });
  const run = new ScriptedRun(reporter);
  run.begins(graphOf(names.map((name) => graphNode(name, "test", node))));
  const wait = (ms: number): void => {
    run.wait(ms);
    clock.advance(ms);
  };
  const end = async (): Promise<void> => {
    await reporter.finish({ outcome: OUTCOME, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR });
  };
  return { run, said: () => text, wait, end, clock };
}

test("TextReporter says every 30 s what runs, in which step, and how long it has been silent", async () => {
  const { run, said, wait, end, clock } = await arrange(["slow"]);
  run.starts("slow");
  run.stepStarts("slow", 1);
  wait(25_000);
  run.prints("slow", 1, ["one"]);
  wait(6_000);
  expect(said()).toMatch(/^running {3}slow 0:\d\d › 01 \S.*$/mu);
  expect(said()).not.toContain("silent");
  wait(30_000);
  expect(said()).toMatch(/^running {3}slow .*\(silent 0:35\)$/mu);
  await end();
  expect(clock.pending).toBe(0);
});

test("TextReporter names three running jobs and counts the rest, and says nothing where none runs", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const { run, said, wait, end } = await arrange(names);
  wait(31_000);
  expect(said()).not.toContain("running");
  for (const name of names) run.starts(name);
  wait(30_000);
  expect(said()).toMatch(/^running {3}a 0:\d\d.*, b 0:\d\d.*, c 0:\d\d.*, 2 more$/mu);
  await end();
});

test("TextReporter tells what a retry follows, and at which attempt a job passed", async () => {
  const { run, said, end } = await arrange(["flaky"]);
  run.starts("flaky");
  run.stepStarts("flaky", 1);
  run.stepEnds("flaky", 1, { exitCode: 7 });
  run.executionEnds("flaky", { exitCode: 7 });
  run.prepares("flaky", 2);
  run.executionEnds("flaky");
  run.settles("flaky", "success");
  await end();
  expect(said()).toMatch(/^retry {5}flaky\s+attempt 2, after step 01 exit 7$/mu);
  expect(said()).toMatch(/^success {3}flaky .* at attempt 2$/mu);
});

test("TextReporter tells of a retry what failed the attempt, not what failed after it", async () => {
  const { run, said, end } = await arrange(["flaky"], { script: ["exit 3"], after_script: ["exit 4"] });
  run.starts("flaky");
  for (const [step, exitCode] of [3, 4].entries()) {
    run.stepStarts("flaky", step + 1);
    run.stepEnds("flaky", step + 1, { exitCode });
  }
  run.executionEnds("flaky", { exitCode: 3 });
  run.prepares("flaky", 2);
  await end();
  expect(said()).toMatch(/^retry {5}flaky\s+attempt 2, after step 01 exit 3$/mu);
});

test("the end shows where the time went, and the lines that tell why a job failed in place of its last ones", async () => {
  let text = "";
  const output = { write: (part: string) => void (text += part) };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR };
  const reporter = await createReporter("plain", { output, heading });
  const run = new ScriptedRun(reporter);
  run.begins(graphOf([graphNode("unit", "test")]));
  run.starts("unit");
  run.stepStarts("unit", 1);
  run.prints("unit", 1, ["a.c:1:2: error: no", "cleaning up"]);
  run.stepEnds("unit", 1, { exitCode: 1 });
  run.executionEnds("unit", { exitCode: 1 });
  run.settles("unit", "failed", "exit_code");
  run.ends("failed");
  const excerpts = new Map([["unit" as JobId, ["a.c:1:2: error: no"]]]);
  const outcome = { status: "failure", exitCode: 1, failedJobIds: ["unit" as JobId] } as const;
  await reporter.finish({
    outcome,
    excerpts,
    time: ["time: 1 s"],
    receiptPath: RECEIPT_PATH,
    logsDir: LOGS_DIR,
  });
  expect(text).toContain("\n  a.c:1:2: error: no\n  events:");
  expect(text).toContain("\ntime: 1 s\n");
  expect(text).not.toContain("cleaning up");
});

test("the end gives an error's own message whole, and of what was printed the beginning", async () => {
  const { run, said, end } = await arrange(["unit"]);
  const advice = `"/a/${"long/".repeat(60)}path" does not open: check LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV`;
  run.starts("unit");
  run.stepStarts("unit", 1);
  run.prints("unit", 1, [`${"x".repeat(300)} end`]);
  const error = { code: errorCode("spawn_failed"), message: advice };
  run.stepEnds("unit", 1, { error });
  run.executionEnds("unit", { error });
  run.settles("unit", "failed", "spawn_failed");
  run.ends("failed");
  await end();
  expect(said()).toContain(`\n  ${advice}\n`);
  expect(said()).toMatch(/^ {2}x{199}…$/mu);
});

test("TextReporter tells a model that it was given", () => {
  const output = { write: () => undefined };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR };
  const style = textStyle(createPalette("none"), false);
  const model = new ViewModel();
  const run = new ScriptedRun(
    new TextReporter({ output, heading, style, model, detail: "plain", showOutput: true }),
  );
  run.begins(graphOf([graphNode("a", "test")]));
  const before = model.version;
  run.starts("a");
  expect(model.counts).toMatchObject({ total: 1, running: 1 });
  expect(model.version).toBeGreaterThan(before);
});
