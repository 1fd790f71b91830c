import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pty from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOOM, makeProject, processesOf, type Ended, type Project } from "../project.ts";
import { makeBsdPlace, whyNoBsdPlace, type BsdPlace } from "./bsd-place.ts";

const why = whyNoBsdPlace();

/** How to wait for what the system tells: long on a slow machine. */
const WAIT = { interval: 20, timeout: 20_000 };

/** Numbers of seconds that no other process sleeps. */
let seconds = 50_000_000 + process.pid * 100;

function newWord(): string {
  return String((seconds += 1));
}

/** The running programs with a word in their command line, asked of the real system; shells have it in their script. */
function running(word: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const isDead = /\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      return !isDead && command.includes(word) && !/^[^\0]*sh\0/u.test(command);
    } catch {
      return false;
    }
  });
}

function workflow(...script: readonly string[]): string {
  return `version: v1\nstages: [work]\nj:\n  stage: work\n  script: ${JSON.stringify(script)}\n`;
}

/** Notes of runs that are not closed. */
function active(project: Project): string[] {
  const folder = join(project.root, ".loom/.runtime/active");
  return existsSync(folder) ? readdirSync(folder) : [];
}

// What Loom does where Linux' extras are missing. It says nothing of a Mac itself: the kernel and its programs are those of Linux.
describe.skipIf(why !== undefined)(
  `without /proc, control groups and files in memory${why === undefined ? "" : ` (${why})`}`,
  { timeout: 60_000 },
  () => {
    let place: BsdPlace;
    beforeAll(() => {
      place = makeBsdPlace();
    });
    afterAll(() => place.remove());

    const loom = async (project: Project, ...args: readonly string[]): Promise<Ended> =>
      project.start(args, {}, place.by).ended;

    test("a run that passes has valid evidence and leaves nothing", async () => {
      const project = makeProject({ workflow: workflow("echo one", "echo two >&2") });
      expect(await loom(project, "run", "-q")).toMatchObject({ exitCode: 0, stderr: "" });
      expect([project.verdict(), active(project)]).toEqual(["valid", []]);
    });

    test("a run that fails says so", async () => {
      const project = makeProject({ workflow: workflow("echo no; exit 3") });
      expect(await loom(project, "run", "--stream")).toMatchObject({ exitCode: 1 });
      expect(project.lastRun().receipt).toMatchObject({ status: "failure", exit_code: 1 });
      expect(project.verdict()).toBe("valid");
    });

    test.for([
      ["in the step's group", "sleep N & sleep 0.1"],
      // Both show no environment, like any program of the system.
      ["in a session of its own, seen below its step", "setsid sleep N >/dev/null 2>&1 & sleep 0.5"],
      [
        "in a session of its own, started by a shell that goes on with another program",
        "(setsid sh -c 'sleep N; true' >/dev/null 2>&1 & sleep 0.5)",
      ],
      // This one is not a program of the system, and shows its mark.
      [
        "a daemon that has no parents any more",
        `(setsid "${process.execPath}" -e 'setTimeout(() => 0, 1e9)' N >/dev/null 2>&1 &); sleep 0.3`,
      ],
    ] as const)("what a step leaves is ended: %s", async ([, script]) => {
      const word = newWord();
      const project = makeProject({ workflow: workflow(script.replaceAll("N", word)) });
      const { exitCode, stdout } = await loom(project, "run", "--stream");
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
      expect(stdout).toMatch(/left (?:a process|\d+ processes) running, now ended: /u);
      expect(running(word)).toEqual([]);
      expect(project.verdict()).toBe("valid");
    });

    test("Ctrl-C ends a step and what is in another session", async () => {
      const word = newWord();
      const project = makeProject({
        workflow: workflow(`setsid sleep ${word} >/dev/null 2>&1 & echo up; sleep 300`),
      });
      const run = project.start(["run", "--stream", "--grace", "200ms"], {}, place.by);
      await run.said("up");
      await expect.poll(() => running(word), WAIT).toHaveLength(1);
      run.process.kill("SIGINT");
      expect(await run.ended).toMatchObject({ exitCode: 130 });
      const { run_id } = project.lastRun().receipt;
      expect([processesOf(run_id), running(word), project.verdict(run_id)]).toEqual([[], [], "valid"]);
    });

    test("the next run does not touch one that goes on, and recovers it once its loom was killed", async () => {
      const word = newWord();
      const project = makeProject({
        workflow: `version: v1
stages: [work]
j:
  stage: work
  script:
    - if test -e again; then exit 0; fi; touch again; setsid sleep ${word} >/dev/null 2>&1 & echo up; sleep 300
`,
      });
      const run = project.start(["run", "--stream"], {}, place.by);
      await run.said("up");
      const [runId = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
      await expect.poll(() => noted(project, runId), WAIT).toMatch(/^\+ \d+ \d+\n(?:.*\n)*m \d+ \d+$/mu);
      const refused = await loom(project, "recover", runId);
      expect(refused).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("still belongs to process") as string,
      });
      run.process.kill("SIGKILL");
      await run.ended;
      // The watch over the run ends what it left.
      await expect.poll(() => [...processesOf(runId), ...running(word)], WAIT).toEqual([]);
      const next = await loom(project, "run", "-q");
      expect(next).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining(`run ${runId} was interrupted; its evidence is closed now`) as string,
      });
      expect([project.verdict(runId), project.verdict(), active(project)]).toEqual(["valid", "valid", []]);
    });

    test("a loom that is killed with its watch: what was noted is ended by loom recover", async () => {
      const word = newWord();
      const project = makeProject({
        workflow: workflow(`setsid sleep ${word} >/dev/null 2>&1 & echo up; sleep ${word}`),
      });
      const run = project.start(["run", "--stream"], {}, place.by);
      await run.said("up");
      const [runId = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
      await expect.poll(() => noted(project, runId), WAIT).toMatch(/^\+ \d+ \d+\n(?:.*\n)*m \d+ \d+$/mu);
      const pid = String(run.process.pid);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
      for (const child of children) {
        if (readFileSync(`/proc/${child}/environ`, "latin1").includes("after-death"))
          process.kill(Number(child), "SIGKILL");
      }
      run.process.kill("SIGKILL");
      await run.ended;
      expect(running(word)).toHaveLength(2);
      expect(await loom(project, "recover", "last")).toMatchObject({ exitCode: 0 });
      expect([running(word), active(project), project.verdict(runId)]).toEqual([[], [], "valid"]);
    });

    test("a run below a long path can be asked", async () => {
      const project = makeProject({ workflow: workflow("true") });
      const deep = join(project.root, "d".repeat(100));
      const nested = makeProject({ workflow: workflow("echo up; sleep 300") });
      cpSync(nested.root, deep, { recursive: true });
      const run = project.start(["run", "--stream"], {}, ["env", "-C", deep, ...place.by]);
      await run.said("up");
      const asked = await project.start(["ctl", "state"], {}, ["env", "-C", deep, ...place.by]).ended;
      expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
      run.process.kill("SIGINT");
      await run.ended;
    });

    test.for([
      ["in the foreground", ["sh", "-c", '"$@"'], "loom run shows the live view"],
      ["started with &", ["sh", "-mc", '"$@" & wait'], "loom run prints lines"],
    ] as const)("loom knows whether it may use the terminal: %s", async ([, starter, says]) => {
      const { root } = makeProject({ workflow: workflow("true") });
      const [program, ...args] = [...starter, "sh", ...place.by, process.execPath, LOOM, "doctor"];
      const env = { PATH: process.env["PATH"] ?? "", HOME: root, LANG: "C.UTF-8", TERM: "xterm-256color" };
      const child = pty.spawn(program ?? "", args, { cwd: root, env, cols: 200, rows: 40 });
      let said = "";
      child.onData((text) => (said += text));
      await new Promise((resolve) => child.onExit(resolve));
      expect(said).toContain(says);
    });

    test("loom doctor says what is known of processes, and that secrets are on the disk", async () => {
      const project = makeProject({
        workflow: `version: v1\nstages: [a]\nj:\n  stage: a\n  secrets: { KEY: { ref: "env://PATH", file: true } }\n  script: ["cat $KEY >/dev/null && echo $KEY"]\n`,
      });
      const { stdout, exitCode } = await loom(project, "doctor", "--json");
      const { checks } = JSON.parse(stdout) as {
        checks: readonly { name: string; subject?: string; state: string; found: string }[];
      };
      const of = (name: string, subject?: string): unknown =>
        checks.find((check) => check.name === name && check.subject === subject);
      expect(exitCode).toBe(0);
      expect(of("cgroups")).toMatchObject({
        state: "note",
        found: expect.stringMatching(/^There are no control groups here: .* as ps shows them/u) as string,
      });
      expect(of("secret", "files")).toMatchObject({
        state: "note",
        found: expect.stringMatching(/^No file system in memory can be written to: /u) as string,
      });
      const run = await loom(project, "run", "--stream");
      expect(run.exitCode).toBe(0);
      const path = /│ (\/\S+)$/mu.exec(run.stdout)?.[1] ?? "";
      expect(path).toContain("/loom/secrets/loom-secrets-");
      expect(existsSync(path)).toBe(false);
    });
  },
);

describe.skipIf(why !== undefined)(
  `where ps may not be run either${why === undefined ? "" : ` (${why})`}`,
  { timeout: 60_000 },
  () => {
    let place: BsdPlace;
    beforeAll(() => {
      place = makeBsdPlace({ mayAsk: false });
    });
    afterAll(() => place.remove());

    const loom = async (project: Project, ...args: readonly string[]): Promise<Ended> =>
      project.start(args, {}, place.by).ended;

    test("what a step leaves in its group is ended, and the doctor warns", async () => {
      const word = newWord();
      const project = makeProject({ workflow: workflow(`sleep ${word} & sleep 0.1`) });
      const { exitCode, stdout } = await loom(project, "run", "--stream");
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
      expect(stdout).toMatch(/left a process running, now ended: "process group \d+"/u);
      expect([running(word), project.verdict(), active(project)]).toEqual([[], "valid", []]);
      expect((await loom(project, "doctor")).stdout).toMatch(
        /^! cgroups +There is no \/proc, and ps cannot be run: /mu,
      );
    });

    test("a run that was killed is left alone, until somebody says that it is over", async () => {
      const project = makeProject({ workflow: workflow("echo up; sleep 300") });
      const run = project.start(["run", "--stream"], {}, place.by);
      await run.said("up");
      const [runId = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
      run.process.kill("SIGKILL");
      await run.ended;
      // What is in the group of a step, the watch over the run ends all the same.
      await expect.poll(() => processesOf(runId), WAIT).toEqual([]);
      expect(await loom(project, "recover", runId)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("neither /proc nor ps") as string,
      });
      expect(await loom(project, "recover", "--force", runId)).toMatchObject({ exitCode: 0 });
      expect(project.verdict(runId)).toBe("valid");
    });
  },
);

/** What a run has noted of its processes. */
function noted(project: Project, runId: string): string {
  const path = join(project.root, ".loom/.runtime/active", `${runId}.host.notes`);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
