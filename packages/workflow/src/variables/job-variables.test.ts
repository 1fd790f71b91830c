import { describe, expect, test } from "vitest";
import { expandVariables } from "./expand-variables.ts";
import { jobVariables } from "./job-variables.ts";

describe("jobVariables()", () => {
  test("takes a name in its own value for that of the weaker layer", () => {
    const variables = jobVariables(
      {
        variables: [
          { key: "CI", value: "$CI-job" },
          { key: "FLAGS", value: "-O2" },
          { key: "ROOT", value: "${ROOT}/x" },
        ],
      },
      { predefined: { CI: "true", ROOT: "/a$b" }, commandLine: { FLAGS: "$FLAGS -g", CI: "${CI}!" } },
    );
    expect(expandVariables(variables)).toEqual({
      ok: true,
      value: { CI: "true-job!", ROOT: "/a$b/x", FLAGS: "-O2 -g" },
    });
  });

  test("takes what is predefined as it is, whatever a commit message holds", () => {
    const variables = jobVariables(
      { variables: [{ key: "NOTE", value: "$MESSAGE" }] },
      { predefined: { MESSAGE: "costs $$5, see $NOTE and $MESSAGE" } },
    );
    expect(expandVariables(variables)).toEqual({
      ok: true,
      value: { MESSAGE: "costs $$5, see $NOTE and $MESSAGE", NOTE: "costs $$5, see $NOTE and $MESSAGE" },
    });
  });
});
