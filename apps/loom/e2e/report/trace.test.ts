import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChromeTrace } from "@loom/diagnosis";
import { expect, test } from "vitest";
import { makeProject, type Project } from "../project.ts";

/** Thread, name and status of what took time, in the order of the file. */
function traced(project: Project, ...run: string[]): readonly string[] {
  const written = project.loom(["report", ...run, "--trace", "trace.json"]);
  expect(written).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  const trace = JSON.parse(readFileSync(join(project.root, "trace.json"), "utf8")) as ChromeTrace;
  const threads = new Map(
    trace.traceEvents.flatMap((each) =>
      each.ph === "M" && "name" in each.args ? [[each.tid, each.args.name]] : [],
    ),
  );
  return trace.traceEvents.flatMap((each) => {
    if (each.ph === "M") return [];
    expect(each.ts).toBeGreaterThanOrEqual(0);
    expect(each.dur).toBeGreaterThanOrEqual(0);
    return [`${threads.get(each.tid) ?? "?"}: ${each.name} ${String(each.args["status"])}`];
  });
}

test("loom report --trace writes what a failed run spent its time on", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a, b]
unit: {stage: a, script: ["true", "exit 3"], retry: {max: 1, on: [failure]}}
pack: {stage: b, script: ["true"]}
`,
  });
  project.loom(["run", "-q"]);
  const attempt = ["slot 1: provider success", "slot 1: true success", "slot 1: exit 3 failed"];
  expect(traced(project)).toEqual([
    "run: run failed",
    "run: run.bootstrap success",
    "run: pipeline.execute failed",
    "run: pack skipped",
    "run: run.finalize success",
    "slot 1: unit failed",
    ...attempt,
    ...attempt,
    "slot 1: cleanup success",
  ]);
});

test("loom report --trace writes what there is of a run that was killed", async () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["echo up; exec sleep 60"]}
`,
  });
  const run = project.start(["run", "--stream"]);
  await run.said("up");
  const going = traced(project);
  expect(going).toEqual([
    "run: run running",
    "run: run.bootstrap success",
    "run: pipeline.execute running",
    "slot 1: unit running",
    "slot 1: provider success",
    "slot 1: echo up; exec sleep 60 running",
  ]);
  run.process.kill("SIGKILL");
  await run.ended;
  project.loom(["recover", "last"]);
  const closed = traced(project, "last");
  expect(closed).toContain("run: run failed");
  expect(closed.filter((each) => each.endsWith(" running"))).toEqual([]);
});

test("loom report says what it needs, and what it cannot do", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["true"]}
`,
  });
  expect(project.loom(["report"])).toMatchObject({
    exitCode: 2,
    stderr: "loom: Cannot write a report: say which and where with --html FILE or --trace FILE\n",
  });
  expect(project.loom(["report", "--trace", "x"])).toMatchObject({ exitCode: 2, stdout: "" });
  project.loom(["run", "-q"]);
  expect(project.loom(["report", "--trace", "none/trace.json"])).toMatchObject({
    exitCode: 1,
    stderr: 'loom: Cannot write "none/trace.json": no such file or directory (ENOENT)\n',
  });
});

test("loom report prints a report to -, and one at a time", () => {
  const project = makeProject({
    workflow: "version: v1\nstages: [a]\nunit: {stage: a, script: [echo hi]}\n",
  });
  project.loom(["run", "-q"]);
  const { stdout, ...rest } = project.loom(["report", "--trace", "-"]);
  expect(rest).toEqual({ exitCode: 0, stderr: "" });
  expect(JSON.parse(stdout)).toHaveProperty("traceEvents");
  expect(project.loom(["report", "--html", "-"]).stdout).toMatch(/^<!doctype html>/iu);
  expect(project.loom(["report", "--html", "-", "--trace", "-"])).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: "loom: Cannot print two reports at once: give one of them the name of a file\n",
  });
  expect(existsSync(join(project.root, "-"))).toBe(false);
});
