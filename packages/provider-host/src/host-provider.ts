import { err, ok, type EventError, type Result } from "@loom/core";
import {
  inSection,
  reportEnded,
  stoppedBefore,
  type JobSpec,
  type Provider,
  type ProviderRun,
  type ProviderSession,
  type RunProvider,
  type SectionLog,
  type Sections,
  type StopRequest,
  stepCommand,
  stepPrograms,
} from "@loom/ports";
import { isFolder, missingWorkspace, requireNode } from "@loom/system";
import { findShell } from "./find-shell.ts";
import { posixShell, type Shell } from "./posix-shell.ts";
import { HostSession } from "./host-session.ts";
import { LauncherPool } from "./launcher/launcher-pool.ts";
import { FifoPool } from "./output/fifo-pool.ts";
import { removeLeftPipes } from "./output/pipe-folder.ts";
import { endStrayProcesses } from "./strays/end-stray-processes.ts";
import { MARK_NAME } from "./strays/mark.ts";
import { RunProcesses } from "./strays/run-processes.ts";

/** Options of `createHostProvider`. */
export interface HostProviderOptions {
  /** Name of the shell on `PATH`, or a path to it. It must accept `-ec`, as POSIX requires. Default: `sh`. */
  readonly shell?: string | undefined;
  /**
   * How many steps of a run this program starts by itself before a small process in Perl starts them for it, which is
   * several times as fast. That needs Linux, control groups and `perl` on `PATH`. Default: 8, as it does not pay for a
   * few; 0: at once; `Infinity`: never.
   */
  readonly launchAfter?: number | undefined;
}

/**
 * Runs jobs as processes on this machine, each step in its own shell, session and process group, with the
 * environment of whoever started the run.
 *
 * A run looks up the shell once, on the `PATH` of that environment. It keeps a few file descriptors open until
 * the program exits: two for each concurrent step, and at least 16.
 *
 * Throws on Bun, whose pipes lose output.
 */
export function createHostProvider({ shell = "sh", launchAfter = 8 }: HostProviderOptions = {}): Provider {
  requireNode();
  return {
    name: NAME,
    open: (run) => new HostRun(run, shell, launchAfter),
    endLeftovers: async (run, log) => {
      const ended = await endStrayProcesses(run, log);
      if (run.ownerPid !== undefined) removeLeftPipes(run.ownerPid, run.env["TMPDIR"]);
      return ended;
    },
  };
}

const NAME = "host";

class HostRun implements RunProvider {
  readonly name = NAME;
  readonly #shellName: string;
  readonly #baseEnv: ProviderRun["env"];
  readonly #pool: FifoPool;
  readonly #launchers: LauncherPool;
  readonly #run: RunProcesses;
  readonly #warm: Promise<unknown>;
  #shell: Shell | undefined;

  constructor({ env, notesPath }: ProviderRun, shell: string, launchAfter: number) {
    this.#shellName = shell;
    this.#baseEnv = env;
    this.#pool = new FifoPool({ path: env["PATH"], tempFolder: env["TMPDIR"] ?? "/tmp" });
    this.#launchers = new LauncherPool(env, launchAfter);
    this.#run = new RunProcesses({ notesPath, outerMark: env[MARK_NAME] });
    // Does slow set-up while the run reads its workflow. It is awaited where it is needed.
    this.#warm = Promise.all([this.#pool.warm(), this.#run.warm(), this.#launchers.warm()]);
    this.#warm.catch(() => undefined);
  }

  async prepare(
    job: JobSpec,
    sections: Sections,
    stop: StopRequest,
  ): Promise<Result<ProviderSession, EventError>> {
    return await inSection(sections, "provider", async (section) => {
      const stopped = stoppedBefore(stop);
      if (stopped !== undefined) return stopped;
      const shell = this.#findShell();
      if (!shell.ok) return shell;
      const programs = this.#findPrograms(job, shell.value.path);
      if (!programs.ok) return programs;
      if (!isFolder(job.workspaceRoot)) return err(missingWorkspace(job.workspaceRoot));
      section.log("info", "Steps run on this machine", {
        provider: this.name,
        shell: programs.value.get(stepCommand(job.node, "", false).program) ?? shell.value.path,
        cwd: job.workspaceRoot,
      });
      await this.#warm;
      await this.#pool.warm();
      const problem = this.#pool.takeProblem();
      if (problem !== undefined) {
        const message = `Steps cannot open /dev/stdout and /dev/stderr, as no pipes can be made for them: ${problem}`;
        section.log("warn", message);
      }
      return ok(
        new HostSession(job, {
          shell: shell.value,
          programs: programs.value,
          baseEnv: this.#baseEnv,
          pool: this.#pool,
          launchers: this.#launchers,
          run: this.#run,
        }),
      );
    });
  }

  async close(log: SectionLog): Promise<Result<void, EventError>> {
    // Pipes being made are in a folder, and the group's probe is a process: neither must be left behind.
    await this.#warm;
    await this.#launchers.close();
    return reportEnded("The run", await this.#run.end(), log);
  }

  /** Absolute paths of what runs the steps of a job, by their names. */
  #findPrograms({ node, env }: JobSpec, shell: string): Result<ReadonlyMap<string, string>, EventError> {
    const path = env["PATH"] ?? this.#baseEnv["PATH"];
    const found = new Map<string, string>();
    for (const { program, whose } of stepPrograms(node)) {
      // Of `sh` the run has found its own.
      const place = program === "sh" ? { ok: true as const, value: shell } : findShell(program, path);
      if (!place.ok) {
        const where = program.includes("/") ? "" : ` on PATH (${path ?? "not set"})`;
        const message = `There is no executable "${program}"${where}, which ${whose} names as its shell: install it, or name another one`;
        return err({ code: "shell_not_found", message });
      }
      found.set(program, place.value);
    }
    return ok(found);
  }

  #findShell(): Result<Shell, EventError> {
    if (this.#shell !== undefined) return ok(this.#shell);
    const found = findShell(this.#shellName, this.#baseEnv["PATH"]);
    if (!found.ok) return found;
    this.#shell = posixShell(found.value);
    return ok(this.#shell);
  }
}
