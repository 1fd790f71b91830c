import { describe, expect, test } from "vitest";
import type { Explanation } from "@loom/diagnosis";
import { makeProject, type Project } from "../project.ts";

/** Explains the last run of a project, as a program reads it. */
function explained(project: Project, ...args: readonly string[]): Explanation {
  const { exitCode, stdout } = project.loom(["explain", "--json", ...args]);
  expect(exitCode).toBe(0);
  expect(Buffer.byteLength(stdout)).toBeLessThan(4096);
  return JSON.parse(stdout) as Explanation;
}

function failed(script: readonly string[], more = ""): Project {
  const steps = script.map((step) => JSON.stringify(step)).join(", ");
  const project = makeProject({
    workflow: `version: v1\nstages: [a]\nunit: {stage: a, script: [${steps}]${more}}\n`,
  });
  expect(project.loom(["run", "-q"]).exitCode).toBe(1);
  return project;
}

describe("loom explain", () => {
  test("takes what came before Loom's own stop for the evidence, and what came after it for teardown", () => {
    const project = failed(
      ["trap 'echo error: teardown failed >&2; exit 3' TERM; echo '#04 at this point'; sleep 30 & wait"],
      ", timeout: 1s",
    );
    const { failure, errors, lines, lines_total: total } = explained(project);
    expect(failure?.meaning?.code).toBe("timeout");
    expect(errors).toEqual([]);
    expect(lines).toEqual(["#04 at this point"]);
    expect(total).toBe(2);
  });

  test("finds the error of a tool that 30,000 lines of other things follow, and says how much it read", () => {
    const project = failed(["echo 'a.c:2:10: error: no x' >&2; seq 1 30000; exit 1"]);
    const { errors, lines, lines_total: total, lines_read: read } = explained(project);
    expect(errors).toEqual([{ tool: "gcc", message: "no x", file: "a.c", line: 2, column: 10 }]);
    expect(lines).toEqual(["a.c:2:10: error: no x"]);
    expect(total).toBe(30_001);
    expect(read).toBeLessThan(total);
  });

  test("keeps the end in sight where nothing better is known than a line that calls itself an error", () => {
    const project = failed([
      "echo 'ERROR: refused, retrying'; seq 1 40; echo 'totals differ by 129.90'; exit 4",
    ]);
    const { lines } = explained(project);
    expect(lines[0]).toBe("ERROR: refused, retrying");
    expect(lines.at(-1)).toBe("totals differ by 129.90");
  });

  test("finds a run by its pipeline, by any document in it, as the last that failed, and by the name of a job", () => {
    const project = failed(["echo 'a.c:1:2: error: no'; exit 1"]);
    const { receipt, directory } = project.lastRun();
    const { run_id: id } = explained(project);
    for (const name of [
      "last-failed",
      id.replace("loom-run-local-", "loom-local-"),
      `${directory}/jobs/unit`,
    ])
      expect(explained(project, name).run_id).toBe(receipt.run_id);
    expect(project.loom(["explain", "unit"]).stdout).toContain("a.c:1:2");
    expect(project.loom(["logs", "unit"]).stdout).toBe("a.c:1:2: error: no\n");
    expect(project.loom(["logs", "unit", "1"]).stdout).toBe("a.c:1:2: error: no\n");
    for (const words of [
      ["unit", "x"],
      ["last", "unit", "0"],
      ["unit", "1", "1"],
    ]) {
      const { exitCode, stderr } = project.loom(["logs", ...words]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("the number of a step")]);
    }
  });

  test("keeps what a program said before it was killed", () => {
    const project = failed(["seq 1 30; echo loading table 3; kill -9 $$"]);
    const { failure, errors, lines } = explained(project);
    expect(failure?.meaning?.code).toBe("killed");
    expect(errors).toEqual([]);
    expect(lines).toContain("loading table 3");
  });
});
