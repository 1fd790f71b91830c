import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatProblem, graphToJson } from "../src/index.ts";
import { compileFixture, fixtureNames, FIXTURES } from "./fixture-files.ts";

describe("compileWorkflow()", () => {
  test("has fixtures to be judged by", () => {
    expect(fixtureNames.length).toBeGreaterThanOrEqual(150);
  });

  test.each(fixtureNames)("compiles %s as recorded", async (fixture) => {
    const result = compileFixture(fixture);
    expect(compileFixture(fixture)).toEqual(result);
    const base = join(FIXTURES, fixture.replace(/\.yml$/, ""));
    const [kind, other] = result.ok ? ["graph.json", "problems.txt"] : ["problems.txt", "graph.json"];
    expect(existsSync(`${base}.${other}`), `${fixture} is recorded as the opposite`).toBe(false);
    const problems = result.ok ? result.value.warnings : result.error;
    const report = problems.map((problem) => `${formatProblem(problem)}\n`).join("");
    await expect(result.ok ? graphToJson(result.value.graph) : report).toMatchFileSnapshot(`${base}.${kind}`);
    if (result.ok && (report !== "" || existsSync(`${base}.warnings.txt`))) {
      await expect(report).toMatchFileSnapshot(`${base}.warnings.txt`);
    }
  });
});
