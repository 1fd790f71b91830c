import { expect, test } from "vitest";
import { problemsFromHere } from "./problems-from-here.ts";

test("problemsFromHere() names included files from the folder the user is in, as the main file is", () => {
  const problem = {
    code: "WF_SCHEMA_V1",
    line: 1,
    column: 1,
    startOffset: 0,
    endOffset: 1,
    path: "",
    message: "add a job",
  };
  const location = { workflowPath: "/repo/.loom/workflow.yml", repoRoot: "/repo" };
  const named = problemsFromHere(
    [
      { ...problem, file: "../.loom/workflow.yml" },
      { ...problem, file: ".loom/templates/a.yml" },
    ],
    { cwd: "/repo/sub", location },
  );
  expect(named.map(({ file }) => file)).toEqual(["../.loom/workflow.yml", "../.loom/templates/a.yml"]);
});
