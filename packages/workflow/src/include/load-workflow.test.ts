import { err, ok } from "@loom/core";
import { describe, expect, test } from "vitest";
import { compileWorkflow } from "../compile-workflow.ts";
import type { IncludeRefusal, ReadInclude } from "./read-include.ts";

const MAIN = [
  "version: v1",
  "stages: [test]",
  "include: [{local: .loom/templates/a.yml}, {local: .loom/templates/b.yml}]",
  "unit: {stage: test, script: [x]}",
].join("\n");

const messagesWith = (readInclude?: ReadInclude): string[] => {
  const source = { path: "w.yml", text: MAIN, ...(readInclude !== undefined && { readInclude }) };
  const result = compileWorkflow(source);
  return result.ok ? [] : result.error.map(({ file, message }) => `${file}: ${message}`);
};

describe("compileWorkflow() with includes", () => {
  test("asks for each file once, also when several files include it", () => {
    const asked: string[] = [];
    const messages = messagesWith((path) => {
      asked.push(path);
      return ok(path.endsWith("base.yml") ? ".t: {}\n" : "include: [{local: .loom/templates/base.yml}]\n");
    });
    expect(messages).toEqual([]);
    expect(asked).toEqual([".loom/templates/a.yml", ".loom/templates/base.yml", ".loom/templates/b.yml"]);
  });

  test.each<[refusal: IncludeRefusal, message: string]>([
    [{ code: "not_found" }, "create .loom/templates/a.yml, or remove this include"],
    [{ code: "outside_repo" }, "include a file inside the repository: .loom/templates/a.yml leads out of it"],
    [
      { code: "unreadable", reason: "it is a directory" },
      "make .loom/templates/a.yml readable, or remove this include: it is a directory",
    ],
  ])("says what to do about a reader that answers %o", (refusal, message) => {
    const readInclude: ReadInclude = (path) => (path.endsWith("a.yml") ? err(refusal) : ok(""));
    expect(messagesWith(readInclude)).toEqual([`w.yml: ${message}`]);
  });

  test("finds no file without a reader", () => {
    expect(messagesWith()).toHaveLength(2);
  });

  test("never asks for a path that is not allowed", () => {
    const asked: string[] = [];
    const text = MAIN.replace(".loom/templates/a.yml", "../../etc/passwd.yml").replace(
      ".loom/templates/b.yml",
      '".loom/templates/x\\0.yml"',
    );
    compileWorkflow({
      path: "w.yml",
      text,
      readInclude: (path) => {
        asked.push(path);
        return ok("");
      },
    });
    expect(asked).toEqual([]);
  });

  test("reports the main file first, then included ones in the order they were read", () => {
    const messages = messagesWith((path) => ok(path.endsWith("a.yml") ? "a: 1\n" : "b: 1\n"));
    expect(messages).toEqual([
      ".loom/templates/a.yml: make this job a mapping",
      ".loom/templates/b.yml: make this job a mapping",
    ]);
  });
});
