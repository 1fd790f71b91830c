import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { compileFixture, fixtureNames, fixtureText } from "./fixture-files.ts";

const shipped = new URL("../schema/workflow-v1.schema.json", import.meta.url);
const schema: unknown = JSON.parse(readFileSync(shipped, "utf8"));
const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  schema as object,
);

/**
 * Invalid workflows that the schema accepts, for lack of:
 *
 * - what a job inherits: `default`, `extends` or an included file may complete it
 *   (cache, extends, job, retry)
 * - the names of other jobs, stages and variables (extends, needs, root, secrets, step)
 * - the text of included files (include)
 * - a grammar of conditions (rules)
 * - arithmetic: 600h, letters that take two bytes, and how many jobs a matrix makes (timeout, job, matrix)
 * - what YAML drops while it is read (yaml)
 */
const BEYOND_A_SCHEMA: { readonly [folder: string]: string } = {
  cache: "no-paths",
  extends: "cycle itself null-required part-left-incomplete unknown",
  include: "cycle itself list-inside missing needs-problem-inside problem-inside root-keys-inside too-deep",
  job: "empty script-missing script-null script-too-long stage-missing stage-unknown",
  matrix: "clash too-long too-many",
  needs:
    "cycle-of-three cycle-of-two inherited itself later-stage long-form-choice of-a-broken-job template two-cycles unknown",
  retry: "no-max",
  root: "variables-cycle variables-explosion",
  rules:
    "bad-flag bad-regex bare-word chained-comparison compared-condition dangling-and deep double-operator " +
    "error-in-block extra-parenthesis forgotten-dollar lonely-dollar match-without-regex missing-operator negated-comparison " +
    "regex-without-match single-ampersand single-equals single-quotes unclosed-literal unclosed-parenthesis unclosed-regex",
  secrets: "also-a-variable",
  step: "condition-syntax dir-name",
  timeout: "too-long",
  yaml: "alias anchor directive",
};

/** What an editor would say of a workflow. A syntax error never reaches the schema. */
function judge(fixture: string): "accepted" | "rejected" | "not yaml" {
  const document = parseDocument(fixtureText(fixture), { version: "1.2", schema: "core" });
  if (document.errors.length > 0) return "not yaml";
  return validate(document.toJS()) ? "accepted" : "rejected";
}

describe("workflow-v1.schema.json, as a JSON Schema validator reads it,", () => {
  const compiled = fixtureNames.map((fixture) => ({ fixture, valid: compileFixture(fixture).ok }));

  test.each(compiled.filter(({ valid }) => valid))("accepts $fixture", ({ fixture }) => {
    expect([judge(fixture), validate.errors ?? []]).toEqual(["accepted", []]);
  });

  test("rejects every invalid workflow but those that no schema of one file can judge", () => {
    const missed = compiled.filter(({ fixture, valid }) => !valid && judge(fixture) === "accepted");
    const expected = Object.entries(BEYOND_A_SCHEMA).flatMap(([folder, names]) =>
      names.split(" ").map((name) => `${folder}/${name}.yml`),
    );
    expect(missed.map(({ fixture }) => fixture)).toEqual(expected.sort());
  });
});

describe("workflow-template-v1.schema.json", () => {
  const path = new URL("../schema/workflow-template-v1.schema.json", import.meta.url);
  const accepts = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path, "utf8")) as object);

  test.each<[string, object, boolean]>([
    ["templates and jobs", { ".node": { image: "node:24" }, unit: { script: ["x"] } }, true],
    [
      "defaults, variables and further files",
      { default: { retry: 1 }, variables: { A: "b" }, include: [] },
      true,
    ],
    ["what belongs to the main file", { version: "v1" }, false],
    ["stages", { stages: ["a"] }, false],
    ["an unknown key of a job", { unit: { scrpt: ["x"] } }, false],
  ])("judges %s", (_, file, valid) => {
    expect(accepts(file)).toBe(valid);
  });
});
