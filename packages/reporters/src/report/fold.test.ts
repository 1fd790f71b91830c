import { describe, expect, test } from "vitest";
import { foldBlock, githubAnnotation } from "./fold.ts";

const BLOCK = {
  name: "unit tests/1",
  title: "failed    unit",
  text: "::set-output name=x::y\nline\n",
  open: false,
  fromSeconds: 100,
  toSeconds: 121,
};

describe("foldBlock()", () => {
  test("folds on GitHub, and takes no command from what a job printed", () => {
    expect(foldBlock({ kind: "github", token: "t0k3n" }, BLOCK)).toBe(
      "::group::failed    unit\n::stop-commands::t0k3n\n::set-output name=x::y\nline\n::t0k3n::\n::endgroup::\n",
    );
    expect(foldBlock({ kind: "github", token: "t" }, { ...BLOCK, open: true })).not.toContain("::group::");
  });

  test("folds on GitLab", () => {
    expect(foldBlock({ kind: "gitlab" }, BLOCK)).toBe(
      "\u001B[0Ksection_start:100:loom_unit_tests_1[collapsed=true]\r\u001B[0Kfailed    unit\n::set-output name=x::y\nline\n\u001B[0Ksection_end:121:loom_unit_tests_1\r\u001B[0K\n",
    );
  });

  test("puts a heading elsewhere", () => {
    expect(foldBlock({ kind: "heading" }, { ...BLOCK, text: "a\n" })).toBe("== failed    unit\na\n");
  });
});

test.each([
  [
    "src/plan.ts:41:7 error Promises must be awaited",
    "::error file=src/plan.ts,line=41,col=7::error Promises must be awaited\n",
  ],
  ["main.c:12: error: x undeclared, 100%", "::error file=main.c,line=12::error: x undeclared, 100%25\n"],
  ["src/a.ts(3,4): error TS2322: no", "::error file=src/a.ts,line=3,col=4::error TS2322: no\n"],
  ["error: nothing is known of the place", ""],
  ["12:04:51 error in the clock", ""],
  ["a.ts:3:1 warning", ""],
])("githubAnnotation() of %s", (line, annotation) => {
  expect(githubAnnotation(line)).toBe(annotation);
});
