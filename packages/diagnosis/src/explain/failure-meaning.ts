import type { FailureMeaning } from "./explanation.ts";

/** What is known of how something ended. */
export interface FailureFacts {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  /** Code of the failing unit's error, `timeout` for example. */
  readonly errorCode?: string | undefined;
  /** Codes of the errors recognised in its output. */
  readonly outputCodes?: readonly (string | undefined)[];
}

/** Signals by number. Source: signal(7), the numbers of Linux on x86 and ARM. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
};

/** What shells and make print of a program that a signal ended, when they themselves end with a code of their own. */
const ENDED_BY: Readonly<Record<string, string>> = {
  "Segmentation fault": "SIGSEGV",
  Aborted: "SIGABRT",
  "Bus error": "SIGBUS",
  "Illegal instruction": "SIGILL",
  "Floating point exception": "SIGFPE",
  Killed: "SIGKILL",
};

const CRASHES = new Set(["SIGILL", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV"]);

/**
 * Says what kind of failure it is, where the facts say more than "it failed".
 *
 * Exit codes are read as POSIX shells give them: 126 and 127, and 128 and a
 * signal's number. What the output says about memory and disk comes first.
 */
export function failureMeaning(facts: FailureFacts): FailureMeaning | undefined {
  const { exitCode, errorCode, outputCodes = [] } = facts;
  if (errorCode === "timeout")
    return { code: "timeout", message: "It ran longer than its limit and was stopped" };
  if (errorCode === "worker_lost")
    return { code: "worker_lost", message: "What ran it died or was cut off, so nobody saw how it ended" };
  if (outputCodes.includes("ENOSPC")) return { code: "disk_full", message: "No space was left on the disk" };
  if (errorCode === "out_of_memory" || outputCodes.includes("out_of_memory"))
    return { code: "out_of_memory", message: "It ran out of memory" };
  if (outputCodes.includes("bash_syntax")) {
    return {
      code: "bash_syntax",
      message:
        "This looks like bash, and the step ran in sh: set shell: bash for the job, or write it for sh",
    };
  }
  const signal =
    facts.signal ??
    (exitCode !== undefined && exitCode > 128 ? SIGNALS[exitCode - 128] : undefined) ??
    outputCodes.flatMap((code) => ENDED_BY[code ?? ""] ?? [])[0];
  if (signal !== undefined) return signalMeaning(signal);
  switch (exitCode) {
    case 124:
      return { code: "timeout", message: "Exit code 124: the command timeout(1) stopped it" };
    case 126:
      return {
        code: "not_executable",
        message: "The command was found but could not be executed: its permission or its format",
      };
    case 127:
      return {
        code: "command_not_found",
        message: "A command was not found: it is not installed, not on PATH, or misspelt",
      };
    case undefined:
    default:
      return undefined;
  }
}

function signalMeaning(signal: string): FailureMeaning {
  if (signal === "SIGKILL") {
    return {
      code: "killed",
      message: "Killed by SIGKILL: often the system or a container running out of memory",
    };
  }
  if (signal === "SIGTERM") return { code: "terminated", message: "Asked to end by SIGTERM" };
  if (signal === "SIGINT") return { code: "interrupted", message: "Interrupted by SIGINT" };
  if (CRASHES.has(signal))
    return { code: "crashed", message: `Crashed with ${signal}: a bug in the program, or memory ran out` };
  return { code: "signal", message: `Ended by ${signal}` };
}
