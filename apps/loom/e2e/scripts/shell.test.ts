import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

test("steps run in the shell that their job names, each with its own words and exit code", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
default: {shell: bash}
bash: {stage: a, script: ['[[ abc == a* ]] && echo "matched in $BASH"', "false | cat; echo never"]}
sh: {stage: a, shell: sh, script: ["false | cat; echo piped"]}
node: {stage: a, shell: ["${process.execPath}", -e], script: ["console.log(1 + 1, process.env.LOOM_STEP)", "process.exit(7)"]}
dash: {stage: a, script: ["-x() { echo ran; }; -x"]}
missing: {stage: a, shell: [no-such-program, -c], script: [x]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/bash *│ matched in \/.*bash\n/u);
  expect(stdout).not.toMatch(/│ never/u);
  expect(stdout).toMatch(/sh *│ piped\n/u);
  expect(stdout).toMatch(/node *│ 2 1\n/u);
  expect(stdout).toMatch(/failed +node .*step 02 exit 7/u);
  expect(stdout).toMatch(/dash *│ ran\n/u);
  expect(stdout).toMatch(/failed +missing .*provider shell_not_found/u);
  expect(stdout).toContain('There is no executable "no-such-program" on PATH');
  expect(project.verdict()).toBe("valid");
});
