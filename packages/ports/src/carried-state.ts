import type { Carried, GraphNode } from "@loom/core";
import { shellOf } from "./step-command.ts";
import type { StepSpec } from "./provider.ts";

/** What the shell of a step is told to start from and to leave. */
export interface CarryRequest {
  readonly node: Pick<GraphNode, "carry" | "shell" | "secrets">;
  readonly step: StepSpec;
  /** Absolute path of a folder that is there for one attempt at the job alone, as its steps see it. */
  readonly folder: string;
  /** Where a step starts after which nothing was carried. Absolute. */
  readonly root: string;
  /** The variables that the step is started with: its own are not among them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the shell prints each command of the script before it runs it. */
  readonly isTraced: boolean;
}

/** How a step is started that starts from what was carried. */
export interface CarriedStart {
  /** Absolute path of the file to write for the step, which only the user may read. */
  readonly file: string;
  readonly text: string;
  /** What to run in place of the step's script. */
  readonly script: string;
  /** What the step is started with over {@link CarryRequest.env}. */
  readonly env: Readonly<Record<string, string>>;
}

/** Of each shell its own, never carried: the folder is carried by itself. */
const OF_A_SHELL = ["PWD", "OLDPWD", "SHLVL", "_"];

/** Set for some steps only, so they may be carried to a step that has none. */
const OF_A_STEP = ["LOOM_STEP", "LOOM_JOB_STATUS", "CI_JOB_STATUS"];

/** Those of bash that nobody may set: somebody may have exported them. */
const READ_ONLY = ["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"];

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * What a step runs first so that it starts from what the steps before it left, and leaves in turn what its shell has in the
 * end, also when it fails or exits early.
 *
 * The text is for any POSIX shell and uses no other program. What the steps left is written as text for a shell, too: a value
 * may have any bytes. A file says that the text is complete, as a shell can be killed while it writes.
 *
 * `sh` reads the file on the first line of the script, and bash as its start-up file: lines keep their numbers, and the
 * line that bash quotes in an error is as written. Only where `sh` is bash does an error in the syntax of the first line quote
 * more than that.
 */
export function carriedStart(request: CarryRequest): CarriedStart {
  const { node, step, folder, env } = request;
  const file = `${folder}/start-${step.step}`;
  const isBash = shellOf(node, step).shell === "bash";
  const own = ownVariables(request);
  const passed = Object.entries(step.env ?? {}).filter(([name]) => !(name in own));
  const given = Object.fromEntries(passed);
  const outer = { ...env, ...given }["BASH_ENV"];
  const head = isBash ? [outer === undefined ? "unset BASH_ENV" : `export BASH_ENV=${quoted(outer)}`] : [];
  const ownFile = 'if [ "${BASH_ENV:-}" ]; then eval ". \\"$BASH_ENV\\""; fi';
  const lines = [
    ...head,
    ...restoring(request),
    ...(isBash ? [ownFile] : []),
    ...saving(request, isBash),
    ...(request.isTraced ? ["set -x"] : []),
  ];
  return {
    file,
    text: `${lines.join("\n")}\n`,
    script: isBash ? step.script : `. ${quoted(file)}; ${step.script}`,
    env: isBash ? { ...given, BASH_ENV: file } : given,
  };
}

/** Those of the step's own variables that the text of its start sets, which knows what they stand above. */
function ownVariables({ node, step, env }: CarryRequest): Readonly<Record<string, string>> {
  if (!carries(node, "env")) return {};
  const ofLoom = namesOfLoom({ node, env });
  const others = Object.entries(step.env ?? {}).filter(
    ([name]) => NAME.test(name) && !ofLoom.has(name) && !name.startsWith("LOOM_"),
  );
  return Object.fromEntries(others);
}

/** Names of variables that no step carries on: each gets its own. */
function namesOfLoom({ node, env }: Pick<CarryRequest, "node" | "env">): ReadonlySet<string> {
  return new Set([
    ...OF_A_SHELL,
    ...OF_A_STEP,
    ...Object.keys(env).filter((name) => name.startsWith("LOOM_") && NAME.test(name)),
    ...(node.secrets ?? []).map(({ name }) => name),
  ]);
}

function restoring(request: CarryRequest): readonly string[] {
  const { node, step, folder, root } = request;
  const lines = [
    `__loom_step=${step.step - 1}`,
    `while [ "$__loom_step" -gt 0 ] && ! [ -f ${quoted(folder)}/done-"$__loom_step" ]; do __loom_step=$((__loom_step - 1)); done`,
    `__loom_dir=${quoted(root)}`,
    `if [ "$__loom_step" -gt 0 ]; then . ${quoted(folder)}/state-"$__loom_step"; fi`,
  ];
  if (carries(node, "cwd") && step.dir === undefined) {
    const gone =
      "There is no folder %s any more, in which an earlier step ended: this one was to start there";
    lines.push(`cd -- "$__loom_dir" 2>/dev/null || { printf '${gone}\\n' "$__loom_dir" >&2; exit 1; }`);
  }
  if (step.dir !== undefined) lines.push("__loom_at=$PWD");
  for (const [name, value] of Object.entries(ownVariables(request))) {
    lines.push(`if [ "\${${name}+x}" ]; then __loom_under_${name}=$${name}; fi`);
    lines.push(`export ${name}=${quoted(value)}`);
  }
  return lines;
}

function saving(request: CarryRequest, isBash: boolean): readonly string[] {
  const { node, step, folder } = request;
  const place = (kind: string): string => quoted(`${folder}/${kind}-${step.step}`);
  const dir =
    step.dir === undefined
      ? ['__loom_quote __loom_dir "$PWD"']
      : [
          'if [ "$PWD" = "$__loom_at" ]; then __loom_quote __loom_dir "$__loom_dir"',
          'else __loom_quote __loom_dir "$PWD"; fi',
        ];
  return [
    // Text in quotes, of which each one inside is written '\''.
    "__loom_quote() {",
    "__loom_rest=$2 __loom_text=",
    "while :; do case $__loom_rest in",
    `*\\'*) __loom_text=$__loom_text\${__loom_rest%%\\'*}"'\\\\''" __loom_rest=\${__loom_rest#*\\'} ;;`,
    "*) break ;;",
    "esac; done",
    `printf "%s='%s'\\n" "$1" "$__loom_text$__loom_rest"`,
    "}",
    "__loom_save() (",
    "set +aefux; umask 077",
    "{",
    ...(carries(node, "cwd") ? dir : []),
    ...(carries(node, "env") ? savingVariables(request, isBash) : []),
    `} >|${place("state")} && : >|${place("done")}`,
    ")",
    "trap '{ set +x; } 2>/dev/null; __loom_save 2>/dev/null || :' EXIT",
  ];
}

function savingVariables(request: CarryRequest, isBash: boolean): readonly string[] {
  const ofLoom = namesOfLoom(request);
  const others = Object.keys(request.env).filter((name) => NAME.test(name) && !ofLoom.has(name));
  return [
    // What only the step said, and its script left as it is, is as it was before.
    ...Object.entries(ownVariables(request)).map(
      ([name, value]) =>
        `if [ "\${${name}-}" = ${quoted(value)} ]; then if [ "\${__loom_under_${name}+x}" ]; then ${name}=$__loom_under_${name}; else unset ${name}; fi; fi`,
    ),
    `for __loom_name in ${others.join(" ")}; do eval "[ \\"\\\${$__loom_name+x}\\" ]" || printf 'unset %s\\n' "$__loom_name"; done`,
    `unset ${[...ofLoom].join(" ")} || :`,
    isBash
      ? `compgen -e | while IFS= read -r __loom_name; do case $__loom_name in ${READ_ONLY.join("|")}) continue ;; esac; if [ "\${!__loom_name+x}" ]; then printf "export "; __loom_quote "$__loom_name" "\${!__loom_name}"; fi; done`
      : "export -p",
  ];
}

function carries({ carry = [] }: Pick<GraphNode, "carry">, what: Carried): boolean {
  return carry.includes(what);
}

/** A word of a shell that stands for a text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
