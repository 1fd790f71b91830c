import type { Rule, RuleReading } from "../rule.ts";

/** How commands end what they say when the system refused. */
const REFUSALS = [
  "No such file or directory",
  "Permission denied",
  "Operation not permitted",
  "Is a directory",
  "Not a directory",
  "File exists",
  "Directory not empty",
  "Read-only file system",
  "Connection refused",
  "Device or resource busy",
  "Argument list too long",
  "Exec format error",
  "not found",
];

/** What a plain `sh` prints of bash's own commands and syntax. Source: dash 0.5.12. */
const BASH_IN_SH = [
  /^(?:\[\[|source|shopt|declare|typeset|pushd|popd|mapfile|readarray|let|coproc|function): not found$/,
  /^(?:set|read|printf|export|wait): Illegal option -\S/,
  /^\[: .+: unexpected operator$/,
  /^Bad substitution$/,
  /^Syntax error: (?:"\(" unexpected|Bad for loop variable|redirection unexpected)/,
];

/** Shells, and the plain commands that scripts are made of. */
export const SHELL_RULES: readonly Rule[] = [
  {
    tool: "shell",
    // How a program ended, not why: what it said before may tell.
    role: "echo",
    pattern:
      /^(?:\S+: line (?<line>\d+):\s+\d+ )?(?<message>(?:Segmentation fault|Aborted|Killed|Bus error|Illegal instruction|Floating point exception)(?: \(core dumped\))?)(?:\s.*)?$/,
    read: ({ message = "" }) => ({ code: /^[A-Za-z ]+/.exec(message)?.[0].trim(), line: undefined }),
  },
  {
    tool: "shell",
    pattern:
      /^(?<file>(?:[^\s:]*\/)?(?:ba|da|z|a|k|c)?sh|[^\s:]+): (?:-c: )?(?<word>line )?(?<line>\d+): (?<message>.+)$/,
    read: ({ file = "", word, line, message = "" }) => shellError(file, line, message, word !== undefined),
  },
  {
    tool: "shell",
    pattern: /^(?:-?(?:ba|z|da)?sh|zsh:\d+): (?<message>.+: command not found|command not found: .+)$/,
    read: () => ({ code: "command_not_found" }),
  },
  {
    tool: "env",
    pattern: /^(?:\/usr\/bin\/)?env: (?<message>.+: No such file or directory)$/,
    read: () => ({ code: "command_not_found" }),
  },
  {
    tool: "shell",
    pattern: /^(?<name>[a-z][\w.+-]{0,30}): (?<message>.+)$/,
    read: ({ name = "", message = "" }) => commandError(name, message),
  },
];

function shellError(
  file: string,
  line: string | undefined,
  message: string,
  isBash: boolean,
): RuleReading | undefined {
  const isShell = /^(?:\S*\/)?(?:ba|da|z|a|k|c)?sh$/.test(file);
  const code =
    !isBash && BASH_IN_SH.some((pattern) => pattern.test(message)) ? "bash_syntax" : shellCode(message);
  // Only bash says the word `line`; what it says may be anything.
  if (code === undefined && (!isBash || message.startsWith("`"))) return undefined;
  const severity = message.startsWith("warning: ") ? "warning" : "error";
  // The shell's own name says nothing about a file: the line is one of the step.
  return isShell ? { file: undefined, line: undefined, code, severity } : { line, code, severity };
}

function shellCode(message: string): string | undefined {
  if (/(?:: |^)(?:command )?not found(?:: .+)?$/.test(message)) return "command_not_found";
  if (message.endsWith("Permission denied")) return "permission_denied";
  if (/^(?:syntax error|Syntax error|unexpected EOF)/.test(message)) return "syntax_error";
  if (/cannot execute|bad interpreter|Exec format error/.test(message)) return "cannot_execute";
  if (/(?:parameter not set|unbound variable)$/.test(message)) return "unset_variable";
  if (/(?:can't (?:cd to|open)|No such file or directory|cannot open|Is a directory)/.test(message))
    return "no_such_file";
  return undefined;
}

function commandError(name: string, message: string): RuleReading | undefined {
  if (REFUSALS.some((refusal) => message.endsWith(refusal))) return { tool: name };
  if (
    /^(?:cannot |can't |unrecognized option|invalid option|missing operand|command not found)/.test(message)
  )
    return { tool: name };
  return undefined;
}
