import { describe, expect, test } from "vitest";
import { foldBlock } from "./fold.ts";

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
