import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [test]
unit:
  stage: test
  script: ["sh ./run-tests.sh"]
  artifacts:
    paths: [dist]
    reports:
      junit: reports/*.xml
`;

/** A test runner: writes a report and fails when the file outside says so. */
const RUNNER = `mkdir -p reports dist; echo built > dist/app
if [ -e "$FLAG" ]; then outcome='<failure message="expected 4 to be 5">AssertionError: expected 4 to be 5
 at src/sum.test.ts:12:7</failure>'; fi
cat > reports/unit.xml <<EOF
<testsuites><testsuite name="src/sum.test.ts">
<testcase classname="src/sum.test.ts" name="adds" time="0.01">$outcome</testcase>
<testcase classname="src/sum.test.ts" name="subtracts" time="0.02"/>
<testcase classname="src/sum.test.ts" name="divides"><skipped/></testcase>
</testsuite></testsuites>
EOF
echo tests ended
[ -z "$outcome" ]
`;

function project(): {
  readonly project: Project;
  readonly env: Record<string, string>;
  readonly flag: string;
} {
  const made = makeProject({ workflow: WORKFLOW });
  writeFileSync(join(made.root, "run-tests.sh"), RUNNER);
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-qm", "tests"],
  ])
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", ...args], {
      cwd: made.root,
    });
  const { env, cache } = snapshots();
  const flag = join(cache, "flag");
  return { project: made, env: { ...env, FLAG: flag }, flag };
}

describe("artifacts.reports.junit", () => {
  test("tells the failed tests in the manifest, in explain, in annotations and in JUnit, whatever the result", () => {
    const { project: made, env, flag } = project();
    writeFileSync(flag, "");
    const junit = join(flag, "../junit.xml");
    const run = made.loom(["run", "--reporter", "github", "--reporter", `junit=${junit}`], env);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/::error file=src\/sum\.test\.ts,line=12.*expected 4 to be 5/u);
    const failure = {
      name: "adds",
      suite: "src/sum.test.ts",
      file: "src/sum.test.ts",
      line: 12,
      message: "expected 4 to be 5",
    };
    const { jobManifest, receipt, directory } = made.lastRun();
    expect(jobManifest("unit").tests).toEqual({
      reports: ["reports/unit.xml"],
      total: 3,
      failed: 1,
      skipped: 1,
      failures: [failure],
    });
    // Of a job that failed, only the reports are kept.
    expect(jobManifest("unit").artifacts?.files.map(({ path }) => path)).toEqual(["reports/unit.xml"]);
    expect(readFileSync(join(directory, "jobs/unit/artifacts/reports/unit.xml"), "utf8")).toContain("adds");
    const explained = JSON.parse(made.loom(["explain", "--json"], env).stdout) as { errors: unknown };
    expect(explained.errors).toEqual([
      { tool: "junit", message: "expected 4 to be 5", file: "src/sum.test.ts", line: 12, test: "adds" },
    ]);
    const written = readFileSync(junit, "utf8");
    expect(written).toMatch(/<testsuite name="unit" tests="4" failures="2" errors="0" skipped="1"/u);
    expect(written).toMatch(/<testcase classname="src\/sum.test.ts" name="subtracts" time="0.020"\/>/u);
    expect(made.verdict(receipt.run_id)).toBe("valid");
  });

  test("lists a test that both passed and failed on the same files as flaky", () => {
    const { project: made, env, flag } = project();
    expect(made.loom(["run", "-q"], env).exitCode).toBe(0);
    expect(
      made
        .lastRun()
        .jobManifest("unit")
        .artifacts?.files.map(({ path }) => path),
    ).toEqual(["dist/app", "reports/unit.xml"]);
    writeFileSync(flag, "");
    expect(made.loom(["run", "-q"], env).exitCode).toBe(1);
    const flaky = JSON.parse(made.loom(["flaky", "--json"], env).stdout) as { tests: unknown };
    expect(flaky.tests).toEqual([
      expect.objectContaining({
        job_id: "unit",
        suite: "src/sum.test.ts",
        name: "adds",
        passed: 1,
        failed: 1,
      }),
    ]);
    expect(made.loom(["flaky"], env).stdout).toMatch(
      /unit +50 % +failed 1 of 2 .*src\/sum\.test\.ts adds\n/u,
    );
  });

  test("says which report it cannot read, and that none is there, and fails nothing for it", () => {
    const { project: made, env } = project();
    writeFileSync(join(made.root, "run-tests.sh"), "mkdir reports; echo no XML > reports/a.xml");
    const { stdout, exitCode } = made.loom(["run", "-v"], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('The report "reports/a.xml" is left out: it is not well-formed XML');
    writeFileSync(join(made.root, "run-tests.sh"), "true");
    expect(made.loom(["run", "-v"], env).stdout).toContain(
      '"reports/*.xml" of the artifacts matches nothing',
    );
  });
});
