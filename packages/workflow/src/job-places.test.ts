import { expect, test } from "vitest";
import { compileWorkflow, type CompiledWorkflow } from "./compile-workflow.ts";
import { formatProblem } from "./format-problem.ts";
import type { WorkflowPlace } from "./workflow-problem.ts";

const INCLUDED = `.base:
  timeout: 5m
  cache: {key: k, paths: [p]}
lint:
  stage: a
  script: [included]
`;

const MAIN = `version: v1
stages: [a]
include: [{local: .loom/templates/base.yml}]
default:
  image: node
  retry: 1
variables: {ROOT: r}
unit:
  extends: .base
  stage: a
  script:
    - x
  retry: null
  cache:
    paths: [q]
lint:
  script: [main]
constructor: {stage: a, script: [y], variables: {OWN: o}}
`;

const { places }: CompiledWorkflow = compiled(MAIN);

function compiled(text: string): CompiledWorkflow {
  const result = compileWorkflow({
    path: "w.yml",
    text,
    readInclude: () => ({ ok: true, value: INCLUDED }),
  });
  if (!result.ok) throw new Error(result.error.map(formatProblem).join("\n"));
  return result.value;
}

function shown({ file, line, column, path }: WorkflowPlace): string {
  return `${file}:${line}:${column} ${path}`;
}

function keysOf(job: string): readonly string[] {
  return Object.entries(places[job]?.keys ?? {}).map(([key, place]) => `${key} ${shown(place)}`);
}

test("jobPlaces() finds every job where its name was written last", () => {
  expect(Object.values(places).map(shown)).toEqual([
    "w.yml:16:1 /lint",
    "w.yml:8:1 /unit",
    "w.yml:18:1 /constructor",
  ]);
});

test("jobPlaces() finds each key in the job, or in what the job takes it from", () => {
  expect(keysOf("unit").toSorted()).toEqual([
    "cache w.yml:14:3 /unit/cache",
    "extends w.yml:9:3 /unit/extends",
    "image w.yml:5:3 /default/image",
    "script w.yml:11:3 /unit/script",
    "stage w.yml:10:3 /unit/stage",
    "timeout .loom/templates/base.yml:2:3 /.base/timeout",
    "variables w.yml:7:1 /variables",
  ]);
  expect(keysOf("lint")).toEqual(
    expect.arrayContaining([
      "stage .loom/templates/base.yml:5:3 /lint/stage",
      "script w.yml:17:3 /lint/script",
    ]),
  );
  expect(keysOf("constructor")).toContain("variables w.yml:18:38 /constructor/variables");
});

test("jobPlaces() knows no job or key by the name of what every object has", () => {
  expect(compiled("version: v1\nstages: [a]\nx: {stage: a, script: [y]}\n").places["constructor"]).toBe(
    undefined,
  );
  expect(places["unit"]?.keys["toString"]).toBe(undefined);
});

test("jobPlaces() says which stretch of the text it is", () => {
  const { startOffset, endOffset } = places["unit"]?.keys["script"] ?? { startOffset: 0, endOffset: 0 };
  expect(MAIN.slice(startOffset, endOffset)).toBe("script");
});

test("formatProblem() shows a problem of one's own at a place of a workflow", () => {
  const place = places["lint"];
  expect(place).toBeDefined();
  if (place === undefined) return;
  const problem = { ...place, code: "LINT_TIMEOUT", severity: "warning", message: "add a timeout" } as const;
  expect(formatProblem(problem)).toBe("w.yml:16:1 LINT_TIMEOUT /lint: warning: add a timeout");
});

test("jobPlaces() finds a job of a matrix at its name, and its values in their entry", () => {
  const text = `version: v1
stages: [a]
unit:
  stage: a
  script: [x]
  matrix:
    - {A: [b]}
    - {A: [c]}
`;
  const { places: made } = compiled(text);
  expect(Object.entries(made).map(([id, place]) => `${id} ${shown(place)}`)).toEqual([
    "unit-b w.yml:3:1 /unit",
    "unit-c w.yml:3:1 /unit",
  ]);
  const { matrix, variables } = made["unit-c"]?.keys ?? {};
  expect([matrix, variables].map((place) => place && shown(place))).toEqual([
    "w.yml:6:3 /unit/matrix/1",
    "w.yml:8:7 /unit/matrix/1",
  ]);
});
