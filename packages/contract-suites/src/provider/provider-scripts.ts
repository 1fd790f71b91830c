import type { OutputStream } from "@loom/core";

/**
 * How the behaviours that the contract suite needs are written for one provider.
 *
 * Each returns the text of a script; several may be joined with newlines.
 */
export interface ProviderScripts {
  /** Ends with an exit code. */
  readonly exit: (code: number) => string;
  /** Ends the shell by a signal that it sends to itself. */
  readonly raise: (signal: "SIGTERM" | "SIGKILL") => string;
  /** Prints a line. */
  readonly print: (text: string, stream: OutputStream) => string;
  /** Prints the numbers from 1 to `last`, a line each, to both outputs. */
  readonly count: (last: number) => string;
  /** Prints how many bytes stdin holds. */
  readonly countStdin: () => string;
  /** Prints the folder it runs in. */
  readonly printFolder: () => string;
  /** Prints an environment variable, or an empty line. */
  readonly printVariable: (name: string) => string;
  /** Sets a variable of the shell, not exported. */
  readonly setVariable: (name: string, value: string) => string;
  /** Writes a file in the folder it runs in. */
  readonly writeFile: (name: string, text: string) => string;
  /** Makes a folder in the folder it runs in, unless it is there. */
  readonly makeFolder: (name: string) => string;
  /** Prints a file. */
  readonly readFile: (name: string) => string;
  /** A command that fails, though it does not end the shell by itself. */
  readonly fail: () => string;
  /** Prints `ready`, then runs until it is asked to end. */
  readonly wait: () => string;
  /** Prints `ready`, then runs on though it is asked to end. */
  readonly waitStubbornly: () => string;
  /** Starts a process in the background, prints its number, and goes on. */
  readonly leaveBehind: () => string;
}

/** The behaviours in POSIX shell, for providers that run a real one. */
export const SHELL_SCRIPTS: ProviderScripts = {
  exit: (code) => `exit ${code}`,
  raise: (signal) => `kill -${signal.slice(3)} $$`,
  print: (text, stream) => (stream === "stdout" ? `echo '${text}'` : `echo '${text}' >&2`),
  count: (last) => `i=1; while [ $i -le ${last} ]; do echo $i; echo $i >&2; i=$((i + 1)); done`,
  countStdin: () => "wc -c | tr -d ' '",
  printFolder: () => "pwd -P",
  printVariable: (name) => `echo "\${${name}-}"`,
  setVariable: (name, value) => `${name}='${value}'`,
  writeFile: (name, text) => `printf '%s' '${text}' > '${name}'`,
  makeFolder: (name) => `mkdir -p '${name}'`,
  readFile: (name) => `cat '${name}'`,
  fail: () => "false",
  wait: () => "echo ready; sleep 1000",
  waitStubbornly: () => "trap '' TERM; echo ready; while :; do sleep 1000 || :; done",
  leaveBehind: () => "sleep 1000 >/dev/null 2>&1 & echo $!",
};
