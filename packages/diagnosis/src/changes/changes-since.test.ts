import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listRuns, openRun } from "@loom/artifacts";
import { describe, expect, test } from "vitest";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { playOnDisk, type DiskPlay } from "../../test/play-on-disk.ts";
import { changesSince, type JobChanges } from "./changes-since.ts";
import { createGit, type GitOptions } from "@loom/system";

function git(folder: string, ...args: string[]): string {
  const settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...settings, ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function commit(folder: string, file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  git(folder, "add", file);
  git(folder, "commit", "-qm", `Change ${file}`);
  return git(folder, "rev-parse", "HEAD");
}

const PASSING: Partial<DiskPlay> = {};
const FAILING: Partial<DiskPlay> = { step: () => ({ end: { kind: "exited", exitCode: 1 } }) };

async function changesOf(
  root: string,
  plays: readonly Partial<DiskPlay>[],
  options: Partial<GitOptions> | false = {},
): Promise<JobChanges> {
  const played = plays.map((play, index) =>
    playOnDisk(root, { graph: graphOf([{ id: "unit" }]), ns: BigInt(index + 1), ...play }),
  );
  const [run, runs] = await Promise.all([openRun(played.at(-1)?.directory ?? ""), listRuns(root)]);
  if (!run.ok || !runs.ok) throw new Error("no run");
  return changesSince(run.value, "unit", {
    runs: runs.value,
    ...(options !== false && { git: createGit(root, { env: process.env, ...options }) }),
  });
}

describe("changesSince()", () => {
  test("changesSince() counts the commits and files since the last run in which the job passed", async () => {
    const root = temporaryDirectory();
    git(root, "init", "-q");
    const first = commit(root, "a.txt", "one\n");
    const second = commit(root, "b.txt", "1\n2\n");
    const third = commit(root, "a.txt", "two\nthree\n");
    const changes = await changesOf(root, [
      { ...PASSING, headSha: first },
      { ...FAILING, headSha: second },
      { ...FAILING, headSha: third, dirtyFiles: ["a.txt"] },
    ]);
    expect(changes).toMatchObject({
      since: { runId: "loom-run-local-1" },
      runsSearched: 2,
      workflow: { status: "same" },
      commits: {
        status: "changed",
        commits: 2,
        files: 2,
        insertions: 4,
        deletions: 1,
        mostChanged: ["a.txt", "b.txt"],
      },
      sentence:
        '"unit" passed in loom-run-local-1; since then: 2 commits, the last "Change a.txt"; 2 files changed (+4 -1): a.txt, b.txt; not committed: a.txt',
    });
  });

  test("changesSince() names the fields and variables of the job that changed, not their values", async () => {
    const before = graphOf([
      { id: "unit", script: ["npm test"], variables: [{ key: "TOKEN", value: "s3cret" }] },
      { id: "lint" },
    ]);
    const now = graphOf([{ id: "unit", script: ["npm t"], variables: [{ key: "TOKEN", value: "other" }] }]);
    const headSha = "0123456789abcdef0123456789abcdef01234567";
    const changes = await changesOf(temporaryDirectory(), [
      { graph: before, headSha },
      { ...FAILING, graph: now, headSha },
    ]);
    expect(changes.workflow).toStrictEqual({
      status: "changed",
      fields: ["script", "variables"],
      variables: ["TOKEN"],
      otherJobs: 1,
    });
    expect(changes.sentence).toBe(
      '"unit" passed in loom-run-local-1; since then: its script, variables (TOKEN) changed; 1 other job of the workflow changed',
    );
  });

  test("changesSince() says that nothing changed when nothing recorded did", async () => {
    const headSha = "0123456789abcdef0123456789abcdef01234567";
    const { sentence } = await changesOf(temporaryDirectory(), [{ headSha }, { ...FAILING, headSha }]);
    expect(sentence).toContain("nothing that a run records has changed since");
  });

  test.each([
    ["there is no repository", "aaaaaaaa", "bbbbbbbb", {}, "not a git repository"],
    ["git is not there", "aaaaaaaa", "bbbbbbbb", { env: { PATH: "/nowhere" } }, "git is not installed"],
    ["git was not asked", "aaaaaaaa", "bbbbbbbb", false, "git was not asked"],
    ["a run recorded no commit", undefined, "bbbbbbbb", {}, "the earlier run recorded no commit"],
    [
      "a run recorded an option",
      "--output=x",
      "bbbbbbbb",
      {},
      "what a run recorded as its commit is not the id of one",
    ],
  ] as const)("changesSince() says so plainly when %s", async (_name, from, to, options, reason) => {
    const changes = await changesOf(
      temporaryDirectory(),
      [{ ...(from !== undefined && { headSha: from }) }, { ...FAILING, headSha: to }],
      options,
    );
    expect(changes.commits?.status).toBe("unknown");
    expect(changes.sentence).toContain(reason);
  });

  test("changesSince() says so when git does not know a commit", async () => {
    const root = temporaryDirectory();
    git(root, "init", "-q");
    const headSha = commit(root, "a.txt", "one\n");
    const unknown = await changesOf(root, [
      { headSha: "dddddddddddddddddddddddddddddddddddddddd" },
      { ...FAILING, headSha },
    ]);
    expect(unknown.commits?.status).toBe("unknown");
    expect(unknown.sentence).toContain("dddddddddd");
  });

  test("changesSince() gives up a git that takes too long", async () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "git"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    const changes = await changesOf(root, [{ headSha: "aaaaaaaa" }, { ...FAILING, headSha: "bbbbbbbb" }], {
      timeoutMs: 50,
      env: { PATH: `${root}:${process.env["PATH"]}` },
    });
    expect(changes.sentence).toContain("git took longer than 0.05 s");
  });

  test("changesSince() says so when the job never passed, or nothing ran before", async () => {
    const never = await changesOf(temporaryDirectory(), [FAILING, FAILING]);
    const first = await changesOf(temporaryDirectory(), [FAILING]);
    expect([never.sentence, first.sentence]).toStrictEqual([
      'What changed since "unit" passed is not known: it did not pass in the run before',
      'What changed since "unit" passed is not known: there is no earlier run',
    ]);
  });
});
