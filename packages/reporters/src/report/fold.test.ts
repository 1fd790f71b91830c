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

test("githubAnnotation() names the place, and escapes what would end it", () => {
  const error = {
    index: 0,
    first: 0,
    last: 0,
    tool: "tsc",
    message: "no: 100%\nnever",
    severity: "error",
    role: "cause",
  } as const;
  expect(githubAnnotation({ ...error, file: "src/a,b:c.ts", line: 3, column: 4, code: "TS2322" })).toBe(
    "::error file=src/a%2Cb%3Ac.ts,line=3,col=4,title=tsc TS2322::no: 100%25%0Anever\n",
  );
  expect(
    githubAnnotation({ ...error, file: "a.py", line: 1, tool: "mypy", severity: "warning", message: "m" }),
  ).toBe("::warning file=a.py,line=1,title=mypy::m\n");
});
