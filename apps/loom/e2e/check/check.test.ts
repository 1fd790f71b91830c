import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const header = "version: v1\nstages: [a]\n";

describe("loom check", () => {
  test("warns of what a run fails at or leaves out, and passes all the same", () => {
    const workflow = `${header}default: {cache: {paths: [x]}}\none: {stage: a, script: ["true"], artifacts: {paths: [y]}, services: [redis], secrets: {TOKEN: {ref: "env://TOKEN"}}}\ntwo: {stage: a, script: ["true"]}\n`;
    const { exitCode, stdout, stderr } = makeProject({ workflow }).loom(["check"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(
      [...stderr.matchAll(/ (\/\S+): warning: (.*)/gu)].map(([, path, message]) => [path, message]),
    ).toEqual([
      [
        "/one/services",
        "give this job an image: services share a network with its container, and without one it fails",
      ],
    ]);
    expect(stderr).toMatch(/^receipt: \/.*\nloom check passed\n$/mu);
  });

  test("fails for a warning when it is strict, and says so in its receipt and its data", () => {
    const project = makeProject({ workflow: `${header}one: {stage: a, script: [cd b, make]}\n` });
    const lax = project.loom(["check", "--json"]);
    expect(lax.exitCode).toBe(0);
    expect(JSON.parse(lax.stdout)).toMatchObject({
      schema_version: "v1",
      kind: "loom-check-problems",
      valid: true,
      problems: [{ path: "/one/script/0", severity: "warning" }],
    });
    const strict = project.loom(["check", "--json", "--strict"]);
    expect(strict.exitCode).toBe(1);
    expect(strict.stderr).toMatch(/^loom check failed \(exit code 1\)$/mu);
    expect(JSON.parse(strict.stdout)).toMatchObject({ valid: false, problems: [{ severity: "warning" }] });
  });

  test("calls an error an error", () => {
    const project = makeProject({ workflow: `${header}one: {stage: b, script: ["true"]}\n` });
    const { exitCode, stdout } = project.loom(["check", "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, problems: [{ severity: "error" }] });
  });

  test("says how to name a file, and how many problems there are when they fill a screen", () => {
    const bad = Array.from({ length: 9 }, (_, index) => `  K${index}: ${index}\n`).join("");
    const project = makeProject({ workflow: `${header}variables:\n${bad}one: {stage: a, script: [x]}\n` });
    expect(project.loom(["check"]).stderr).toContain("\n9 problems in 1 file\nreceipt: ");
    for (const command of ["check", "compile"]) {
      const refused = project.loom([command, "ci.yml"]);
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        'loom: Cannot take "ci.yml" as an argument: name a file with --workflow ci.yml\n',
      ]);
    }
  });

  test("names every key of its data in snake_case", () => {
    const project = makeProject({ workflow: `${header}one: {stage: b, script: ["true"]}\n` });
    const { stdout } = project.loom(["check", "--json"]);
    const keys = [...stdout.matchAll(/"(\w+)":/gu)].map(([, key]) => key);
    expect(keys).toContain("end_offset");
    expect(keys.filter((key) => !/^[a-z][a-z0-9_]*$/u.test(key ?? ""))).toEqual([]);
  });
});
