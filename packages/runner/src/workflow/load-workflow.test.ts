import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileAt, describeProblems } from "./load-workflow.ts";

const WORKFLOW = [
  "version: v1",
  "stages: [a]",
  "include: [{local: .loom/templates/t.yml}]",
  "a: {stage: a, script: [x]}",
].join("\n");

/** What is reported of a workflow whose included file was made by `makeTemplate`. */
function problems(main: string | Buffer, makeTemplate: (path: string, root: string) => void): string {
  const root = mkdtempSync(join(tmpdir(), "loom-load-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, ".loom/templates"), { recursive: true });
  const workflowPath = join(root, ".loom/workflow.yml");
  writeFileSync(workflowPath, main);
  makeTemplate(join(root, ".loom/templates/t.yml"), root);
  const compiled = compileAt({ workflowPath, repoRoot: root }, ".loom/workflow.yml");
  return compiled.ok ? "" : (describeProblems(compiled.error).split("\n")[0] ?? "");
}

const NOTHING = "a: {}\n";
const invalid = Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a]);

describe("compileAt()", () => {
  test("compiles a workflow and what it includes", () => {
    expect(problems(WORKFLOW, (path) => writeFileSync(path, NOTHING))).toBe("");
  });

  test("asks for UTF-8, in the workflow and in an included file", () => {
    expect(problems(invalid, (path) => writeFileSync(path, NOTHING))).toMatchInlineSnapshot(
      `".loom/workflow.yml:1:4 WF_YAML /: save this file as UTF-8"`,
    );
    const later = Buffer.concat([
      Buffer.from("version: v1\nnäme: \uFFFD"),
      Buffer.from([0xe4]),
      Buffer.from("x\n"),
    ]);
    expect(problems(later, (path) => writeFileSync(path, NOTHING))).toBe(
      ".loom/workflow.yml:2:8 WF_YAML /: save this file as UTF-8",
    );
    expect(problems(WORKFLOW, (path) => writeFileSync(path, invalid))).toMatchInlineSnapshot(
      `".loom/workflow.yml:3:19 WF_SCHEMA_V1 /include/0/local: make .loom/templates/t.yml readable, or remove this include: it is not UTF-8"`,
    );
  });

  test("says why a workflow cannot be read", () => {
    const root = mkdtempSync(join(tmpdir(), "loom-load-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const compiled = compileAt({ workflowPath: root, repoRoot: root }, ".loom/workflow.yml");
    expect(!compiled.ok && describeProblems(compiled.error)).toBe(
      ".loom/workflow.yml:1:1 WF_YAML /: make this file readable: it is a folder (EISDIR)",
    );
  });

  test("waits for no pipe, and follows links inside the repository only", () => {
    const pipe = (path: string): unknown => execFileSync("mkfifo", [path]);
    expect(problems(WORKFLOW, pipe)).toMatchInlineSnapshot(
      `".loom/workflow.yml:3:19 WF_SCHEMA_V1 /include/0/local: make .loom/templates/t.yml readable, or remove this include: it is not a file"`,
    );
    expect(problems(WORKFLOW, (path) => mkdirSync(path))).toMatchInlineSnapshot(
      `".loom/workflow.yml:3:19 WF_SCHEMA_V1 /include/0/local: make .loom/templates/t.yml readable, or remove this include: it is not a file"`,
    );
    expect(problems(WORKFLOW, (path) => symlinkSync("/etc/passwd", path))).toMatchInlineSnapshot(
      `".loom/workflow.yml:3:19 WF_SCHEMA_V1 /include/0/local: include a file inside the repository: .loom/templates/t.yml leads out of it"`,
    );
    expect(
      problems(WORKFLOW, (path, root) => {
        writeFileSync(join(root, "elsewhere.yml"), NOTHING);
        symlinkSync("../../elsewhere.yml", path);
      }),
    ).toBe("");
  });
});
