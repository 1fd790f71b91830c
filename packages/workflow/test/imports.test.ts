import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { describe, expect, test } from "vitest";
import { importWorkflow } from "../src/import/index.ts";
import { compileWorkflow, type IncludeRefusal } from "../src/index.ts";

const FOLDER = join(import.meta.dirname, "imports");

function readInclude(folder: string, path: string): Result<string, IncludeRefusal> {
  try {
    return ok(readFileSync(join(folder, path), "utf8"));
  } catch {
    return err({ code: "not_found" });
  }
}

/** `vitest --update` records what is made of each configuration, and what is said of it. */
describe.each(["gitlab", "github"])("importWorkflow() carries over what %s writes about", (kind) => {
  const folder = join(FOLDER, kind);
  const names = readdirSync(folder).filter((name) => name.endsWith(".in.yml"));

  test.each(names.map((name) => name.replace(".in.yml", "")))("%s", async (name) => {
    const text = readFileSync(join(folder, `${name}.in.yml`), "utf8");
    const imported = importWorkflow({
      path: `${name}.yml`,
      text,
      readInclude: (path) => readInclude(folder, path),
    });
    if (!imported.ok) throw new Error(imported.error.message);
    const { notes, text: workflow } = imported.value;
    const said = notes.map(({ file, line, message }) => `${file}:${line}: ${message}\n`).join("");
    await expect(workflow).toMatchFileSnapshot(join(folder, `${name}.out.yml`));
    await expect(said).toMatchFileSnapshot(join(folder, `${name}.notes.txt`));
    expect(compileWorkflow({ path: "workflow.yml", text: workflow }).ok).toBe(true);
  });
});

describe("importWorkflow() refuses", () => {
  const refusalOf = (text: string): string => {
    const imported = importWorkflow({ path: "ci.yml", text });
    return imported.ok
      ? "imported"
      : `${imported.error.line}: ${imported.error.code}: ${imported.error.message}`;
  };

  test.each([
    ["nothing", ""],
    ["a list", "- a\n"],
    ["text", "hello"],
    ["a workflow of Loom", "version: v1\nstages: [a]\nb: {stage: a, script: [c]}\n"],
    ["what is no YAML", "a: [\n"],
    ["an alias without an anchor", "a: {script: *b}\n"],
    ["too much nesting", `a: ${"[".repeat(100)}${"]".repeat(100)}`],
  ])("%s", (_, text) => {
    expect(refusalOf(text)).toMatchSnapshot();
  });

  test("anchors that multiply each other", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let at = 1; at < 12; at += 1) lines.push(`a${at}: &a${at} [${`*a${at - 1}, `.repeat(10)}]`);
    expect(refusalOf(`${lines.join("\n")}\njob: {script: [x]}\n`)).toContain("more than 500000 values");
  });

  test("anchors that make a deep tree of a flat one", () => {
    const lines = ["a0: &a0 [x]"];
    for (let at = 1; at < 5000; at += 1) lines.push(`a${at}: &a${at} [*a${at - 1}]`);
    expect(refusalOf(`${lines.join("\n")}\njob: {script: [x]}\n`)).toContain("nest too deep");
  });

  test("references that multiply each other", () => {
    const lines = ["a0: [x, x, x, x, x, x, x, x, x, x]"];
    for (let at = 1; at < 9; at += 1) lines.push(`a${at}: [${`!reference [a${at - 1}], `.repeat(10)}]`);
    expect(refusalOf(`${lines.join("\n")}\njob: {script: [x]}\n`)).toContain("too_large");
  });

  test("inheritance that multiplies", () => {
    const variables = Array.from({ length: 5000 }, (_, at) => `V${at}: ""`).join(", ");
    const jobs = Array.from(
      { length: 2000 },
      (_, at) => `j${at}: {extends: .t, script: [x], variables: {A: b}}`,
    );
    expect(refusalOf(`.t: {variables: {${variables}}}\n${jobs.join("\n")}\n`)).toContain("too_large");
  });

  test("scripts that multiply in blocks of each job", () => {
    const line = `echo ${"x".repeat(50_000)}`;
    const jobs = Array.from({ length: 100 }, (_, at) => `j${at}: {extends: .t, script: [x]}`);
    expect(refusalOf(`.t: {before_script: [A=1, "${line}"]}\n${jobs.join("\n")}\n`)).toContain("too_large");
  });

  test("parents that multiply each other", () => {
    const jobs = ["t0: {script: [x]}"];
    for (let at = 1; at < 45; at += 1) {
      jobs.push(`a${at}: {extends: [t${at - 1}]}`, `b${at}: {extends: [t${at - 1}]}`);
      jobs.push(`t${at}: {extends: [a${at}, b${at}]}`);
    }
    expect(refusalOf(`${jobs.reverse().join("\n")}\n`)).toContain("too_large");
  });
});

describe("importWorkflow() takes no longer for", () => {
  const LONG = 900_000;
  const inJob = (key: string, text: string): string => `unit: {script: [x], ${key}: ${text}}\n`;
  const inStep = (text: string): string => `jobs: {a: {steps: [{run: ${JSON.stringify(text)}}]}}\n`;
  const repeated = (text: string): string => text.repeat(LONG / text.length);

  test.each([
    ["expressions that nothing closes", inStep(repeated("${{ "))],
    ["expressions in thousands", inStep(repeated("${{ a.b }} "))],
    ["format within format", inStep(`\${{ ${"format('{0}{0}', ".repeat(45)}'x'${")".repeat(45)} }}`)],
    ["parentheses", inStep(`\${{ ${repeated("(")} }}`)],
    ["a condition", inJob("rules", `[{if: ${JSON.stringify(repeated("$A == 'b' && "))}}]`)],
    ["quotes", inJob("rules", `[{if: ${JSON.stringify(repeated(`'"/`))}}]`)],
    ["commands", `unit: {script: [${JSON.stringify(repeated("set "))}, x]}\n`],
    ["substitutions", `unit: {script: [${JSON.stringify(repeated("${a"))}, ${JSON.stringify("x")}]}\n`],
    ["names in a path", inJob("artifacts", `{paths: [${JSON.stringify(repeated("$A/"))}]}`)],
    ["a duration", inJob("timeout", JSON.stringify(repeated("1h ")))],
    [
      "values that grow",
      `variables: {A: "${"$B".repeat(200)}", B: "${"$C".repeat(200)}", C: "${"x".repeat(400)}"}\n${inJob("image", '"$A$A$A"')}`,
    ],
    [
      "axes of a matrix",
      `jobs: {a: {strategy: {matrix: {${Array.from({ length: 25 }, (_, at) => `a${at}: [1, 2, 3]`).join(", ")}}}, steps: [{run: x}]}}\n`,
    ],
  ])("%s", { timeout: 20_000 }, (_, text) => {
    const startedAt = performance.now();
    importWorkflow({ path: "ci.yml", text });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
