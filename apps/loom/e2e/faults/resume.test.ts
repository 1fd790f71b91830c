import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

/** Each step says in a file outside of the snapshot that it ran. */
const WORKFLOW = `version: v1
stages: [build, test, last]
default:
  variables:
    GREETING: $NAME
build:
  stage: build
  script:
    - echo build >> "$RAN"; echo built > built.txt
  artifacts:
    paths: [built.txt]
apart:
  stage: test
  workspace: own
  script:
    - cat built.txt
    - echo apart >> "$RAN"; if [ $(grep -c apart "$RAN") = 1 ]; then echo waits; sleep 300; fi
shared:
  stage: test
  script:
    - echo shared >> "$RAN"; if [ $(grep -c shared "$RAN") = 1 ]; then echo waits; sleep 300; fi
last:
  stage: last
  script:
    - cat built.txt; echo "last $GREETING" >> "$RAN"
`;

interface Killed {
  readonly project: Project;
  readonly env: Readonly<Record<string, string>>;
  /** What has run, in order. */
  readonly ran: () => readonly string[];
}

/** A run that was killed in its second stage. */
async function killed(args: readonly string[] = []): Promise<Killed> {
  const project = makeProject({ workflow: WORKFLOW });
  const { env: place, cache } = snapshots();
  const file = join(cache, "ran");
  const env = { ...place, RAN: file };
  const run = project.start(["run", "-j", "2", "--stream", ...args], env);
  await run.said("waits");
  await expect.poll(() => readFileSync(file, "utf8")).toContain("shared");
  await expect.poll(() => readFileSync(file, "utf8")).toContain("apart");
  run.process.kill("SIGKILL");
  await run.ended;
  return { project, env, ran: () => readFileSync(file, "utf8").trimEnd().split("\n") };
}

describe("loom resume", () => {
  test("goes on with a run that was killed: what had ended stays, what was under way begins anew", async () => {
    const { project, env, ran } = await killed();
    const ended = project.loom(["resume"], env);
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ran().toSorted()).toEqual(["apart", "apart", "build", "last $NAME", "shared", "shared"]);
    expect(project.verdict()).toBe("valid");
    const { receipt, directory, jobManifest, events } = project.lastRun();
    expect(receipt).toMatchObject({ status: "success", exit_code: 0 });
    const attempted = (job: string): boolean =>
      existsSync(join(directory, `jobs/${job}/user/execution/attempts`));
    expect([attempted("build"), attempted("shared")]).toEqual([false, true]);
    expect(jobManifest("shared")).toMatchObject({ status: "success" });
    expect(events("events.jsonl")).toContainEqual(expect.objectContaining({ resumed: true }));
    expect(project.loom(["resume"], env)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("The run cannot go on: its jobs are over") as string,
    });
  });

  test("wants the variables that the run was started with", async () => {
    const { project, env, ran } = await killed(["--var", "NAME=you"]);
    const without = project.loom(["resume"], env);
    expect(without).toMatchObject({ exitCode: 2 });
    expect(without.stderr).toContain("started with --var NAME, and values are not recorded");
    expect(project.loom(["resume", "--var", "NAME=you"], env)).toMatchObject({ exitCode: 0 });
    expect(ran().at(-1)).toBe("last you");
    expect(project.verdict()).toBe("valid");
  });

  test("leaves alone a run that goes on, and says so", async () => {
    const project = makeProject({
      workflow: "version: v1\nstages: [a]\na:\n  stage: a\n  script: [echo here; sleep 30]\n",
    });
    const run = project.start(["run", "--stream"]);
    await run.said("here");
    expect(project.loom(["resume"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/Run "loom-run-local-\d+" .*process/u) as string,
    });
    run.process.kill("SIGTERM");
    await run.ended;
    expect(project.verdict()).toBe("valid");
  });

  test("can itself be killed, and go on again or be closed", async () => {
    const { project, env } = await killed();
    const first = project.start(["resume"], env);
    // It says what had been, and then that it goes on.
    await first.said("The run goes on");
    first.process.kill("SIGKILL");
    await first.ended;
    const recovered = project.loom(["recover", "last"], env);
    expect(recovered.exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
    expect(project.lastRun().receipt).toMatchObject({
      status: "failure",
      error: "The run was interrupted: loom ended before the run did",
    });
  });
});
