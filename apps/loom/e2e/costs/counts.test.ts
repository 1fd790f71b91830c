import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, type Project } from "../project.ts";
import { canTrace, evidence, modulesLoaded, programsStarted, systemCalls } from "./measure-counts.ts";

/**
 * What Loom may cost, in counts: times differ between machines and minutes, counts do not. `was` is what was measured when
 * the budget was set. Only the calls for lines move a little, since pipes fill more or less. Raise one on purpose only, and
 * say in the commit what the cost is for: docs/performance.md.
 */
const BUDGETS = {
  "system calls for a job": { was: 56, most: 62 },
  "system calls for 1,000 lines": { was: 8.4, most: 12 },
  "files and folders for a job": { was: 18, most: 19 },
  "bytes on the disk for a job": { was: 10_050, most: 11_000 },
  "bytes on the disk for a line of 20": { was: 109, most: 120 },
  "files of the program for --version": { was: 1, most: 1 },
  "modules of Node for --version": { was: 112, most: 123 },
  "files of the program for check": { was: 7, most: 8 },
  "modules of Node for check": { was: 183, most: 201 },
  "files of the program for run": { was: 12, most: 13 },
  "modules of Node for run": { was: 193, most: 212 },
  "files of the program for mcp": { was: 8, most: 8 },
  "modules of Node for mcp": { was: 168, most: 185 },
  "files of the program for explain": { was: 9, most: 10 },
  "modules of Node for explain": { was: 154, most: 169 },
  "programs started by explain, one commit on": { was: 3, most: 3 },
};

/** How much more a part may be before it counts as growing. */
const FLAT = 1.1;

const QUIET = ["run", "-q", "-j", "2"];
const EXPLAIN = ["explain", "--json"];

function expectWithin(what: keyof typeof BUDGETS, count: number): void {
  const { was, most } = BUDGETS[what];
  const rounded = Math.round(count * 100) / 100;
  expect
    .soft(
      count,
      `${what}: grew from ${was} to ${rounded}, and ${most} are allowed. Find what is new; raise the budget only on purpose`,
    )
    .toBeLessThanOrEqual(most);
  expect.soft(count, `${what}: ${rounded}, so nothing was counted`).toBeGreaterThan(0);
}

/** Jobs that do nothing. */
function jobs(count: number): Project {
  const lines = Array.from({ length: count }, (_, job) => `j${job}: {stage: s, script: [":"]}`);
  return makeProject({ workflow: `version: v1\nstages: [s]\n${lines.join("\n")}\n` });
}

/** Where nothing that other tests keep meanwhile takes the place of what is kept. */
function ownCache({ root }: Project): Readonly<Record<string, string>> {
  return { XDG_CACHE_HOME: join(root, ".cache") };
}

/** A job that prints lines of 20 bytes. */
function printing(lines: number): Project {
  const script = `yes 0123456789012345678 | head -n ${lines}`;
  return makeProject({ workflow: `version: v1\nstages: [s]\nj: {stage: s, script: ["${script}"]}\n` });
}

/** A repository whose job passed, and failed after one more commit. */
function failedAfterCommit(): Project {
  const project = makeProject({
    workflow: "version: v1\nstages: [s]\nj: {stage: s, script: [test ! -e broken]}\n",
  });
  const git = (...args: readonly string[]): void => {
    execFileSync("git", ["-c", "user.name=l", "-c", "user.email=l@example.org", ...args], {
      cwd: project.root,
      stdio: "ignore",
    });
  };
  git("init");
  git("add", ".loom/workflow.yml");
  git("commit", "-m", "first");
  project.loom(QUIET);
  writeFileSync(join(project.root, "broken"), "");
  git("add", "broken");
  git("commit", "-m", "second");
  project.loom(QUIET);
  return project;
}

/** What a run leaves beyond what was there. */
function left(project: Project, run: () => void): { readonly entries: number; readonly bytes: number } {
  const before = evidence(project);
  run();
  const after = evidence(project);
  return { entries: after.entries - before.entries, bytes: after.bytes - before.bytes };
}

/** A project with so many past runs: copies of one, each under its own name. */
function withPastRuns(count: number): Project {
  const project = jobs(1);
  project.loom(QUIET);
  const runtime = join(project.root, ".loom/.runtime");
  const [id = ""] = readdirSync(join(runtime, "logs"));
  const number = BigInt(/\d+$/.exec(id)?.[0] ?? 0);
  for (let past = 1; past < count; past += 1) {
    const name = id.replace(/\d+$/, String(number - BigInt(past)));
    const receipt = join(runtime, "receipts", `${name}.json`);
    writeFileSync(
      receipt,
      readFileSync(join(runtime, "receipts", `${id}.json`), "utf8").replaceAll(id, name),
    );
    cpSync(join(runtime, "logs", id), join(runtime, "logs", `${name}.new`), { recursive: true });
    renameSync(join(runtime, "logs", `${name}.new`), join(runtime, "logs", name));
  }
  return project;
}

test.each([
  ["--version", ["--version"]],
  ["check", ["check"]],
  ["run", QUIET],
  // Without a client it ends at once: what it loads to be there for one.
  ["mcp", ["mcp"]],
] as const)("loom %s loads no more modules than it may", (name, args) => {
  const project = jobs(1);
  const own = ownCache(project);
  // The first command keeps the compiled workflow, and the program's compiled code.
  project.loom(args, own);
  const { program, node } = modulesLoaded(project, args, own);
  expectWithin(`files of the program for ${name}`, program);
  expectWithin(`modules of Node for ${name}`, node);
});

test("loom explain --json of a failed run loads no more modules than it may", () => {
  const project = makeProject({ workflow: "version: v1\nstages: [s]\nj: {stage: s, script: [exit 1]}\n" });
  const own = ownCache(project);
  project.loom(QUIET, own);
  project.loom(EXPLAIN, own);
  const { program, node } = modulesLoaded(project, EXPLAIN, own);
  expectWithin("files of the program for explain", program);
  expectWithin("modules of Node for explain", node);
});

test("a line takes no more bytes on the disk than it may", () => {
  const [few, many] = [printing(1000), printing(11_000)];
  const bytes = [few, many].map((project) => left(project, () => project.loom(QUIET)).bytes);
  expectWithin("bytes on the disk for a line of 20", ((bytes[1] ?? 0) - (bytes[0] ?? 0)) / 10_000);
});

// Traced by strace, which only Linux has. `.ci/run` installs it.
describe.skipIf(!canTrace())("traced (needs strace, and the right to trace)", () => {
  test("a job makes no more calls, files and bytes than it may, however many there are", () => {
    const [few, many] = [jobs(50), jobs(200)];
    const calls: number[] = [];
    const [ofFew, ofMany] = [few, many].map((project) => {
      project.loom(["check"]);
      return left(project, () => calls.push(systemCalls(project, QUIET)));
    });
    const one = jobs(1);
    one.loom(["check"]);
    const alone = systemCalls(one, QUIET);
    const [atFew, atMany] = [((calls[0] ?? 0) - alone) / 49, ((calls[1] ?? 0) - alone) / 199];
    expectWithin("system calls for a job", atMany);
    expectWithin("files and folders for a job", ((ofMany?.entries ?? 0) - (ofFew?.entries ?? 0)) / 150);
    expectWithin("bytes on the disk for a job", ((ofMany?.bytes ?? 0) - (ofFew?.bytes ?? 0)) / 150);
    expect(atMany / atFew, "calls for a job of 200 against one of 50").toBeLessThan(FLAT);
  });

  test("loom explain --json starts git for what changed since a job passed, and else nothing", () => {
    const project = failedAfterCommit();
    expectWithin("programs started by explain, one commit on", programsStarted(project, EXPLAIN));
    project.loom(QUIET);
    project.loom(["clean", "--runs", "--keep", "1"]);
    expect(programsStarted(project, EXPLAIN)).toBe(0);
  });

  test("lines make no more calls than they may", () => {
    const [few, many] = [printing(1000), printing(101_000)].map((project) => systemCalls(project, QUIET));
    expectWithin("system calls for 1,000 lines", ((many ?? 0) - (few ?? 0)) / 100);
  });

  test("a run makes as many calls after 200 others as after 20", () => {
    const [few, many] = [20, 200].map((count) => systemCalls(withPastRuns(count), QUIET));
    expect((many ?? 0) / (few ?? 0), `${few} calls after 20 runs, ${many} after 200`).toBeLessThan(FLAT);
  });
});
