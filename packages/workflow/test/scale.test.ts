import { expect, test } from "vitest";
import { compileWorkflow, graphToJson } from "../src/index.ts";

/** Jobs in two stages, each needing the three before it. */
function workflow(jobs: number): string {
  const lines = ["version: v1", "stages: [build, test]"];
  for (let index = 0; index < jobs; index += 1) {
    const needs = [1, 2, 3].flatMap((back) => (index >= back ? `j${index - back}` : []));
    lines.push(`j${index}:`, `  stage: ${index < jobs / 2 ? "build" : "test"}`);
    lines.push("  script:", `    - echo ${index}`, `  needs: [${needs.join(", ")}]`);
  }
  return `${lines.join("\n")}\n`;
}

test("compileWorkflow() takes 10,000 jobs with three needs each", () => {
  const jobs = 10_000;
  const result = compileWorkflow({ path: "w.yml", text: workflow(jobs) });
  expect(result.ok && [result.value.graph.nodes.length, result.value.graph.edges.length]).toEqual([
    jobs,
    3 * jobs - 6,
  ]);
});

test("compileWorkflow() takes 10,000 jobs of matrices, and no more", () => {
  const values = Array.from({ length: 100 }, (_, index) => `"${index}"`).join(", ");
  const text = (matrices: number, more = ""): string =>
    `version: v1\nstages: [a]\n.m: {stage: a, script: [x], matrix: [{A: [${values}], B: [x, y]}]}\n${Array.from(
      { length: matrices },
      (_, index) => `j${index}: {extends: .m${index > 0 ? `, needs: [j${index - 1}-7-x]` : ""}}\n`,
    ).join("")}${more}`;
  const result = compileWorkflow({ path: "w.yml", text: text(50) });
  expect(result.ok && [result.value.graph.nodes.length, result.value.graph.edges.length]).toEqual([
    10_000, 9_800,
  ]);
  const refused = compileWorkflow({ path: "w.yml", text: text(50, "last: {stage: a, script: [x]}\n") });
  expect(refused.ok ? [] : refused.error.map(({ path, message }) => [path, message])).toEqual([
    ["/.m/matrix", "split the workflow: it may have at most 10000 jobs, those of matrices among them"],
  ]);
});

test("compileWorkflow() refuses needs on matrices that make too many edges", () => {
  const values = Array.from({ length: 200 }, (_, index) => `"${index}"`).join(", ");
  const matrices = Array.from({ length: 25 }, (_, index) => `m${index}`);
  const text = [
    "version: v1",
    "stages: [a, b]",
    `.m: {stage: a, script: [x], matrix: [{A: [${values}]}]}`,
    ...matrices.map((name) => `${name}: {extends: .m}`),
    ...Array.from(
      { length: 4_900 },
      (_, index) => `j${index}: {stage: b, script: [x], needs: [${matrices.join(",")}]}`,
    ),
  ].join("\n");
  const result = compileWorkflow({ path: "w.yml", text });
  expect(result.ok ? [] : result.error.map(({ message }) => message)).toEqual([
    "shorten what jobs inherit, or split the workflow: the compiled graph grows too large",
  ]);
});

test("compileWorkflow() does not count templates among the jobs", () => {
  const text = `${workflow(10_000)}\n.base:\n  timeout: 5m\n`;
  expect(compileWorkflow({ path: "w.yml", text }).ok).toBe(true);
});

test("compileWorkflow() refuses one job too many", () => {
  const result = compileWorkflow({ path: "w.yml", text: workflow(10_001) });
  expect(result.ok ? [] : result.error.map(({ path, message }) => [path, message])).toEqual([
    ["/j10000", "split the workflow: it may have at most 10000 jobs"],
  ]);
});

test("compileWorkflow() takes a file of exactly one mebibyte and refuses one byte more", () => {
  const head = "version: v1\nstages: [a]\na: {stage: a, script: [x]}\n#";
  const full = head + "é".repeat((1_048_576 - head.length) / 2) + "x".repeat((1_048_576 - head.length) % 2);
  expect(compileWorkflow({ path: "w.yml", text: full }).ok).toBe(true);
  const result = compileWorkflow({ path: "w.yml", text: `${full}x` });
  expect(result.ok ? [] : result.error.map(({ code, line, message }) => [code, line, message])).toEqual([
    ["WF_SCHEMA_V1", 1, "shorten this file to at most 1048576 bytes, or move jobs into included files"],
  ]);
});

test("compileWorkflow() takes 1,000 steps of 64 KiB at most, and no more", () => {
  const steps = (count: number, step: string): string =>
    `version: v1\nstages: [a]\na:\n  stage: a\n  script:\n${`    - ${step}\n`.repeat(count)}`;
  expect(compileWorkflow({ path: "w.yml", text: steps(1000, "x") }).ok).toBe(true);
  expect(compileWorkflow({ path: "w.yml", text: steps(1001, "x") }).ok).toBe(false);
  expect(compileWorkflow({ path: "w.yml", text: steps(1, "x".repeat(65_536)) }).ok).toBe(true);
  expect(compileWorkflow({ path: "w.yml", text: steps(1, "x".repeat(65_537)) }).ok).toBe(false);
});

test("graphToJson() gives the same bytes for the same text", () => {
  const bytes = (): string => {
    const result = compileWorkflow({ path: "w.yml", text: workflow(500) });
    return result.ok ? graphToJson(result.value.graph) : "";
  };
  expect(bytes()).toBe(bytes());
});
