import { runIdentity, type OutputStream } from "@loom/core";
import type {
  ProcessEnd,
  Provider,
  ProviderRun,
  ProviderSession,
  RunProvider,
  StopRequest,
} from "@loom/ports";
import { afterEach, describe, expect, test } from "vitest";
import { buildJobSpec, type JobSpecParts } from "./build-job-spec.ts";
import { CollectedOutput } from "./collected-output.ts";
import type { ProviderScripts } from "./provider-scripts.ts";
import { createRecordingLog, createRecordingSections, type RecordingLog } from "./recording-sections.ts";
import { createStopSwitch } from "./stop-switch.ts";

/** One provider with what the contract suite needs to know of it. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  /** The environment of whoever starts the runs. Default: empty. */
  readonly env?: ProviderRun["env"];
  /** Absolute path of a folder that jobs can work in, as the job sees it too. Links resolved. */
  readonly workspaceRoot: string;
  /** Absolute path at which there is no folder. */
  readonly missingRoot: string;
  readonly scripts: ProviderScripts;
  /** Whether a process that a step started still runs. */
  readonly isRunning: (pid: number) => boolean;
  /** Removes what the provider was given. */
  readonly dispose?: () => Promise<void> | void;
}

/** Name of a run that no test has; those of the tests follow. */
const FIRST_RUN = BigInt(process.pid) * 1_000_000_000n;

/** Lines that the back-pressure and completeness tests print to each output. */
const LINES = 5_000;

/** Grace of steps that are expected to use it up. Milliseconds. */
const SHORT_GRACE_MS = 50;

/**
 * The contract of every `Provider`, as a suite of tests.
 *
 * @param make - Called before each test.
 */
export function describeProvider(
  name: string,
  make: () => Promise<ProviderUnderTest> | ProviderUnderTest,
): void {
  describe(`${name} keeps the contract of a provider`, () => {
    let runs = 0;
    let cleanUp: (() => Promise<void>)[] = [];
    afterEach(async () => {
      const steps = cleanUp.toReversed();
      cleanUp = [];
      for (const step of steps) await step();
    });

    async function open(): Promise<Opened> {
      const subject = await make();
      cleanUp.push(async () => subject.dispose?.());
      runs += 1;
      const run: ProviderRun = { runId: runIdentity(FIRST_RUN + BigInt(runs)).runId, env: subject.env ?? {} };
      const provider = subject.provider.open(run);
      cleanUp.push(async () => void (await provider.close(createRecordingLog())));
      return { subject, run, provider };
    }

    async function arrange(parts: JobSpecParts = {}): Promise<Arranged> {
      const { subject, run: ofRun, provider } = await open();
      const sections = createRecordingSections();
      const env = { LOOM_RUN_ID: ofRun.runId, ...parts.env };
      const job = buildJobSpec({ workspaceRoot: subject.workspaceRoot, ...parts, env });
      const prepared = await provider.prepare(job, sections, createStopSwitch().request);
      if (!prepared.ok) throw new Error(`The job could not be set up: ${prepared.error.message}`);
      const session = prepared.value;
      let closed = false;
      let lastStep = 0;
      const close = async (log: RecordingLog = createRecordingLog()): Promise<RecordingLog> => {
        if (closed) return log;
        closed = true;
        expect(await session.close(log)).toEqual({ ok: true, value: undefined });
        return log;
      };
      cleanUp.push(async () => void (await close()));
      const start: Arranged["start"] = (script, stop = createStopSwitch().request) => {
        const output = new CollectedOutput();
        lastStep += 1;
        return { output, ended: session.run({ step: lastStep, script }, output, stop) };
      };
      const run: Arranged["run"] = async (script, stop) => {
        const { output, ended } = start(script, stop);
        const end = await ended;
        return { end, stdout: output.stdout, stderr: output.stderr };
      };
      return { subject, ofRun, provider, session, sections, close, start, run };
    }

    test("prepare() opens the section `provider` once and says in it what runs the job, and where", async () => {
      const { subject, sections } = await arrange();
      expect(sections.sections.map(({ section, outcome }) => ({ section, outcome }))).toEqual([
        { section: "provider", outcome: { status: "success" } },
      ]);
      const named = sections.sections.flatMap(({ logs }) => logs.map(({ facts }) => facts?.["provider"]));
      expect(named).toContain(subject.provider.name);
    });

    test("prepare() returns why a job without a workspace cannot run, in the section too", async () => {
      const { subject, provider } = await open();
      const sections = createRecordingSections();
      const job = buildJobSpec({ workspaceRoot: subject.missingRoot });
      const prepared = await provider.prepare(job, sections, createStopSwitch().request);
      const error = { code: "workspace_missing", message: anyText() };
      expect(prepared).toEqual({ ok: false, error });
      expect(sections.sections.map(({ section, outcome }) => ({ section, outcome }))).toEqual([
        { section: "provider", outcome: { status: "failed", error } },
      ]);
    });

    test("prepare() closes its section as cancelled when the run is being stopped", async () => {
      const { subject, provider } = await open();
      const sections = createRecordingSections();
      const stop = createStopSwitch();
      stop.terminate();
      const job = buildJobSpec({ workspaceRoot: subject.workspaceRoot });
      const prepared = await provider.prepare(job, sections, stop.request);
      expect(prepared).toEqual({ ok: false, error: { code: "cancelled", message: anyText() } });
      expect(sections.sections).toEqual([
        { section: "provider", logs: [], outcome: { status: "cancelled" } },
      ]);
    });

    test.each([0, 1, 3, 255])("run() returns the exit code %i", async (code) => {
      const { subject, run } = await arrange();
      expect(await run(subject.scripts.exit(code))).toEqual({
        end: { kind: "exited", exitCode: code },
        stdout: "",
        stderr: "",
      });
    });

    test.each(["SIGTERM", "SIGKILL"] as const)(
      "run() names the signal %s that ended the process",
      async (signal) => {
        const { subject, run } = await arrange();
        expect((await run(subject.scripts.raise(signal))).end).toEqual({ kind: "signaled", signal });
      },
    );

    test("run() keeps the two outputs apart", async () => {
      const { subject, run } = await arrange();
      const { print } = subject.scripts;
      const script = [print("one", "stdout"), print("two", "stderr"), print("three", "stdout")].join("\n");
      expect(await run(script)).toEqual({
        end: { kind: "exited", exitCode: 0 },
        stdout: "one\nthree\n",
        stderr: "two\n",
      });
    });

    test("run() hands on every line of each output, in order, before it resolves", async () => {
      const { subject, run } = await arrange();
      const result = await run(subject.scripts.count(LINES));
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      expect(result.stdout === numbers(LINES)).toBe(true);
      expect(result.stderr === numbers(LINES)).toBe(true);
    });

    test("run() waits for a sink that is behind, and then hands on everything in order", async () => {
      const { subject, session } = await arrange();
      const sink = new SlowSink();
      const end = await session.run(
        { step: 1, script: subject.scripts.count(LINES) },
        sink,
        createStopSwitch().request,
      );
      expect(end).toEqual({ kind: "exited", exitCode: 0 });
      expect(sink.writesWhileBehind).toBe(0);
      expect(sink.output.stdout === numbers(LINES)).toBe(true);
      expect(sink.output.stderr === numbers(LINES)).toBe(true);
    });

    test("run() gives the process nothing to read", async () => {
      const { subject, run } = await arrange();
      expect((await run(subject.scripts.countStdin())).stdout).toBe("0\n");
    });

    test("run() starts in the workspace", async () => {
      const { subject, run } = await arrange();
      expect((await run(subject.scripts.printFolder())).stdout).toBe(`${subject.workspaceRoot}\n`);
    });

    test("run() gives the step the job's variables and its number", async () => {
      const { subject, run } = await arrange({ env: { COLOUR: "dark red" } });
      const { printVariable } = subject.scripts;
      await run(subject.scripts.exit(0));
      const script = [printVariable("COLOUR"), printVariable("LOOM_STEP"), printVariable("NOT_THERE")];
      expect((await run(script.join("\n"))).stdout).toBe("dark red\n2\n\n");
    });

    test("run() ends the script at the first command that fails", async () => {
      const { subject, run } = await arrange();
      const { print, fail } = subject.scripts;
      const script = [print("before", "stdout"), fail(), print("after", "stdout")].join("\n");
      expect(await run(script)).toEqual({
        end: { kind: "exited", exitCode: 1 },
        stdout: "before\n",
        stderr: "",
      });
    });

    test("run() carries files over to the next step, but not the state of the shell", async () => {
      const { subject, run } = await arrange();
      const { setVariable, printVariable, writeFile, readFile } = subject.scripts;
      await run([setVariable("colour", "red"), writeFile("note.txt", "kept")].join("\n"));
      const second = await run([printVariable("colour"), readFile("note.txt")].join("\n"));
      expect(second.stdout.trimEnd()).toBe("\nkept");
    });

    test("run() does not start a step when the run is being stopped already", async () => {
      const { subject, run } = await arrange();
      const stop = createStopSwitch();
      stop.terminate();
      expect(await run(subject.scripts.print("started", "stdout"), stop.request)).toEqual({
        end: { kind: "not_started", error: { code: "cancelled", message: anyText() } },
        stdout: "",
        stderr: "",
      });
    });

    test("run() asks a step to end when the run is stopped", async () => {
      const { subject, start } = await arrange();
      const stop = createStopSwitch();
      const { output, ended } = start(subject.scripts.wait(), stop.request);
      await output.shows("ready");
      stop.terminate();
      expect(await ended).toEqual({ kind: "signaled", signal: "SIGTERM" });
    });

    test("run() kills a step that does not end within the grace", async () => {
      const { subject, start } = await arrange();
      const stop = createStopSwitch(SHORT_GRACE_MS);
      const { output, ended } = start(subject.scripts.waitStubbornly(), stop.request);
      await output.shows("ready");
      stop.terminate();
      expect(await ended).toEqual({ kind: "signaled", signal: "SIGKILL" });
    });

    test("run() kills a step at once when told to, whatever the grace", async () => {
      const { subject, start } = await arrange();
      const stop = createStopSwitch();
      const { output, ended } = start(subject.scripts.waitStubbornly(), stop.request);
      await output.shows("ready");
      stop.kill();
      expect(await ended).toEqual({ kind: "signaled", signal: "SIGKILL" });
    });

    test("close() ends a process that a step left behind, and names it", async () => {
      const { subject, run, close } = await arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      expect(subject.isRunning(pid)).toBe(true);
      const { logs } = await close();
      expect(subject.isRunning(pid)).toBe(false);
      expect(logs).toEqual([
        {
          level: "warn",
          message: anyText(),
          facts: { processes: [{ pid, command: anyText() }] },
        },
      ]);
    });

    test("close() notes nothing when nothing was left behind", async () => {
      const { subject, run, close } = await arrange();
      await run(subject.scripts.print("done", "stdout"));
      expect((await close()).logs).toEqual([]);
    });

    test("close() of the run ends what a job left that was not closed, and finds nothing when done again", async () => {
      const { subject, provider, run } = await arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const log = createRecordingLog();
      expect(await provider.close(log)).toEqual({ ok: true, value: undefined });
      expect(subject.isRunning(pid)).toBe(false);
      expect(log.logs).toHaveLength(1);
      const again = createRecordingLog();
      expect(await provider.close(again)).toEqual({ ok: true, value: undefined });
      expect(again.logs).toEqual([]);
    });

    test("close() of a run leaves the jobs of another run alone", async () => {
      const { subject, run } = await arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const other = subject.provider.open({ runId: runIdentity(FIRST_RUN).runId, env: subject.env ?? {} });
      expect(await other.close(createRecordingLog())).toEqual({ ok: true, value: undefined });
      expect(subject.isRunning(pid)).toBe(true);
    });

    test("endLeftovers() ends what a run left whose program is gone, and nothing of another run", async () => {
      const { subject, ofRun, run } = await arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const other = { ...ofRun, runId: runIdentity(FIRST_RUN).runId };
      expect(await subject.provider.endLeftovers(other, createRecordingLog())).toEqual({
        ok: true,
        value: undefined,
      });
      expect(subject.isRunning(pid)).toBe(true);
      for (const dead of [ofRun, ofRun]) {
        expect(await subject.provider.endLeftovers(dead, createRecordingLog())).toEqual({
          ok: true,
          value: undefined,
        });
        expect(subject.isRunning(pid)).toBe(false);
      }
    });
  });
}

/** One provider that takes part in a run. */
interface Opened {
  readonly subject: ProviderUnderTest;
  readonly run: ProviderRun;
  readonly provider: RunProvider;
}

interface Arranged {
  readonly subject: ProviderUnderTest;
  readonly ofRun: ProviderRun;
  readonly provider: RunProvider;
  readonly session: ProviderSession;
  readonly sections: ReturnType<typeof createRecordingSections>;
  readonly close: () => Promise<RecordingLog>;
  readonly start: (
    script: string,
    stop?: StopRequest,
  ) => { readonly output: CollectedOutput; readonly ended: Promise<ProcessEnd> };
  readonly run: (
    script: string,
    stop?: StopRequest,
  ) => Promise<{ readonly end: ProcessEnd; readonly stdout: string; readonly stderr: string }>;
}

/** Takes every chunk late, and counts those of an output that came although it was behind with it. */
class SlowSink {
  readonly output: CollectedOutput = new CollectedOutput();
  writesWhileBehind = 0;
  readonly #behind = new Set<OutputStream>();

  write(stream: OutputStream, chunk: Uint8Array): Promise<void> {
    if (this.#behind.has(stream)) this.writesWhileBehind += 1;
    this.#behind.add(stream);
    this.output.write(stream, chunk);
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#behind.delete(stream);
        resolve();
      });
    });
  }
}

function numbers(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("");
}

/** Some words; which, is for the provider to choose. */
function anyText(): unknown {
  return expect.any(String);
}
