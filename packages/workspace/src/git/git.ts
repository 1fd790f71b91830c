import { unreachable } from "@loom/core";
import { errnoCode, runGit, systemErrorReason } from "@loom/system";
import { WorkspaceFault, type WorkspaceError } from "../workspace-error.ts";
import { PERMISSION_ADVICE, SPACE_ADVICE } from "../error-of.ts";

/**
 * The oldest supported git.
 *
 * Source: `GIT_CONFIG_COUNT`, which the calls below rely on, came with 2.31 (March 2021).
 */
export const MINIMUM_GIT_VERSION = "2.31";

/** How to call git. */
export interface SnapshotGitOptions {
  /** Program to start, looked up in `PATH` of `env`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborting it ends running calls. */
  readonly signal: AbortSignal;
}

/** One call. */
export interface SnapshotGitCall {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly input?: Buffer;
  /** Variables for this call. */
  readonly env?: Readonly<Record<string, string>>;
  /** Configuration for this call, which overrides every file. */
  readonly config?: readonly (readonly [key: string, value: string])[];
}

/** How a call ended. */
export interface SnapshotGitEnd {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The git program, called so that it has no side effects beyond the command. */
export class SnapshotGit {
  readonly #program: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #signal: AbortSignal;

  constructor(options: SnapshotGitOptions) {
    this.#program = options.program;
    this.#env = options.env;
    this.#signal = options.signal;
  }

  /** Calls git and returns what it printed. Throws a {@link WorkspaceFault} on failure. */
  async run(call: SnapshotGitCall): Promise<Buffer> {
    const end = await this.try(call);
    if (end.exitCode === 0) return end.stdout;
    throw await this.fault(call, end);
  }

  /** Calls git and returns how it ended. Throws only if git cannot be started. */
  async try(call: SnapshotGitCall): Promise<SnapshotGitEnd> {
    const { env: variables, ...rest } = call;
    const end = await runGit({
      ...rest,
      variables,
      env: this.#env,
      program: this.#program,
      signal: this.#signal,
    });
    switch (end.kind) {
      case "ended":
        return end;
      case "not_started":
        throw this.#startFault(end.error);
      case "stopped":
      // No time or output limit is set.
      case "timed_out":
      case "printed_too_much":
        throw cancelled();
      default:
        return unreachable(end);
    }
  }

  /** Why a call failed, as an error for a user. */
  async fault(call: SnapshotGitCall, end: SnapshotGitEnd): Promise<WorkspaceFault> {
    const version = await this.#tooOld(call.cwd);
    if (version !== undefined) {
      return new WorkspaceFault({
        code: "WORKSPACE_GIT_TOO_OLD",
        message: `Cannot snapshot "${call.cwd}": git is ${version}, older than ${MINIMUM_GIT_VERSION}. Install a newer one, or work in the folder itself with --in-place`,
        path: call.cwd,
      });
    }
    return new WorkspaceFault(failure(call, end));
  }

  async #tooOld(cwd: string): Promise<string | undefined> {
    const { stdout } = await this.try({ cwd, args: ["--version"] });
    const version = /\d+\.\d+[.\d]*/.exec(stdout.toString("utf8"))?.[0];
    if (version === undefined) return undefined;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [wantedMajor = 0, wantedMinor = 0] = MINIMUM_GIT_VERSION.split(".").map(Number);
    const old = major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
    return old ? version : undefined;
  }

  #startFault(thrown: unknown): WorkspaceFault {
    const missing = errnoCode(thrown) === "ENOENT";
    const why = missing ? "it is not on PATH" : systemErrorReason(thrown);
    return new WorkspaceFault({
      code: missing ? "WORKSPACE_GIT_MISSING" : "WORKSPACE_GIT_FAILED",
      message: `Cannot start "${this.#program}", which the snapshot of a git repository needs: ${why}. Install git ${MINIMUM_GIT_VERSION} or newer, or work in the folder itself with --in-place`,
    });
  }
}

/** The signal aborted. */
export function cancelled(): WorkspaceFault {
  return new WorkspaceFault({
    code: "WORKSPACE_CANCELLED",
    message: "The workspace was not made: cancelled",
  });
}

function failure(call: SnapshotGitCall, end: SnapshotGitEnd): WorkspaceError {
  const how = end.exitCode === undefined ? "was killed" : `ended with code ${end.exitCode}`;
  const said = end.stderr === "" ? "" : `: ${lastLines(end.stderr)}`;
  const what = `Cannot snapshot "${call.cwd}": "git ${call.args[0] ?? ""}" ${how}${said}`;
  if (/No space left on device|Disk quota exceeded/.test(end.stderr)) {
    return { code: "WORKSPACE_NO_SPACE", message: `${what}. ${SPACE_ADVICE}`, path: call.cwd };
  }
  // git created a file but could not write to it, and does not say why.
  if (/unable to write file/.test(end.stderr)) {
    const message = `${what}. Most likely the disk, or your quota on it, is full. ${SPACE_ADVICE}`;
    return { code: "WORKSPACE_NO_SPACE", message, path: call.cwd };
  }
  if (/Permission denied|Read-only file system|Operation not permitted/.test(end.stderr)) {
    return { code: "WORKSPACE_NOT_PERMITTED", message: `${what}. ${PERMISSION_ADVICE}`, path: call.cwd };
  }
  const advice = 'See what "git status" says in the repository, or work in the folder itself with --in-place';
  return { code: "WORKSPACE_GIT_FAILED", message: `${what}. ${advice}`, path: call.cwd };
}

/** A git that fails on every file prints a line for each. */
function lastLines(stderr: string): string {
  return stderr.split("\n").slice(-5).join("\n");
}
