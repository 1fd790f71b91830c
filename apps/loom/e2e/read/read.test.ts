import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a, b]
broken: {stage: a, script: ["echo fine; echo 'src/x.c:4:2: error: no such thing' >&2; exit 2"]}
other: {stage: a, script: ["echo other"]}
after: {stage: b, script: ["true"]}
`;

describe("the commands that read a run", () => {
  test("explain it, list it, show it and print what it printed", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run"]);
    const { receipt } = project.lastRun();

    const explained = project.loom(["explain", "--json"]);
    expect(Buffer.byteLength(explained.stdout)).toBeLessThan(4096);
    expect(JSON.parse(explained.stdout)).toMatchObject({
      kind: "loom-explanation",
      outcome: "failure",
      failure: { job_id: "broken", step: 1, exit_code: 2 },
      errors: [{ file: "src/x.c", line: 4, column: 2 }],
      blocked: ["after"],
    });
    expect(project.loom(["explain", "--job", "after"]).stdout).toMatch(/"after" was skipped/u);

    const listed: unknown = JSON.parse(project.loom(["runs", "--json"]).stdout);
    expect(listed).toMatchObject({
      runs: [{ run_id: receipt.run_id, status: "failure", failing_job_id: "broken" }],
    });

    expect(project.loom(["logs", "last", "broken"]).stdout).toBe("fine\nsrc/x.c:4:2: error: no such thing\n");
    expect(project.loom(["logs", "last", "broken", "1", "--stderr"]).stdout).toBe(
      "src/x.c:4:2: error: no such thing\n",
    );
    expect(project.loom(["logs", "last", "--grep", "^other$"]).stdout).toBe("other │ other\n");
    expect(project.loom(["logs", "last", "nothing"])).toMatchObject({ exitCode: 2, stdout: "" });

    expect(project.loom(["show"]).stdout).toMatch(/after +skipped +stage blocked: broken/u);
    expect(project.loom(["show", "last~5"])).toMatchObject({ exitCode: 2 });
  });

  test("show a line as it was printed, however many pieces it came in", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
slow: {stage: a, script: ["printf 'test_login ... '; sleep 0.4; echo note >&2; sleep 0.4; echo FAILED", "head -c 200000 /dev/zero | tr '\\\\0' x; echo"]}
bar: {stage: a, script: ["for i in $(seq 1 20000); do printf '\\r%6d of 20000' $i; done; printf '\\rerror: disk quota exceeded\\n'; exit 6"]}
`,
    });
    const run = project.loom(["run"]);
    expect(run.stdout).toMatch(/error: disk quota exceeded/u);
    expect(run.stdout.length).toBeLessThan(3000);
    expect(project.loom(["logs", "last", "slow", "1"]).stdout).toBe("note\ntest_login ... FAILED\n");
    expect(project.loom(["logs", "last", "slow", "1", "--tail", "1"]).stdout).toBe("test_login ... FAILED\n");
    expect(project.loom(["logs", "last", "--grep", "FAILED"]).stdout).toBe("slow │ test_login ... FAILED\n");
    expect(project.loom(["logs", "last", "slow", "2"]).stdout).toBe(`${"x".repeat(200_000)}\n`);
    expect(project.loom(["logs", "last", "bar"]).stdout).toBe("error: disk quota exceeded\n");
    expect(project.loom(["logs", "last", "bar", "--grep", "19999 of"]).stdout).toBe("");
    expect(project.loom(["logs", "last", "bar", "--raw"]).stdout).toMatch(
      /^\r {5}1 of 20000\r {5}2 of [^]*\rerror: disk quota exceeded\n$/u,
    );
    expect(JSON.parse(project.loom(["explain", "--json"]).stdout)).toMatchObject({
      failure: { job_id: "bar" },
      lines: ["error: disk quota exceeded"],
    });
  });

  test.each([
    ["no jobs", { schema: "loom.graph-ir.v1" }],
    ["another version", { schema: "loom.graph-ir.v9", stages: ["a"], nodes: [], edges: [] }],
    ["a job that is none", { schema: "loom.graph-ir.v1", stages: ["a", "b"], nodes: [7], edges: [] }],
    ["a number", 7],
  ])("give one answer about a run whose recorded graph is damaged: %s", (_name, graph) => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run"]);
    const { directory } = project.lastRun();
    const path = join(directory, "events.jsonl");
    const lines = readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map((record) => JSON.stringify("graph_ir" in record ? { ...record, graph_ir: graph } : record));
    writeFileSync(path, `${lines.join("\n")}\n`);
    expect(project.loom(["show"]).stdout).toMatch(/broken/u);
    expect(project.loom(["explain"]).stdout).toMatch(/broken/u);
    expect(project.loom(["explain", "--job", "after"]).stdout).toMatch(/"after" was skipped/u);
    expect(project.loom(["logs", "last", "other"]).stdout).toBe("other\n");
    expect(project.loom(["runs"])).toMatchObject({ exitCode: 0 });
    expect(project.loom(["verify", "last"]).stderr).toBe("");
    expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("loom logs", () => {
  const WORKFLOW = `version: v1
stages: [a]
flaky: {stage: a, retry: 1, script: [echo setup, "test -f ok || { touch ok; echo broken; exit 1; }; echo fine >&2"]}
other: {stage: a, script: [echo alone]}
`;
  const COMMAND = "$ test -f ok || { touch ok; echo broken; exit 1; }; echo fine >&2";

  test("says before the lines of a step which it is, and of which attempt; not of a job with one step", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q", "-j1"]);
    const said = (...args: readonly string[]): readonly string[] =>
      project
        .loom(["logs", ...args])
        .stdout.trimEnd()
        .split("\n");
    expect(said("flaky")).toEqual([
      "$ echo setup (attempt 1)",
      "setup",
      `${COMMAND} (attempt 1)`,
      "broken",
      "$ echo setup",
      "setup",
      COMMAND,
      "fine",
    ]);
    expect(said("other")).toEqual(["alone"]);
    expect(said("last", "flaky", "1", "--attempt", "2")).toEqual(["setup"]);
    expect(said("flaky", "--attempt", "1", "--tail", "1")).toEqual(["broken"]);
    for (const picked of [["--stderr"], ["--grep", "fine"], ["--grep", "f[i]ne"], ["-i", "--grep", "FINE"]])
      expect(said("flaky", ...picked)).toEqual(["fine"]);
    expect(said("--since", "2030-01-01")).toEqual([""]);
    expect(said("other", "--since", "1h")).toEqual(["alone"]);
    const lines = said("--json").map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(5);
    expect(lines).toContainEqual(
      expect.objectContaining({ job_id: "flaky", step: 2, attempt: 1, stream: "stdout", text: "broken" }),
    );
  });

  test.each([
    [["flaky", "--attempt", "3"], 'job "flaky" had 2 attempts'],
    [["--attempt", "1"], "name a job"],
    [["--since", "soon"], "Give a duration"],
  ])("refuses %j in one sentence", (args, sentence) => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q"]);
    const { exitCode, stderr } = project.loom(["logs", ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
