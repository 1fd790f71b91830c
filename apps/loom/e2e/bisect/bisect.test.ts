import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, test]
compile: {stage: build, script: ["test ! -e broken-build"]}
unit: {stage: test, needs: [compile], script: ["echo checking; sh check.sh"]}
`;

interface History {
  readonly project: Project;
  readonly git: (...args: readonly string[]) => string;
  readonly commit: (subject: string, files: Readonly<Record<string, string>>) => string;
}

/** A repository whose check passes. */
function history(): History {
  const project = makeProject({ workflow: WORKFLOW });
  const { root } = project;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", ...args], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  const commit = (subject: string, files: Readonly<Record<string, string>>): string => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
    git("add", "-A");
    git("commit", "-qm", subject);
    return git("rev-parse", "HEAD");
  };
  git("init", "-q", "-b", "main");
  writeFileSync(join(root, ".gitignore"), ".loom/.runtime\n");
  commit("First", { "check.sh": "true\n" });
  git("tag", "start");
  return { project, git, commit };
}

const FAILS = "echo 'a.c:3:1: error: it is broken'; exit 1\n";

interface Found {
  readonly outcome: string;
  readonly first_bad?: { readonly sha: string; readonly subject: string };
  readonly suspects?: readonly { readonly subject: string }[];
  readonly runs: number;
  readonly tries: readonly { readonly verdict: string; readonly reason?: string; readonly run_id?: string }[];
  readonly explanation?: { readonly errors: readonly { readonly file?: string; readonly line?: number }[] };
}

function runsOf({ root }: Project): number {
  return readdirSync(join(root, ".loom/.runtime/logs")).length;
}

describe("loom bisect", () => {
  test("finds the one of 60 commits that broke a job, with two slots, and leaves the checkout alone", () => {
    const { project, git, commit } = history();
    for (let number = 1; number <= 60; number += 1)
      commit(`Change ${number}`, { "n.txt": String(number), ...(number === 43 && { "check.sh": FAILS }) });
    writeFileSync(join(project.root, "mine.txt"), "not committed");
    const look = (): string =>
      [git("status", "--porcelain=v2", "--branch"), git("worktree", "list"), git("branch", "-a")].join("\n");
    const before = look();
    const { env } = snapshots();
    const ended = project.loom(["bisect", "unit", "--good", "start", "-j", "2"], env);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toMatch(
      /^[0-9a-f]{40} is the first commit on which "unit" fails \(\d+ runs\)\n\n {2}Change 43\n {2}Ann <ann@example\.org> {2}\d{4}-/u,
    );
    expect(ended.stdout).toContain("check.sh | 2 +-");
    expect(ended.stdout).toContain("a.c:3:1 it is broken");
    // A linear search needs 60 runs, 30 of them one after the other.
    expect(runsOf(project)).toBeLessThanOrEqual(15);
    expect(look()).toBe(before);
    const again = project.loom(["bisect", "unit", "--good", "start", "-j", "2", "--json"], env);
    const found = JSON.parse(again.stdout) as Found;
    expect(found).toMatchObject({ outcome: "found", runs: 0, first_bad: { subject: "Change 43" } });
    expect(found.explanation?.errors[0]).toMatchObject({ file: "a.c", line: 3 });
    const [run = ""] = found.tries.flatMap(({ run_id: id }) => id ?? []);
    expect(project.verdict(run)).toBe("valid");
  });

  test("skips commits that cannot be tried, and says what they leave open", () => {
    const { project, commit } = history();
    commit("Fine", { "a.txt": "1" });
    commit("No workflow", { ".loom/workflow.yml": "nonsense: [" });
    commit("Build broken", { ".loom/workflow.yml": WORKFLOW, "broken-build": "" });
    rmSync(join(project.root, "broken-build"));
    commit("Broken", { "check.sh": FAILS });
    const { env } = snapshots();
    const ended = project.loom(["bisect", "unit", "--good", "start", "--json"], env);
    expect(ended.exitCode).toBe(1);
    const found = JSON.parse(ended.stdout) as Found;
    expect(found.suspects?.map(({ subject }) => subject)).toEqual(["Broken", "Build broken", "No workflow"]);
    expect(found.tries.flatMap(({ reason }) => reason ?? []).join("\n")).toContain(
      "compile failed before it",
    );
  });

  test("finds the merge in which two good sides do not go together", () => {
    const { project, git, commit } = history();
    git("switch", "-qc", "side");
    commit("Side", { "side.txt": "" });
    git("switch", "-q", "main");
    commit("Main", { "main.txt": "", "check.sh": "test ! -e side.txt\n" });
    git("merge", "-q", "--no-edit", "-m", "Merge side", "side");
    commit("After", { "after.txt": "" });
    const ended = project.loom(["bisect", "unit", "--good", "start", "--json"], snapshots().env);
    expect((JSON.parse(ended.stdout) as Found).first_bad?.subject).toBe("Merge side");
  });

  test("is stopped by Ctrl-C, and goes on from there", async () => {
    const { project, commit } = history();
    for (let number = 1; number <= 9; number += 1) {
      const body = `sleep 0.3\n${number < 5 ? "true\n" : FAILS}`;
      commit(`Change ${number}`, { "check.sh": `# ${number}\n${body}` });
    }
    const { env } = snapshots();
    const args = ["bisect", "unit", "--good", "start", "-j", "1"];
    const first = project.start(args, env);
    await first.warned("loom: good");
    await first.warned("loom: bad");
    first.process.kill("SIGINT");
    const stopped = await first.ended;
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toContain("the same command goes on from here");
    const second = project.loom(args, env);
    expect(second.stderr).toMatch(/, \d known from earlier runs/u);
    expect(second.stdout).toContain("Change 5");
    const receipts = readdirSync(join(project.root, ".loom/.runtime/receipts"));
    const heads = receipts.map((name) => {
      const receipt = JSON.parse(
        readFileSync(join(project.root, ".loom/.runtime/receipts", name), "utf8"),
      ) as {
        readonly status: string;
        readonly snapshot_head_sha?: string;
      };
      return receipt.status === "cancelled" ? name : receipt.snapshot_head_sha;
    });
    expect(new Set(heads).size).toBe(heads.length);
    onTestFinished(() => void first.process.kill("SIGKILL"));
  });

  test.each<[string, readonly string[], number, string]>([
    ["no good commit", [], 2, "bisect needs a commit on which the job passes: --good REV"],
    ["a commit that is not there", ["--good", "nowhere"], 2, 'there is no commit "nowhere"'],
    ["nothing between", ["--good", "HEAD"], 2, "has all that HEAD has"],
    ["a bad commit that is good", ["--good", "start"], 1, "has to fail on the bad commit"],
  ])("refuses %s", (_, flags, exitCode, why) => {
    const { project, commit } = history();
    commit("Fine", { "a.txt": "" });
    const ended = project.loom(["bisect", "unit", ...flags], snapshots().env);
    expect(ended.stderr).toContain(why);
    expect(ended.exitCode).toBe(exitCode);
  });
});
