import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { withoutGitRepository } from "./git-environment.ts";

test("withoutGitRepository() leaves out what ties git to a repository, by git's own list", () => {
  const listed = execFileSync("git", ["rev-parse", "--local-env-vars"]).toString().trim().split("\n");
  const kept = {
    PATH: "/bin",
    GIT_AUTHOR_NAME: "A",
    GIT_SSH_COMMAND: "ssh -v",
    GIT_TRACE: "1",
    GIT_CONFIG_COUNT: "0",
  };
  const env = { ...Object.fromEntries(listed.map((name) => [name, "x"])), GIT_PREFIX: "src/", ...kept };
  expect(withoutGitRepository(env)).toStrictEqual(kept);
});
