import { err, ok, type Result } from "@loom/core";
import {
  FLAGGED_REPORTERS,
  isReporterName,
  REPORTER_NAMES,
  type FlaggedReporter,
  type ReporterName,
} from "../table/reporter-table.ts";
import { AGENT_VARIABLES } from "./agent-variables.ts";
import { CI_RUNNER_VARIABLES, ciRunner, isOn } from "./ci-runner.ts";

/** What a run prints, and how: the screen, or one of the reporters. */
export type OutputMode = "tui" | ReporterName;

/** The flags of the command line that are about output. */
export interface OutputFlags extends Readonly<Partial<Record<FlaggedReporter, boolean>>> {
  /** The `--reporter` that prints where the user looks: a word of the table, `tui`, or a module. */
  readonly reporter?: string | undefined;
  /** True for `--tui`, false for `--no-tui`, absent for neither. */
  readonly tui?: boolean | undefined;
}

/** The streams that a person may sit at. */
export interface OutputStreams {
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  /**
   * Whether the program is in the foreground of its terminal. One that is not
   * may neither draw on the screen nor read keys. Default: true.
   */
  readonly inForeground?: boolean | undefined;
  /** Absent or 0: not known. */
  readonly columns?: number | undefined;
  /** Absent or 0: not known. */
  readonly rows?: number | undefined;
}

/** What shows the run, and why, for those who wonder. */
export type OutputChoice =
  | { readonly mode: OutputMode; readonly reason: string }
  /** A reporter of somebody else, by its path or the name of its package. */
  | { readonly mode: "module"; readonly module: string; readonly reason: string };

/** The output that was asked for cannot be had. Wrong use: exit code 2. */
export interface OutputError {
  readonly code:
    | "CLI_NO_TERMINAL"
    | "CLI_UNKNOWN_OUTPUT"
    | "CLI_CONTRADICTING_OUTPUTS"
    | "CLI_INVALID_REPORTER";
  readonly message: string;
}

/** Below this size the screen has no room for a frame. Unit: characters. */
const SMALLEST_SCREEN = { columns: 20, rows: 5 } as const;

const MODES: readonly OutputMode[] = ["tui", ...REPORTER_NAMES];

/** Variables by which people ask for text that can be heard. Source: Charm's huh (`ACCESSIBLE`), Ink. */
const ACCESSIBLE_VARIABLES = ["LOOM_A11Y", "ACCESSIBLE", "INK_SCREEN_READER"] as const;

type Env = Readonly<Record<string, string | undefined>>;
type Answer = Result<OutputChoice, OutputError> | undefined;

/**
 * Decides how a run is shown. The first rule that has an answer decides.
 *
 * Flags that ask for different outputs contradict each other: that is an error,
 * not a matter of rank. `--no-tui` only rules the screen out, so it goes with
 * every flag but `--tui`.
 *
 * @param env - Environment variables by name.
 */
export function chooseOutput(
  flags: OutputFlags,
  env: Env,
  streams: OutputStreams,
): Result<OutputChoice, OutputError> {
  const asked = askedFor(flags);
  const last = asked.pop();
  if (last !== undefined && asked.length > 0) {
    const message = `Cannot combine ${asked.join(", ")} and ${last}: each asks for another output. Give one of them`;
    return err({ code: "CLI_CONTRADICTING_OUTPUTS", message });
  }
  for (const rule of RULES) {
    const answer = rule(flags, env, streams);
    if (answer !== undefined) return answer;
  }
  return choose("tui", "a terminal");
}

/** The flags given that name an output, as they are written. */
function askedFor(flags: OutputFlags): string[] {
  return [
    ...FLAGGED_REPORTERS.filter((name) => flags[name] === true).map((name) => `--${name}`),
    ...(flags.tui === true ? ["--tui"] : []),
    ...(flags.reporter === undefined ? [] : [`--reporter ${flags.reporter}`]),
  ];
}

/** In order of rank. */
const RULES: readonly ((flags: OutputFlags, env: Env, streams: OutputStreams) => Answer)[] = [
  ({ reporter }, _env, streams) => (reporter === undefined ? undefined : chooseByName(reporter, streams)),
  (flags) => {
    const name = FLAGGED_REPORTERS.find((each) => flags[each] === true);
    return name && choose(name, `--${name}`);
  },
  (flags, _env, streams) => (flags.tui === true ? insistOnTui("--tui", streams) : undefined),
  (flags) => (flags.tui === false ? choose("plain", "--no-tui") : undefined),
  (_flags, env, streams) => chooseByVariable(env, streams),
  (_flags, env) => {
    const asked = ACCESSIBLE_VARIABLES.find((name) => isOn(env[name]));
    return asked === undefined ? undefined : choose("a11y", asked);
  },
  // Within a CI runner, and at a terminal that it holds, it is still the agent that reads.
  (_flags, env) => {
    const agent = AGENT_VARIABLES.find((name) => isOn(env[name]));
    return agent === undefined ? undefined : choose("agent", `a coding agent (${agent})`);
  },
  (_flags, env) => chooseForRunner(env),
  (_flags, _env, streams) => {
    const missing = missingTerminal(streams);
    return missing === undefined ? undefined : choose("plain", missing);
  },
  (_flags, env) => (env["TERM"] === "dumb" ? choose("plain", "TERM=dumb") : undefined),
  (_flags, env) => chooseForCi(env),
  (_flags, _env, streams) => {
    const { columns = 0, rows = 0 } = streams;
    const small =
      (columns > 0 && columns < SMALLEST_SCREEN.columns) || (rows > 0 && rows < SMALLEST_SCREEN.rows);
    return small ? choose("plain", `a terminal of ${columns}×${rows}`) : undefined;
  },
];

function choose(mode: OutputMode, reason: string): Result<OutputChoice, never> {
  return ok({ mode, reason });
}

function chooseByName(name: string, streams: OutputStreams): Answer {
  if (name === "tui") return insistOnTui("--reporter tui", streams);
  const reason = `--reporter ${name}`;
  return isReporterName(name) ? choose(name, reason) : ok({ mode: "module", module: name, reason });
}

function insistOnTui(asked: string, streams: OutputStreams): Answer {
  const missing = missingTerminal(streams);
  if (missing === undefined) return choose("tui", asked);
  const message = `Cannot show the TUI: ${missing}. Leave out ${asked}, or run loom in the foreground of a terminal`;
  return err({ code: "CLI_NO_TERMINAL", message });
}

function chooseByVariable(env: Env, streams: OutputStreams): Answer {
  const wanted = env["LOOM_OUTPUT"];
  if (wanted === undefined || wanted === "") return undefined;
  const mode = MODES.find((known) => known === wanted);
  if (mode === undefined) {
    const message = `Unknown output "${wanted}" in LOOM_OUTPUT: set it to one of ${MODES.join(", ")}`;
    return err({ code: "CLI_UNKNOWN_OUTPUT", message });
  }
  const missing = mode === "tui" ? missingTerminal(streams) : undefined;
  if (missing !== undefined) return choose("plain", `LOOM_OUTPUT=tui, but ${missing}`);
  return choose(mode, `LOOM_OUTPUT=${mode}`);
}

/** The reporter of a runner whose log viewer folds groups. */
function chooseForRunner(env: Env): Answer {
  const runner = ciRunner(env);
  return runner && choose(runner, `a CI runner that folds groups (${CI_RUNNER_VARIABLES[runner]})`);
}

function chooseForCi(env: Env): Answer {
  const name = ["CI", "CONTINUOUS_INTEGRATION"].find((variable) => isOn(env[variable]));
  return name === undefined ? undefined : choose("plain", `a CI runner (${name})`);
}

/** Why there is no terminal for the screen, as a clause; undefined when there is one. */
function missingTerminal(streams: OutputStreams): string | undefined {
  if (!streams.stdoutIsTerminal) return "stdout is not a terminal";
  if (!streams.stdinIsTerminal) return "stdin is not a terminal";
  return streams.inForeground === false ? "loom runs in the background of its terminal" : undefined;
}
