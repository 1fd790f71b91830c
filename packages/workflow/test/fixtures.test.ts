import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok } from "@loom/core";
import { describe, expect, test } from "vitest";
import { compileWorkflow, formatProblem, graphToJson, type ReadInclude } from "../src/index.ts";

const ROOT = join(import.meta.dirname, "fixtures");
const TEMPLATES = ".loom/templates/";

/** Included files of `name.yml` lie in the folder `name.templates`. */
function readerFor(fixture: string): ReadInclude {
  const folder = fixture.replace(/\.yml$/, ".templates");
  return (path) => {
    const file = join(ROOT, folder, path.slice(TEMPLATES.length));
    return existsSync(file) ? ok(readFileSync(file, "utf8")) : err({ code: "not_found" });
  };
}

const fixtures = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yml") && !name.includes(".templates"))
  .sort();

describe("compileWorkflow()", () => {
  test("has fixtures to be judged by", () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(150);
  });

  test.each(fixtures)("compiles %s as recorded", async (fixture) => {
    const text = readFileSync(join(ROOT, fixture), "utf8");
    const readInclude = readerFor(fixture);
    const result = compileWorkflow({ path: ".loom/workflow.yml", text, readInclude });
    expect(compileWorkflow({ path: ".loom/workflow.yml", text, readInclude })).toEqual(result);
    const base = join(ROOT, fixture.replace(/\.yml$/, ""));
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
