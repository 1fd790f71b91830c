import { describe, expect, test } from "vitest";
import { parseGitStatus } from "./git-status.ts";

const ORDINARY = "1 .M N... 100644 100644 100755 aaa bbb a file";
const RENAMED = "2 R. N... 100644 100644 100644 aaa bbb R100 new name";
const UNMERGED = "u UU N... 100644 100644 100644 100644 aaa bbb ccc both";

const text = (...records: readonly string[]): string => records.map((record) => `${record}\0`).join("");

describe("parseGitStatus()", () => {
  test("reads changes with spaces in their names, and does not take the old name of a rename for an entry", () => {
    const status = parseGitStatus(text(ORDINARY, RENAMED, "? old name", UNMERGED, "? new.txt", "? repo/"));
    expect(status).toEqual({
      changed: [
        { path: "a file", mode: "100755", isStaged: false, isUnstaged: true },
        { path: "new name", mode: "100644", isStaged: true, isUnstaged: false },
        { path: "both", mode: "100644", isStaged: true, isUnstaged: true },
      ],
      untracked: ["new.txt"],
      nested: ["repo"],
    });
  });

  test("knows a checkout without a commit, and one without a branch", () => {
    const none = parseGitStatus(text("# branch.oid (initial)", "# branch.head main"));
    expect(none).toEqual({ branch: "main", changed: [], untracked: [], nested: [] });
    const detached = parseGitStatus(text("# branch.oid abc", "# branch.head (detached)", "# stash 1"));
    expect(detached).toEqual({ headSha: "abc", changed: [], untracked: [], nested: [] });
  });

  test("throws on an entry that the format does not have", () => {
    expect(() => parseGitStatus(text("x y"))).toThrow("unknown kind");
  });
});
