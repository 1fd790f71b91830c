import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, type Project } from "../project.ts";
import { connect } from "./connect.ts";

const WORKFLOW = `version: v1
stages: [test]
good: {stage: test, script: ["echo fine"]}
bad:
  stage: test
  script: ["echo before", "seq 1 2000; echo 'src/a.ts(3,7): error TS2322: not a number'; exit 3"]
`;

function failed(): Project {
  const project = makeProject({ workflow: WORKFLOW });
  project.loom(["run", "-q"]);
  return project;
}

describe("loom mcp", () => {
  test("lists its tools, each with schemas and workspace_root, also as loom-mcp", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { client, call } = await connect(project, [join(dirname(LOOM), "loom-mcp.cjs")]);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      "loom_compile",
      "loom_ctl",
      "loom_diff",
      "loom_explain",
      "loom_plan",
      "loom_read_logs",
      "loom_read_receipt",
      "loom_run_local",
      "loom_runs",
      "loom_validate",
      "loom_verify",
      "loom_version",
    ]);
    for (const { inputSchema, outputSchema } of tools) {
      expect(inputSchema.properties).toHaveProperty("workspace_root");
      expect(outputSchema?.type).toBe("object");
    }
    const version = project.loom(["--version"]).stdout.trim();
    expect((await call("loom_version")).data).toEqual({ version });
  });

  test("checks, compiles and plans a workflow", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { call } = await connect(project);
    const checked = await call("loom_validate");
    expect(checked.data).toMatchObject({
      status: "success",
      exit_code: 0,
      receipt_json: { kind: "loom-check" },
      problems: [],
    });
    const receipt = await call("loom_read_receipt", { receipt_path: checked.data["receipt_path"] });
    expect(receipt.data["receipt_json"]).toEqual(checked.data["receipt_json"]);
    expect((await call("loom_compile")).data).toMatchObject({
      status: "success",
      graph_ir: { nodes: [{ id: "good" }, { id: "bad" }] },
    });
    expect((await call("loom_plan", { jobs: ["good"] })).data).toMatchObject({
      kind: "loom-plan",
      order: ["good"],
    });
    writeFileSync(
      join(project.root, ".loom/workflow.yml"),
      "version: v1\nstages: [a]\nj: {stage: b, script: [x]}\n",
    );
    const invalid = await call("loom_validate");
    expect(invalid.isError).toBe(false);
    expect(invalid.data).toMatchObject({ status: "failure", exit_code: 1, problems: [{ line: 3 }] });
    expect((await call("loom_compile")).data).toMatchObject({ status: "failure", graph_ir: null });
  });

  test("says why a run failed, in texts of less than 4 KiB", async () => {
    const { call } = await connect(failed());
    const explained = await call("loom_explain");
    expect(explained.data["explanation"]).toMatchObject({
      outcome: "failure",
      failure: { job_id: "bad", step: 2, exit_code: 3 },
      errors: [{ file: "src/a.ts", line: 3 }],
    });
    const jobs = await call("loom_explain", { all: true });
    expect(jobs.data).toMatchObject({ explanation: null, jobs: [{ job_id: "bad" }], failed_total: 1 });
    const log = await call("loom_read_logs", { selector: "bad/2", limit: 2000 });
    expect(log.text).toMatch(/^… cut: \d+ more lines, structuredContent has the data\n/u);
    expect(log.text).toContain("error TS2322");
    expect(log.data).toMatchObject({ earlier: true, next_from: null });
    for (const { text } of [explained, jobs, log]) expect(Buffer.byteLength(text)).toBeLessThan(4096);
  });

  test("reads logs by pages, by the tail and by a pattern", async () => {
    const { call } = await connect(failed());
    const first = await call("loom_read_logs", { selector: "bad/2", limit: 2, from: 1 });
    const second = await call("loom_read_logs", {
      selector: "bad/2",
      limit: 2,
      from: first.data["next_from"],
    });
    expect([first, second].map(({ data }) => data["lines"])).toMatchObject([
      [{ text: "1" }, { text: "2" }],
      [{ text: "3" }, { text: "4" }],
    ]);
    const tail = await call("loom_read_logs", { selector: "bad", tail: 2 });
    expect(tail.data).toMatchObject({
      lines: [{ text: "2000" }, { step: 2 }],
      earlier: true,
      next_from: null,
    });
    expect((await call("loom_read_logs", { selector: "bad", grep: "^199\\d$" })).data["lines"]).toHaveLength(
      10,
    );
    expect((await call("loom_read_logs", { selector: "good/1" })).text).toBe("fine");
    expect((await call("loom_read_logs", { selector: "none" })).isError).toBe(true);
  });

  test("lists, verifies and compares runs", async () => {
    const project = failed();
    project.loom(["run", "-q"]);
    const { call } = await connect(project);
    expect((await call("loom_runs", { status: "failure" })).data["runs"]).toMatchObject([
      { failing_job_id: "bad" },
      { failing_job_id: "bad" },
    ]);
    expect((await call("loom_verify")).data).toMatchObject({ status: "valid", violations_total: 0 });
    expect((await call("loom_diff")).data).toMatchObject({ kind: "loom-diff" });
  });

  test("reads nothing outside workspace_root, and says so in one sentence", async () => {
    const outside = failed();
    const { receipt, directory } = outside.lastRun();
    const project = makeProject({ workflow: WORKFLOW });
    const { call } = await connect(project);
    const secret = join(outside.root, ".loom/.runtime/receipts", `${receipt.run_id}.json`);
    symlinkSync(secret, join(project.root, "link.json"));
    symlinkSync(outside.root, join(project.root, "folder"));
    mkdirSync(join(project.root, "inner"));
    const answers = [
      await call("loom_read_receipt", { receipt_path: secret }),
      await call("loom_read_receipt", { receipt_path: "link.json" }),
      await call("loom_explain", { run_id: directory }),
      await call("loom_explain", { run_id: "../x/loom-run-local-1" }),
      await call("loom_verify", { run_id: "folder/.loom/.runtime/logs/" + receipt.run_id }),
      await call("loom_validate", { workflow_path: join(outside.root, ".loom/workflow.yml") }),
      await call("loom_compile", { workflow_path: "folder/.loom/workflow.yml" }),
    ];
    for (const { isError, text } of answers) {
      expect(isError).toBe(true);
      expect(text).toMatch(
        /^Cannot read ".*": it is outside workspace_root ".*"\. Name a path inside it, or another workspace_root$/u,
      );
    }
    // No project is looked for above it.
    expect(await call("loom_compile", { workspace_root: "inner" })).toMatchObject({ isError: true });
    expect((await call("loom_runs", { workspace_root: "inner" })).data["runs"]).toEqual([]);
    symlinkSync(join(outside.root, ".loom/.runtime"), join(project.root, ".loom/.runtime"));
    for (const name of ["loom_runs", "loom_explain", "loom_validate"])
      expect((await call(name)).text).toContain("is outside workspace_root");
  });

  test("ends when its client goes away", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const server = project.start(["mcp"]);
    server.process.stdin?.end();
    expect(await server.ended).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });
});
