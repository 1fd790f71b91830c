import { execFileSync } from "node:child_process";
import { stepCommand } from "@loom/ports";
import { expect, test } from "vitest";

test("stepCommand() runs a script in sh, in bash with its options, or as the last argument of a program", () => {
  expect(stepCommand({}, "x", false)).toEqual({ program: "sh", args: ["-ec", "--", "x"] });
  expect(stepCommand({ shell: "bash" }, "x", false)).toEqual({
    program: "bash",
    args: ["-eo", "pipefail", "-c", "--", "x"],
  });
  expect(stepCommand({ shell: ["python3", "-c"] }, "x", true)).toEqual({
    program: "python3",
    args: ["-c", "x"],
  });
});

test.each([false, true])("a script that begins with a dash is no option of bash, traced: %s", (isTraced) => {
  const { program, args } = stepCommand({ shell: "bash" }, "-x() { echo ran; }; -x", isTraced);
  expect(execFileSync(program, args, { encoding: "utf8", stdio: "pipe" })).toBe("ran\n");
});
