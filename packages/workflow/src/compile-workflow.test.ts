import { describe, expect, test } from "vitest";
import { compileWorkflow } from "./compile-workflow.ts";
import { formatProblem } from "./format-problem.ts";

const compile = (text: string) => compileWorkflow({ path: ".loom/workflow.yml", text });

const problemsOf = (text: string): string => {
  const result = compile(text);
  return result.ok ? "no problems" : result.error.map(formatProblem).join("\n");
};

describe("compileWorkflow()", () => {
  test("answers the graph of a workflow with two jobs", () => {
    const result = compile(
      [
        "version: v1",
        "stages: [build, test]",
        "build:",
        "  stage: build",
        "  script: [npm ci, npm run build]",
        "test:",
        "  stage: test",
        "  needs: [build]",
        "  script:",
        "    - npm test",
      ].join("\n"),
    );
    expect(result).toEqual({
      ok: true,
      value: {
        variables: {},
        warnings: [],
        places: {
          build: expect.objectContaining({ file: ".loom/workflow.yml", line: 3, path: "/build" }) as unknown,
          test: expect.objectContaining({ line: 6, path: "/test" }) as unknown,
        },
        graph: {
          schema: "loom.graph-ir.v1",
          stages: ["build", "test"],
          nodes: [
            { id: "build", stage: "build", target: "linux", script: ["npm ci", "npm run build"] },
            { id: "test", stage: "test", target: "linux", script: ["npm test"], needs: ["build"] },
          ],
          edges: [{ from: "build", to: "test", kind: "needs" }],
        },
      },
    });
  });

  test("points at the place a wrong value was written at", () => {
    expect(problemsOf("version: v1\nstages: [test]\n\nbuild:\n  stage: test\n  script: npm test\n")).toBe(
      [
        ".loom/workflow.yml:6:11 WF_SCHEMA_V1 /build/script: make script a list of commands",
        "  6 |   script: npm test",
        "    |           ^^^^^^^^",
      ].join("\n"),
    );
  });

  test("reports every problem, sorted by place", () => {
    const result = compile("version: 2\nstages: [a]\nx:\n  stage: b\n  script: [ok]\n  needs: [y, x]\n");
    expect(result.ok ? [] : result.error.map(({ line, column, path }) => [line, column, path])).toEqual([
      [1, 10, "/version"],
      [4, 10, "/x/stage"],
      [6, 11, "/x/needs/0"],
      [6, 14, "/x/needs/1"],
    ]);
  });

  test("answers the rules and the root variables beside the graph", () => {
    const result = compile(
      "version: v1\nstages: [a]\nvariables: {A: b}\nworkflow: {rules: [{if: $A, when: never}]}\nx: {stage: a, script: [y]}\n",
    );
    const { rules, variables } = result.ok ? result.value : {};
    expect({ rules, variables }).toEqual({
      variables: { A: "b" },
      rules: [
        { if: "$A", when: "never", condition: { kind: "set", value: { kind: "variable", name: "A" } } },
      ],
    });
  });

  test("warns once of each job key that will not be carried out, where it is written", () => {
    const text = `version: v1
stages: [a]
default: {image: node}
.kept: {cache: {paths: [x]}, artifacts: {paths: [y]}}
unused: {extends: .kept, stage: a, script: [x], cache: null, services: []}
one: {extends: .kept, stage: a, script: [x], cache: {key: k}}
two: {extends: .kept, stage: a, script: [x], image: deno}
`;
    const unsupported = {
      image: "no image",
      cache: "no cache",
      artifacts: "no artifacts",
      services: "no services",
      secrets: "no secrets",
    };
    const result = compileWorkflow({ path: "w.yml", text, unsupported });
    const warnings = result.ok ? result.value.warnings : [];
    expect(warnings.map(({ line, path, message, severity }) => [line, path, message, severity])).toEqual([
      [3, "/default/image", "no image", "warning"],
      [4, "/.kept/artifacts", "no artifacts", "warning"],
      [6, "/one/cache", "no cache", "warning"],
    ]);
    expect(compile(text)).toMatchObject({ ok: true, value: { warnings: [] } });
  });

  test("answers plain data that survives JSON", () => {
    const result = compile(
      "version: v1\nstages: [a]\nx: {stage: a, script: [y], invariant: {__proto__: 1}}\n",
    );
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});
