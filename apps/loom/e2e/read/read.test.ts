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
});
