import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runIdentity } from "@loom/core";
import type { OutputSink, ProcessEnd, ProviderRun, ProviderSession, RunProvider } from "@loom/ports";
import {
  buildJobSpec,
  CollectedOutput,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  describeProvider,
  SHELL_SCRIPTS,
  type JobSpecParts,
  type RecordedLog,
  type RecordingLog,
} from "@loom/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { readProcessStat } from "@loom/system";
import { createHostProvider, findShell } from "./index.ts";
import { LATE_OUTPUT_BYTES } from "@loom/ports";

const BASE_ENV = { PATH: "/usr/local/bin:/usr/bin:/bin" };
const RUN_ID = runIdentity(BigInt(process.pid) * 1_000_000n).runId;

const onLinux = process.platform === "linux";

/** As the provider has it. */
let launchAfter: number | undefined;
let folders: string[] = [];
let runs: RunProvider[] = [];
/** A run that is closed after the test, as an empty control group would stay on the machine. */
function openRun(env: ProviderRun["env"] = BASE_ENV, shell?: string): RunProvider {
  const run = createHostProvider({ shell, launchAfter }).open({ runId: RUN_ID, env });
  runs.push(run);
  return run;
}

afterEach(async () => {
  for (const run of runs) await run.close({ log: () => undefined });
  runs = [];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders = [];
});

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loom-host-test-")));
  folders.push(folder);
  return folder;
}

function isRunning(pid: number): boolean {
  if (onLinux) return readProcessStat(pid)?.dead === false;
  return spawnSync("ps", ["-p", String(pid)]).status === 0;
}

for (const [name, provider] of [
  ["createHostProvider()", createHostProvider()],
  ["createHostProvider() with a launcher", createHostProvider({ launchAfter: 0 })],
] as const) {
  describeProvider(name, () => {
    const workspaceRoot = newFolder();
    return {
      provider,
      env: BASE_ENV,
      workspaceRoot,
      missingRoot: join(workspaceRoot, "missing"),
      carriesIn: ["sh", "bash"] as const,
      privateFolder: join(workspaceRoot, "private"),
      scripts: SHELL_SCRIPTS,
      isRunning,
    };
  });
}

// Without mkfifo on PATH, the outputs are Node's pipes, as on macOS.
describeProvider("createHostProvider() without mkfifo", () => {
  const workspaceRoot = newFolder();
  return {
    provider: createHostProvider(),
    env: { ...BASE_ENV, TMPDIR: join(workspaceRoot, "missing") },
    workspaceRoot,
    missingRoot: join(workspaceRoot, "missing"),
    scripts: SHELL_SCRIPTS,
    isRunning,
  };
});

interface StepResult {
  readonly end: ProcessEnd;
  readonly stdout: string;
  readonly stderr: string;
}

interface Job {
  readonly session: ProviderSession;
  readonly provider: RunProvider;
  readonly workspaceRoot: string;
  readonly run: (script: string) => Promise<StepResult>;
  /** Closes the job and returns what was logged. */
  readonly close: () => Promise<readonly RecordedLog[]>;
  /** Where `close` writes what it finds. */
  readonly cleanup: RecordingLog;
}

async function prepare(parts: JobSpecParts = {}, env: ProviderRun["env"] = BASE_ENV): Promise<Job> {
  const workspaceRoot = parts.workspaceRoot ?? newFolder();
  const provider = openRun(env);
  const prepared = await provider.prepare(
    buildJobSpec({ ...parts, workspaceRoot, env: { LOOM_RUN_ID: RUN_ID, ...parts.env } }),
    createRecordingSections(),
    createStopSwitch().request,
  );
  if (!prepared.ok) throw new Error(prepared.error.message);
  const session = prepared.value;
  const cleanup = createRecordingLog();
  return {
    session,
    provider,
    workspaceRoot,
    async run(script) {
      const output = new CollectedOutput();
      const end = await session.run({ step: 1, script }, output, createStopSwitch().request);
      return { end, stdout: output.stdout, stderr: output.stderr };
    },
    cleanup,
    async close() {
      expect(await session.close(cleanup)).toEqual({ ok: true, value: undefined });
      return cleanup.logs;
    },
  };
}

/** Leaves a `sleep` in its own session and prints its pid, once it is no longer the shell that starts it. */
const LEAVE_SLEEP =
  'setsid sleep 1000 >/dev/null 2>&1 & until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done; echo $!';

/** A sink that discards everything. */
const NOWHERE: OutputSink = { write: () => undefined };

describe("prepare()", () => {
  test("names the shell and the folder as facts", async () => {
    const sections = createRecordingSections();
    const workspaceRoot = newFolder();
    await openRun().prepare(buildJobSpec({ workspaceRoot }), sections, createStopSwitch().request);
    expect(sections.sections[0]?.logs).toEqual([
      {
        level: "info",
        message: "Steps run on this machine",
        facts: {
          provider: "host",
          shell: expect.stringMatching(/^\/.*\/sh$/) as unknown,
          cwd: workspaceRoot,
        },
      },
    ]);
  });

  test("reports what is missing when there is no shell on PATH", async () => {
    const workspaceRoot = newFolder();
    const prepared = await openRun({ PATH: `relative:${workspaceRoot}` }).prepare(
      buildJobSpec({ workspaceRoot }),
      createRecordingSections(),
      createStopSwitch().request,
    );
    expect(prepared).toEqual({
      ok: false,
      error: {
        code: "shell_not_found",
        message: `Cannot run host jobs: there is no executable "sh" on PATH (relative:${workspaceRoot}); install a POSIX shell or add its folder to PATH`,
      },
    });
  });

  test("does not accept a folder or a file without the exec bit as a shell", async () => {
    const workspaceRoot = newFolder();
    const file = join(workspaceRoot, "sh");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
    const prepared = await openRun(BASE_ENV, file).prepare(
      buildJobSpec({ workspaceRoot }),
      createRecordingSections(),
      createStopSwitch().request,
    );
    expect(prepared).toEqual({
      ok: false,
      error: {
        code: "shell_not_found",
        message: `Cannot run host jobs: there is no executable file "${file}" to use as the shell`,
      },
    });
  });
});

describe.each([
  ["Loom", Infinity],
  ["a launcher", 0],
])("run() with steps started by %s", (_who, after) => {
  beforeAll(() => {
    launchAfter = after;
  });
  afterAll(() => {
    launchAfter = undefined;
  });

  test("puts the job's variables over the caller's environment", async () => {
    const { run } = await prepare(
      { env: { B: "job" } },
      { ...BASE_ENV, A: "caller", B: "caller", LOOM_STEP: "9" },
    );
    expect((await run("echo $A $B $LOOM_STEP")).stdout).toBe("caller job 1\n");
  });

  test("traces commands when LOOM_DEBUG_TRACE is 1", async () => {
    const { run } = await prepare({ env: { LOOM_DEBUG_TRACE: "1" } });
    expect(await run("echo hello")).toEqual({
      end: { kind: "exited", exitCode: 0 },
      stdout: "hello\n",
      stderr: "+ echo hello\n",
    });
  });

  test("treats a script that begins with a dash as a command, not as options", async () => {
    const { run } = await prepare();
    expect((await run("-x")).end).toEqual({ kind: "exited", exitCode: 127 });
  });

  test.each([
    'echo "$0 $# $* $?"; exit 3',
    "no-such-program",
    "true\nno-such-program",
    "false\necho not reached",
    "if true; fi\necho not reached",
    "true\nif true; fi",
    "; true",
    ")",
    "| cat",
    "# only a comment",
    "#!/bin/sh\necho after a comment",
    "\n\necho $LINENO",
    "cat <<EOF\nhere\nEOF\nno-such-program",
    "echo 'never closed",
    "set -u; echo $1",
    "shift",
    "kill -TERM $$",
  ])("runs %j as the shell alone does", async (script) => {
    const job = await prepare();
    const shell = findShell("sh", BASE_ENV.PATH);
    const bare = spawnSync(shell.ok ? shell.value : "", ["-ec", "--", script], {
      cwd: job.workspaceRoot,
      encoding: "utf8",
      env: BASE_ENV,
    });
    const { end, stdout, stderr } = await job.run(script);
    expect({ end, stdout, stderr }).toEqual({
      end:
        bare.signal === null
          ? { kind: "exited", exitCode: bare.status }
          : { kind: "signaled", signal: bare.signal },
      stdout: bare.stdout,
      stderr: bare.stderr,
    });
  });

  test("gives every step its own session and group", async () => {
    const { run } = await prepare();
    const fields = (await run("cut -d' ' -f1,5,6 /proc/$$/stat")).stdout.trim().split(" ");
    expect(new Set(fields).size).toBe(1);
  });

  test.runIf(onLinux)("lets a step open /dev/stdout and /dev/stderr by name", async () => {
    const { run } = await prepare();
    expect(await run("echo one > /dev/stderr; echo two | tee /dev/stderr")).toEqual({
      end: { kind: "exited", exitCode: 0 },
      stdout: "two\n",
      stderr: "one\ntwo\n",
    });
  });

  test("hands on 20 MB byte for byte", async () => {
    const { session, workspaceRoot } = await prepare();
    const bytes = Buffer.alloc(20_000_000, "0123456789abcdefghijklmnopqrstuvwxyz\n");
    writeFileSync(join(workspaceRoot, "big"), bytes);
    const chunks: Buffer[] = [];
    const sink: OutputSink = {
      write(_stream, chunk) {
        chunks.push(Buffer.from(chunk));
        return chunks.length % 7 === 0 ? Promise.resolve() : undefined;
      },
    };
    await session.run({ step: 1, script: "cat big" }, sink, createStopSwitch().request);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test("does not start in a workspace that was removed meanwhile", async () => {
    const { run, workspaceRoot } = await prepare();
    rmSync(workspaceRoot, { recursive: true });
    expect((await run("echo hi")).end).toEqual({
      kind: "not_started",
      error: {
        code: "workspace_missing",
        message: `Cannot run in the workspace "${workspaceRoot}": it is not a folder that exists`,
      },
    });
  });

  test("reports a script that is longer than the system accepts", async () => {
    const { run } = await prepare();
    const { end } = await run(`: ${"x".repeat(4_000_000)}`);
    expect(end).toEqual({
      kind: "not_started",
      error: { code: "step_too_large", message: expect.stringContaining("4000002 bytes") as unknown },
    });
  });

  test("returns an error instead of throwing when the script contains a NUL", async () => {
    const { run } = await prepare();
    expect((await run("echo \0")).end).toEqual({
      kind: "not_started",
      error: { code: "step_not_started", message: expect.stringContaining("null bytes") as unknown },
    });
  });

  test("ends although a background process keeps its output open, with what was printed so far", async () => {
    const { run, close } = await prepare();
    expect(await run("sleep 1000 & echo done")).toEqual({
      end: { kind: "exited", exitCode: 0 },
      stdout: "done\n",
      stderr: "",
    });
    expect(await close()).toHaveLength(1);
  });

  test("ends although a background process never stops printing, and loses nothing the shell printed", async () => {
    const { session, close } = await prepare();
    const output = new CollectedOutput();
    const script =
      "(while :; do echo noise >&2; sleep 0.01; done) & i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done";
    const end = await session.run({ step: 1, script }, output, createStopSwitch().request);
    expect(end).toEqual({ kind: "exited", exitCode: 0 });
    expect(output.stdout.endsWith("\n2999\n3000\n")).toBe(true);
    expect((await close()).map(({ level }) => level)).toContain("warn");
  });

  test("lets a background process that prints continue until the job is closed", async () => {
    const { run, close, cleanup } = await prepare();
    const noise = "(while :; do echo noise; echo x >>said; sleep 0.01; done)";
    // The process may print before its number is.
    const pid = Number(/^\d+$/m.exec((await run(`: >said; ${noise} & echo $!`)).stdout)?.[0]);
    const untilMore = "a=$(wc -l <said); until [ $(wc -l <said) -gt $((a + 5)) ]; do :; done";
    expect(await run(`${untilMore}; kill -0 ${pid}; echo alive`)).toEqual({
      end: { kind: "exited", exitCode: 0 },
      stdout: "alive\n",
      stderr: "",
    });
    expect((await close()).map(({ level }) => level)).toEqual(["info", "warn"]);
    expect(isRunning(pid)).toBe(false);
    expect(cleanup.output.stdout).toMatch(/^(?:noise\n){5,}/);
  });

  test("keeps what a background process prints after its step, including its last lines", async () => {
    const { run, close, cleanup } = await prepare();
    const server =
      "trap 'echo bye >&2; exit' TERM; echo up; while [ ! -e asked ]; do sleep 0.01; done; echo cannot serve; touch said; while :; do sleep 0.01; done";
    expect((await run(`sh -c ${JSON.stringify(server)} & sleep 0.2`)).stdout).toBe("up\n");
    expect((await run("touch asked; until [ -e said ]; do sleep 0.01; done; exit 3")).stdout).toBe("");
    const [note] = await close();
    expect(note?.message).toBe("Printed by what a step left running, after that step was over");
    expect(cleanup.output.stdout).toBe("cannot serve\n");
    expect(cleanup.output.stderr).toContain("bye\n");
  });

  test("keeps the newest megabyte of a background process that prints endlessly, and counts the rest", async () => {
    const { run, close, cleanup } = await prepare();
    await run("(until [ -e go ]; do sleep 0.01; done; seq 1 1000000; touch done; sleep 1000) & echo started");
    await run("touch go; until [ -e done ]; do sleep 0.01; done");
    const [note] = await close();
    expect(cleanup.output.stdout).toMatch(/\n999999\n1000000\n(?:Terminated\n)?$/);
    expect(note?.facts?.["bytes"]).toBeLessThanOrEqual(LATE_OUTPUT_BYTES);
    expect(note?.facts?.["left_out_bytes"]).toBeGreaterThan(1_000_000);
  });

  test("resolves after a stop only when the whole group is gone, even if the shell ended first", async () => {
    const { session, close } = await prepare();
    const output = new CollectedOutput();
    const stop = createStopSwitch(50);
    const script = "sh -c 'trap \"\" TERM; echo pid $$; while :; do sleep 1000 || :; done' & wait";
    const ended = session.run({ step: 1, script }, output, stop.request);
    await output.shows("pid");
    const pid = Number(output.stdout.match(/\d+/)?.[0]);
    stop.terminate();
    expect(await ended).toEqual({ kind: "signaled", signal: "SIGTERM" });
    expect(isRunning(pid)).toBe(false);
    expect(await close()).toEqual([]);
  });

  test("keeps what a step prints on its way out after a stop", async () => {
    const { session } = await prepare();
    const output = new CollectedOutput();
    const stop = createStopSwitch();
    const script =
      "sh -c 'trap \"sleep 0.3; echo tidied; exit\" TERM; echo ready; while :; do sleep 0.05; done' & wait";
    const ended = session.run({ step: 1, script }, output, stop.request);
    await output.shows("ready");
    stop.terminate();
    expect(await ended).toEqual({ kind: "signaled", signal: "SIGTERM" });
    expect(output.stdout).toBe("ready\ntidied\n");
  });

  test("rejects when the sink throws, after the process has ended", async () => {
    const { session } = await prepare();
    const broken: OutputSink = {
      write() {
        throw new Error("a bug of the sink");
      },
    };
    await expect(
      session.run({ step: 1, script: "seq 1 100000" }, broken, createStopSwitch().request),
    ).rejects.toThrowError("a bug of the sink");
  });

  test.runIf(onLinux)("says why a step cannot open /dev/stdout where no pipes can be made", async () => {
    const bin = newFolder();
    writeFileSync(join(bin, "sh"), '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 });
    const sections = createRecordingSections();
    const provider = openRun({ PATH: bin });
    const prepare = (): Promise<unknown> =>
      provider.prepare(buildJobSpec({ workspaceRoot: newFolder() }), sections, createStopSwitch().request);
    await prepare();
    await prepare();
    const warnings = sections.sections.flatMap(({ logs }) => logs).filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message)).toEqual([
      "Steps cannot open /dev/stdout and /dev/stderr, as no pipes can be made for them: no such file or directory (ENOENT)",
    ]);
  });

  test.runIf(onLinux)("leaves no file and no open descriptor behind, however many steps run", async () => {
    const tempFolder = newFolder();
    const { session } = await prepare({}, { ...BASE_ENV, TMPDIR: tempFolder });
    const stop = createStopSwitch().request;
    const step = (script: string): Promise<ProcessEnd> => session.run({ step: 1, script }, NOWHERE, stop);
    // Two at a time, for as long as two launchers take to be there.
    await Promise.all([step("sleep 0.3"), step("sleep 0.3")]);
    const before = readdirSync("/proc/self/fd").length;
    for (let index = 0; index < 20; index += 1) await Promise.all([step("echo a"), step("exit 1")]);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    expect(readdirSync(tempFolder)).toEqual([]);
  });
});

describe.runIf(onLinux)("close()", () => {
  test.each([
    ["setsid", "setsid sleep 1000 >/dev/null 2>&1 &"],
    ["setsid in a subshell", "(setsid sleep 1000 >/dev/null 2>&1 &)"],
    ["setsid --fork", "setsid -f sleep 1000 >/dev/null 2>&1"],
    ["setsid with its output still open", "setsid sleep 1000 &"],
    [
      "setsid, in a job so long that process numbers may have begun anew",
      "setsid sleep 1000 >/dev/null 2>&1 & sleep 0.2",
    ],
    ["nohup", "nohup sleep 1000 >/dev/null 2>&1 &"],
    [
      "a process that ignores SIGTERM",
      "setsid sh -c 'trap \"\" TERM; while :; do sleep 1000; done' >/dev/null 2>&1 &",
    ],
    [
      "a group that ignores SIGTERM",
      "sh -c 'trap \"\" TERM; while :; do sleep 1000; done' >/dev/null 2>&1 &",
    ],
  ])("ends what left the step by %s", async (_how, script) => {
    const { run, close } = await prepare();
    expect((await run(script)).end).toEqual({ kind: "exited", exitCode: 0 });
    const logs = await close();
    expect(logs.map(({ level }) => level)).toEqual(["warn"]);
    expect(markedProcesses(RUN_ID)).toEqual([]);
  });

  test("gives a process that left a stopped step's group the grace of that step", async () => {
    const { session, close, workspaceRoot } = await prepare();
    const output = new CollectedOutput();
    const stop = createStopSwitch(10_000);
    const script =
      "setsid sh -c 'trap \"sleep 0.5; touch saved; exit\" TERM; echo ready; while :; do sleep 0.05; done'";
    const ended = session.run({ step: 1, script }, output, stop.request);
    await output.shows("ready");
    stop.terminate();
    await ended;
    await close();
    expect(existsSync(join(workspaceRoot, "saved"))).toBe(true);
  });

  test("gives it no more grace once the run is killed", async () => {
    const { session, close } = await prepare();
    const output = new CollectedOutput();
    const stop = createStopSwitch(60_000);
    const script = "setsid sh -c 'trap \"\" TERM; echo ready; while :; do sleep 0.05; done'";
    const ended = session.run({ step: 1, script }, output, stop.request);
    await output.shows("ready");
    stop.terminate();
    await ended;
    const closing = close();
    stop.kill();
    await closing;
    expect(markedProcesses(RUN_ID)).toEqual([]);
  });

  test("names what it ended", async () => {
    const { run, close } = await prepare();
    const { stdout } = await run(LEAVE_SLEEP);
    const pid = Number(stdout);
    expect(await close()).toEqual([
      {
        level: "warn",
        message: `The job left a process running, now ended: "sleep 1000" (${pid})`,
        facts: { processes: [{ pid, command: "sleep 1000" }] },
      },
    ]);
  });

  test("ends a whole process tree that left its group, with many processes started in between", async () => {
    const { run, close } = await prepare();
    await run(
      "setsid sh -c 'sleep 1000 & setsid sleep 1000 & wait' >/dev/null 2>&1 & i=0; while [ $i -lt 300 ]; do i=$((i+1)); /bin/true; done",
    );
    await close();
    expect(markedProcesses(RUN_ID)).toEqual([]);
  });

  test("does not touch the processes of another job of the run", async () => {
    const one = await prepare({ id: "one" });
    const two = await prepare({ id: "two" });
    const pid = Number((await two.run(LEAVE_SLEEP)).stdout);
    await one.run("true");
    expect(await one.close()).toEqual([]);
    expect(isRunning(pid)).toBe(true);
    await two.close();
    expect(isRunning(pid)).toBe(false);
  });
});

describe.runIf(onLinux)("a job's mark", () => {
  test("cannot be set by variables, and differs for every job", async () => {
    const env = { LOOM_PROCESS_MARK: "mine", LOOM_RUN_ID: "same", LOOM_JOB_ID: "same" };
    const one = await prepare({ env });
    const two = await prepare({ env });
    const marks = [
      (await one.run("echo $LOOM_PROCESS_MARK")).stdout,
      (await two.run("echo $LOOM_PROCESS_MARK")).stdout,
    ];
    expect(marks[0]).toMatch(/^[0-9a-f]{32}\.1\n$/u);
    expect(marks[1]).toMatch(/^[0-9a-f]{32}\.1\n$/u);
    expect(marks[0]).not.toBe(marks[1]);
    const pid = Number((await two.run(LEAVE_SLEEP)).stdout);
    expect(await one.close()).toEqual([]);
    expect(isRunning(pid)).toBe(true);
    await two.close();
    expect(isRunning(pid)).toBe(false);
  });

  test("is appended to that of the outer job", async () => {
    const { run } = await prepare({}, { ...BASE_ENV, LOOM_PROCESS_MARK: "outer.3" });
    expect((await run("echo $LOOM_PROCESS_MARK")).stdout).toMatch(/^outer\.3,[0-9a-f]{32}\.1\n$/u);
  });
});

describe.runIf(onLinux)("endLeftovers()", () => {
  test("ends what an unclosed job of the run left, found by its environment", async () => {
    const { run } = await prepare();
    const pid = Number((await run(LEAVE_SLEEP)).stdout);
    const log = createRecordingLog();
    expect(await createHostProvider().endLeftovers({ runId: RUN_ID, env: BASE_ENV }, log)).toEqual({
      ok: true,
      value: undefined,
    });
    expect(isRunning(pid)).toBe(false);
    expect(log.logs.map(({ message }) => message)).toEqual([
      `The run left a process running, now ended: "sleep 1000" (${pid})`,
    ]);
  });

  test("does not touch another run", async () => {
    const { run, close } = await prepare();
    const pid = Number((await run(LEAVE_SLEEP)).stdout);
    const log = createRecordingLog();
    await createHostProvider().endLeftovers({ runId: runIdentity(7n).runId, env: BASE_ENV }, log);
    expect(isRunning(pid)).toBe(true);
    expect(log.logs).toEqual([]);
    await close();
  });
});

/** Queries the system without the code under test. */
function markedProcesses(runId: string): string[] {
  const { stdout } = spawnSync("ps", ["axeww", "-o", "pid=,stat=,args="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.includes(`LOOM_RUN_ID=${runId}`) && !/^\s*\d+\s+Z/.test(line));
}

test("createHostProvider() refuses Bun, where output is lost", () => {
  const { versions } = process;
  Object.defineProperty(process, "versions", { value: { ...versions, bun: "1.4.5" }, configurable: true });
  onTestFinished(() => void Object.defineProperty(process, "versions", { value: versions }));
  expect(() => createHostProvider()).toThrow("Loom needs Node 22.18 or newer, and this is Bun 1.4.5");
});
