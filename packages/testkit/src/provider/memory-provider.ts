import { err, ok, type EventError, type OutputStream, type PhaseOutcome, type Result } from "@loom/core";
import {
  stepVariables,
  type JobSpec,
  type OutputSink,
  type ProcessEnd,
  type Provider,
  type ProviderRun,
  type ProviderSession,
  type RunProvider,
  type SectionLog,
  type Sections,
  type StepSpec,
  type StopRequest,
} from "@loom/ports";

/** A provider that runs tiny scripts in memory, and what it runs at the moment. */
export interface MemoryProvider extends Provider {
  /** Whether a process left behind by a step still runs. */
  isRunning(pid: number): boolean;
}

/** What a memory provider has to work with. */
export interface MemoryProviderOptions {
  /** The folders that jobs may work in. Default: `/workspace`. */
  readonly folders?: readonly string[];
}

/**
 * Makes a provider that runs scripts in the language of `MEMORY_SCRIPTS`, one
 * command a line: no process, no file, no time.
 *
 * Processes that ignore SIGTERM are killed at once, not after the grace.
 */
export function createMemoryProvider(options: MemoryProviderOptions = {}): MemoryProvider {
  const folders = new Map(
    (options.folders ?? ["/workspace"]).map((path) => [path, new Map<string, string>()]),
  );
  /** What runs, by the run that it belongs to. */
  const running = new Map<number, string>();
  let lastPid = 0;
  const end = async (run: ProviderRun, log: SectionLog): Promise<Result<void, EventError>> => {
    const processes = [...running].filter(([, runId]) => runId === run.runId).map(([pid]) => pid);
    for (const pid of processes) running.delete(pid);
    noteEnded(processes, log);
    return Promise.resolve(ok(undefined));
  };
  const open = (run: ProviderRun): RunProvider => ({
    name: "memory",
    close: (log) => end(run, log),
    async prepare(job, sections, stop) {
      const files = folders.get(job.workspaceRoot);
      const error = prepareError(job, files, stop);
      await inProviderSection(sections, error, job.workspaceRoot);
      if (error !== undefined || files === undefined) {
        return err(error ?? { code: "workspace_missing", message: job.workspaceRoot });
      }
      return ok(
        memorySession(job, files, {
          env: run.env,
          leaveBehind() {
            lastPid += 1;
            running.set(lastPid, run.runId);
            return lastPid;
          },
          end: (pid) => void running.delete(pid),
        }),
      );
    },
  });
  return { name: "memory", isRunning: (pid) => running.has(pid), open, endLeftovers: end };
}

function noteEnded(pids: readonly number[], log: SectionLog): void {
  if (pids.length === 0) return;
  const processes = pids.map((pid) => ({ pid, command: "left-behind" }));
  log.log("warn", "Processes were left running, now ended", { processes });
}

interface Machine {
  readonly env: ProviderRun["env"];
  leaveBehind(): number;
  end(pid: number): void;
}

function prepareError(
  job: JobSpec,
  files: ReadonlyMap<string, string> | undefined,
  stop: StopRequest,
): EventError | undefined {
  if (stop.terminate.aborted || stop.kill.aborted)
    return { code: "cancelled", message: "The run is being stopped" };
  if (files !== undefined) return undefined;
  return { code: "workspace_missing", message: `There is no folder "${job.workspaceRoot}"` };
}

async function inProviderSection(
  sections: Sections,
  error: EventError | undefined,
  cwd: string,
): Promise<void> {
  await sections.run("provider", (context): Promise<PhaseOutcome> => {
    if (error?.code === "cancelled") return Promise.resolve({ status: "cancelled" });
    if (error !== undefined) return Promise.resolve({ status: "failed", error });
    context.log("info", "Steps run in memory", { provider: "memory", cwd });
    return Promise.resolve({ status: "success" });
  });
}

function memorySession(job: JobSpec, files: Map<string, string>, machine: Machine): ProviderSession {
  const left: number[] = [];
  return {
    async run(step: StepSpec, output: OutputSink, stop: StopRequest): Promise<ProcessEnd> {
      if (stop.terminate.aborted || stop.kill.aborted) {
        return { kind: "not_started", error: { code: "cancelled", message: "The run is being stopped" } };
      }
      const variables = new Map(
        Object.entries({ ...machine.env, ...stepVariables(step), ...job.env, ...step.env } as Record<
          string,
          string
        >),
      );
      const { dir, shell, script } = step;
      if (dir !== undefined && !files.has(`${dir}/`)) {
        return {
          kind: "not_started",
          error: { code: "workspace_missing", message: `There is no ${dir}` },
        };
      }
      const lines =
        typeof shell === "object"
          ? [`print stdout ${[...shell.slice(1), script].join(" ")}`]
          : script.split("\n");
      for (const line of lines) {
        const end = await runLine(line, { job, dir, files, variables, output, stop, machine, left });
        if (end !== undefined) return end;
      }
      return { kind: "exited", exitCode: 0 };
    },
    close(log: SectionLog): Promise<Result<void, EventError>> {
      noteEnded(left, log);
      for (const pid of left) machine.end(pid);
      return Promise.resolve(ok(undefined));
    },
  };
}

interface RunningStep {
  readonly job: JobSpec;
  /** Where the step works. Absent: where the job does. */
  readonly dir: string | undefined;
  /** By their paths. A folder is there as its path with a slash behind it. */
  readonly files: Map<string, string>;
  readonly variables: Map<string, string>;
  readonly output: OutputSink;
  readonly stop: StopRequest;
  readonly machine: Machine;
  readonly left: number[];
}

/** Runs one command; returns how the step ended, if it did. */
async function runLine(line: string, step: RunningStep): Promise<ProcessEnd | undefined> {
  const [command = "", first = "", ...others] = line.split(" ");
  const rest = others.join(" ");
  const print = async (text: string, stream: OutputStream = "stdout"): Promise<undefined> => {
    await step.output.write(stream, new TextEncoder().encode(`${text}\n`));
  };
  const path = (name: string): string => (step.dir === undefined ? name : `${step.dir}/${name}`);
  switch (command) {
    case "exit":
      return { kind: "exited", exitCode: Number(first) };
    case "raise":
      return { kind: "signaled", signal: first };
    case "fail":
      return { kind: "exited", exitCode: 1 };
    case "print":
      return print(rest, first === "stderr" ? "stderr" : "stdout");
    case "count":
      for (let number = 1; number <= Number(first); number += 1) {
        await print(String(number));
        await print(String(number), "stderr");
      }
      return undefined;
    case "count-stdin":
      return print("0");
    case "print-folder":
      return print(step.dir === undefined ? step.job.workspaceRoot : `${step.job.workspaceRoot}/${step.dir}`);
    case "print-variable":
      return print(step.variables.get(first) ?? "");
    case "set-variable":
      step.variables.set(first, rest);
      return undefined;
    case "write-file":
      step.files.set(path(first), rest);
      return undefined;
    case "make-folder":
      step.files.set(`${path(first)}/`, "");
      return undefined;
    case "read-file":
      return print(step.files.get(path(first)) ?? "");
    case "wait":
      await print("ready");
      return { kind: "signaled", signal: await stopSignal(step.stop, "SIGTERM") };
    case "wait-stubbornly":
      await print("ready");
      return { kind: "signaled", signal: await stopSignal(step.stop, "SIGKILL") };
    case "leave-behind": {
      const pid = step.machine.leaveBehind();
      step.left.push(pid);
      return print(String(pid));
    }
    default:
      throw new Error(`The memory provider does not know the command "${line}"`);
  }
}

/** Resolves with the signal that ended the step. */
function stopSignal(stop: StopRequest, onTerminate: "SIGTERM" | "SIGKILL"): Promise<string> {
  if (stop.kill.aborted) return Promise.resolve("SIGKILL");
  if (stop.terminate.aborted) return Promise.resolve(onTerminate);
  return new Promise((resolve) => {
    stop.terminate.addEventListener("abort", () => resolve(onTerminate), { once: true });
    stop.kill.addEventListener("abort", () => resolve("SIGKILL"), { once: true });
  });
}
