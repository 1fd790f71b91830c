import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, type Ended, type Project, type Running } from "../project.ts";

/** Numbers of seconds that no other process sleeps. */
let seconds = 40_000_000 + process.pid * 100;

/** The running processes whose command line has a word, but for shells, which have it in their script. Asked of the system without the code under test. */
function running(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const dead = /\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
        const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return !dead && command.includes(word) && !/^[^\0]*\bsh\0/u.test(command);
      } catch {
        return false;
      }
    });
}

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** What a step does to get away; `N` is a word of the command line of what it leaves. */
interface Escape {
  readonly by: string;
  readonly script: string;
  readonly needs?: string;
}

const PERL_DAEMON =
  "fork and exit; setsid; fork and exit; open STDIN, q(</dev/null); open STDOUT, q(>/dev/null); open STDERR, q(>/dev/null);";

const ESCAPES: readonly Escape[] = [
  { by: "an empty environment", script: "setsid env -i /bin/sleep N >/dev/null 2>&1 & sleep 0.3" },
  { by: "another LOOM_JOB_ID", script: "LOOM_JOB_ID=x setsid sleep N >/dev/null 2>&1 &" },
  { by: "another LOOM_RUN_ID", script: "LOOM_RUN_ID=x setsid sleep N >/dev/null 2>&1 &" },
  {
    by: "a title over its environment",
    script: `perl -e '${PERL_DAEMON} $0 = "N " . ("x" x 9000); sleep 1 while 1'; sleep 0.1`,
    needs: "perl",
  },
  {
    by: "prctl(PR_SET_DUMPABLE, 0)",
    script: `perl -e '${PERL_DAEMON} $0 = "N"; syscall(157, 4, 0, 0, 0, 0); sleep 1 while 1'; sleep 0.1`,
    needs: "perl",
  },
  {
    by: "an ssh-agent",
    script: 'eval "$(ssh-agent -s -a "$PWD/agent.N" -t N)" && test -S "$PWD/agent.N"',
    needs: "ssh-agent",
  },
  {
    by: "an nginx",
    script:
      // What it is called later fits into its arguments: they are long.
      `mkdir -p N/logs && echo "events {}" > N/conf && env -i /usr/sbin/nginx -p N/ -c conf -g "pid pid; error_log e;${" ".repeat(99)}" && sleep 0.1 && test -s N/pid`,
    needs: "/usr/sbin/nginx",
  },
];

function workflow(script: string, variables = ""): string {
  return `version: v1\nstages: [work]\nleaves:\n  stage: work\n${variables}  script:\n    - |\n      ${script}\n`;
}

interface Prepared {
  readonly project: Project;
  readonly word: string;
}

function prepare(script: string, word: string): Prepared {
  const project = makeProject({ workflow: workflow(script.replaceAll("N", word)) });
  return { project, word };
}

function newWord(): string {
  return String((seconds += 1));
}

/** Kills a loom, and before it the watch that would clean up after it. */
async function killWithWatch(run: Running): Promise<Ended> {
  const children = readFileSync(`/proc/${run.process.pid}/task/${run.process.pid}/children`, "utf8");
  for (const pid of children.trim().split(" ").map(Number)) {
    if (/after-death/u.test(environmentOf(pid))) process.kill(pid, "SIGKILL");
  }
  run.process.kill("SIGKILL");
  return run.ended;
}

/** Nothing for a process that has ended meanwhile. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

/** Where control groups may be made, if anywhere. */
const GROUPS = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((folder) =>
  existsSync(join(folder, "cgroup.procs")),
);
function mayMakeGroups(): boolean {
  if (GROUPS === undefined) return false;
  try {
    const folder = join(GROUPS, `loom-e2e-${process.pid}`);
    mkdirSync(folder);
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
const groups = process.platform === "linux" && mayMakeGroups();

function groupsLeft(): string[] {
  const here = readdirSync(GROUPS ?? "/").filter((name) => /^loom-[0-9a-f]{32}$/u.test(name));
  return here.filter((name) => {
    const events = join(GROUPS ?? "/", name, "cgroup.events");
    try {
      return !readFileSync(events, "utf8").includes("populated 1");
    } catch (error) {
      // Another run has removed its own meanwhile.
      if (!existsSync(events)) return false;
      throw error;
    }
  });
}

describe.runIf(groups)("no process outlives", () => {
  test.for(ESCAPES)("a job that ends by itself: $by", ({ script, needs }, context) => {
    context.skip(needs !== undefined && !has(needs), `${needs ?? ""} is not installed`);
    const { project, word } = prepare(script, newWord());
    const { exitCode, stdout } = project.loom(["run", "--stream"]);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(running(word)).toEqual([]);
  });

  test.for([
    ...ESCAPES.map((escape) => ({ ...escape, script: `${escape.script}\n      echo away; sleep 300` })),
    {
      by: "a foreground command with an empty environment",
      script: "echo away; env -i /bin/sleep N",
      needs: "env",
    },
  ])("a loom that is killed: $by", async ({ script, needs }, context) => {
    context.skip(needs !== undefined && !has(needs), `${needs ?? ""} is not installed`);
    const { project, word } = prepare(script, newWord());
    const run = project.start(["run", "--stream"]);
    await run.said("away");
    await expect.poll(() => running(word).length, { timeout: 5_000 }).toBeGreaterThan(0);
    run.process.kill("SIGKILL");
    await run.ended;
    await expect.poll(() => running(word), { interval: 50, timeout: 4_000 }).toEqual([]);
    expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(project.root, ".loom/.runtime/active"))).toEqual([]);
  });

  test("a loom that is killed with its watch, once it is recovered", async () => {
    const { project, word } = prepare(
      "setsid env -i /bin/sleep N & echo away; env -i /bin/sleep N",
      newWord(),
    );
    const run = project.start(["run", "--stream"]);
    await run.said("away");
    await expect.poll(() => running(word).length, { timeout: 5_000 }).toBe(2);
    await killWithWatch(run);
    expect(running(word)).toHaveLength(2);
    expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0 });
    expect(running(word)).toEqual([]);
  });

  test("and no control group is left", async () => {
    const before = new Set(groupsLeft());
    const { project } = prepare("true", newWord());
    project.loom(["run", "--stream"]);
    const made = groupsLeft().filter((name) => !before.has(name));
    // Those of runs of other tests are there for a moment, too.
    await expect
      .poll(() => groupsLeft().filter((name) => made.includes(name)), { timeout: 20_000 })
      .toEqual([]);
  });
});

describe.runIf(process.platform === "linux")("no process of others is ended", () => {
  test("with the same LOOM_RUN_ID and LOOM_JOB_ID by variables of two runs", async () => {
    const variables = "  variables: { LOOM_RUN_ID: same, LOOM_JOB_ID: same }\n";
    const word = newWord();
    const other = makeProject({
      workflow: workflow(`setsid sleep ${word} & echo away; sleep 300`, variables),
    });
    const run = other.start(["run", "--stream"]);
    await run.said("away");
    const here = makeProject({ workflow: workflow("setsid sleep 300 & true", variables) });
    expect(here.loom(["run", "--stream"])).toMatchObject({ exitCode: 0 });
    expect(running(word)).toHaveLength(1);
    run.process.kill("SIGINT");
    await run.ended;
    expect(running(word)).toEqual([]);
  });

  test("the shell that started loom recover, with the variables of the run", async () => {
    const project = makeProject({ workflow: workflow("echo mark=$LOOM_PROCESS_MARK=; sleep 300") });
    const run = project.start(["run", "--stream"]);
    await run.said("mark=");
    const { stdout } = await killWithWatch(run);
    const [runId = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
    const env = { LOOM_RUN_ID: runId, LOOM_PROCESS_MARK: stdout.match(/mark=([0-9a-f.]+)=/u)?.[1] ?? "" };
    expect(env.LOOM_PROCESS_MARK).not.toBe("");
    const script = `"${process.execPath}" "${LOOM}" recover last >recovered; echo "still here"`;
    writeFileSync(join(project.root, "recover.sh"), script);
    const shell = spawnSync("sh", ["recover.sh"], {
      cwd: project.root,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    });
    expect(shell).toMatchObject({ status: 0, stdout: "still here\n" });
  });
});
