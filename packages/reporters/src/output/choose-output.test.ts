import { describe, expect, test } from "vitest";
import { REPORTER_NAMES } from "../table/reporter-table.ts";
import { chooseOutput, type OutputFlags, type OutputStreams } from "./choose-output.ts";

const TERMINAL: OutputStreams = { stdinIsTerminal: true, stdoutIsTerminal: true, columns: 80, rows: 24 };
const PIPE: OutputStreams = { ...TERMINAL, stdoutIsTerminal: false };
const NO_STDIN: OutputStreams = { ...TERMINAL, stdinIsTerminal: false };

const BACKGROUND: OutputStreams = { ...TERMINAL, inForeground: false };

type Row = readonly [OutputFlags, Record<string, string>, OutputStreams, string];

describe("chooseOutput()", () => {
  test.each<Row>([
    [{}, {}, TERMINAL, "tui: a terminal"],
    [{}, {}, { stdinIsTerminal: true, stdoutIsTerminal: true }, "tui: a terminal"],
    [{}, {}, { ...TERMINAL, columns: 0, rows: 0 }, "tui: a terminal"],
    [{ json: true, tui: false }, {}, PIPE, "json: --json"],
    [{ quiet: true }, {}, TERMINAL, "quiet: --quiet"],
    [{ stream: true }, {}, TERMINAL, "stream: --stream"],
    [{ verbose: true, tui: false }, {}, TERMINAL, "verbose: --verbose"],
    [{ tui: false }, { LOOM_OUTPUT: "json" }, TERMINAL, "plain: --no-tui"],
    [{ tui: true }, { CI: "true" }, TERMINAL, "tui: --tui"],
    [{ tui: true }, { TERM: "dumb" }, TERMINAL, "tui: --tui"],
    [{}, { LOOM_OUTPUT: "" }, TERMINAL, "tui: a terminal"],
    [{}, { LOOM_OUTPUT: "stream", CI: "1" }, TERMINAL, "stream: LOOM_OUTPUT=stream"],
    [{}, { LOOM_OUTPUT: "json" }, PIPE, "json: LOOM_OUTPUT=json"],
    [{}, { LOOM_OUTPUT: "tui", CI: "1" }, TERMINAL, "tui: LOOM_OUTPUT=tui"],
    [{}, { LOOM_OUTPUT: "tui" }, PIPE, "plain: LOOM_OUTPUT=tui, but stdout is not a terminal"],
    [{ group: true }, {}, PIPE, "group: --group"],
    [{ a11y: true }, { LOOM_OUTPUT: "stream" }, TERMINAL, "a11y: --a11y"],
    [{ a11y: true, tui: false }, {}, TERMINAL, "a11y: --a11y"],
    [{ reporter: "tap" }, { CI: "1" }, TERMINAL, "tap: --reporter tap"],
    [{ reporter: "plain", tui: false }, { LOOM_OUTPUT: "json" }, PIPE, "plain: --reporter plain"],
    [{ reporter: "tui" }, { CI: "1" }, TERMINAL, "tui: --reporter tui"],
    [{ reporter: "./mine.mjs" }, {}, PIPE, "module: --reporter ./mine.mjs"],
    [{}, { LOOM_OUTPUT: "junit" }, PIPE, "junit: LOOM_OUTPUT=junit"],
    [{}, { ACCESSIBLE: "1" }, TERMINAL, "a11y: ACCESSIBLE"],
    [{}, { ACCESSIBLE: "0" }, TERMINAL, "tui: a terminal"],
    [{}, { LOOM_A11Y: "1", CI: "1" }, PIPE, "a11y: LOOM_A11Y"],
    [{}, { LOOM_OUTPUT: "group" }, TERMINAL, "group: LOOM_OUTPUT=group"],
    [
      {},
      { GITHUB_ACTIONS: "true", CI: "true" },
      PIPE,
      "github: a CI runner that folds groups (GITHUB_ACTIONS)",
    ],
    [{}, { GITLAB_CI: "true", CI: "true" }, PIPE, "gitlab: a CI runner that folds groups (GITLAB_CI)"],
    [{ tui: false }, { GITLAB_CI: "true" }, PIPE, "plain: --no-tui"],
    [{}, {}, PIPE, "plain: stdout is not a terminal"],
    [{}, {}, NO_STDIN, "plain: stdin is not a terminal"],
    [{}, {}, { ...TERMINAL, inForeground: true }, "tui: a terminal"],
    [{}, {}, BACKGROUND, "plain: loom runs in the background of its terminal"],
    [{}, { LOOM_OUTPUT: "stream" }, BACKGROUND, "stream: LOOM_OUTPUT=stream"],
    [{}, { TERM: "dumb" }, TERMINAL, "plain: TERM=dumb"],
    [{}, { CI: "true" }, TERMINAL, "plain: a CI runner (CI)"],
    [{}, { CI: "false" }, TERMINAL, "tui: a terminal"],
    [{}, { CI: "0" }, TERMINAL, "tui: a terminal"],
    [{}, { CI: "" }, TERMINAL, "tui: a terminal"],
    [{}, { CONTINUOUS_INTEGRATION: "1" }, TERMINAL, "plain: a CI runner (CONTINUOUS_INTEGRATION)"],
    [{}, { CLAUDECODE: "1" }, TERMINAL, "agent: a coding agent (CLAUDECODE)"],
    [{}, { CURSOR_AGENT: "1" }, TERMINAL, "agent: a coding agent (CURSOR_AGENT)"],
    [{}, { CLAUDECODE: "1" }, PIPE, "agent: a coding agent (CLAUDECODE)"],
    [{}, { CLAUDECODE: "1", CI: "1", GITHUB_ACTIONS: "true" }, PIPE, "agent: a coding agent (CLAUDECODE)"],
    [{}, { CLAUDECODE: "1", TERM: "dumb" }, PIPE, "agent: a coding agent (CLAUDECODE)"],
    [{}, { LOOM_OUTPUT: "agent" }, TERMINAL, "agent: LOOM_OUTPUT=agent"],
    [{}, { LOOM_OUTPUT: "plain", CLAUDECODE: "1" }, PIPE, "plain: LOOM_OUTPUT=plain"],
    [{}, { ACCESSIBLE: "1", CLAUDECODE: "1" }, PIPE, "a11y: ACCESSIBLE"],
    [{ reporter: "group" }, { CLAUDECODE: "1" }, PIPE, "group: --reporter group"],
    [{ quiet: true }, { CLAUDECODE: "1" }, PIPE, "quiet: --quiet"],
    [{ tui: false }, { CLAUDECODE: "1" }, PIPE, "plain: --no-tui"],
    [{ tui: true }, { CLAUDECODE: "1" }, TERMINAL, "tui: --tui"],
    [{}, { CLAUDECODE: "0" }, PIPE, "plain: stdout is not a terminal"],
    [{}, { CURSOR_TRACE_ID: "1" }, TERMINAL, "tui: a terminal"],
    [{}, { REPL_ID: "1", GOOSE_PROVIDER: "x" }, TERMINAL, "tui: a terminal"],
    [{}, {}, { ...TERMINAL, columns: 19 }, "plain: a terminal of 19×24"],
    [{}, {}, { ...TERMINAL, rows: 4 }, "plain: a terminal of 80×4"],
    [{}, {}, { ...TERMINAL, columns: 20, rows: 5 }, "tui: a terminal"],
  ])("%j with %j on %j is %s", (flags, env, streams, expected) => {
    const choice = chooseOutput(flags, env, streams);
    expect(choice.ok && `${choice.value.mode}: ${choice.value.reason}`).toBe(expected);
  });

  test.each<Row>([
    [
      { tui: true },
      {},
      PIPE,
      "CLI_NO_TERMINAL Cannot show the TUI: stdout is not a terminal. Leave out --tui, or run loom in the foreground of a terminal",
    ],
    [
      { tui: true },
      {},
      NO_STDIN,
      "CLI_NO_TERMINAL Cannot show the TUI: stdin is not a terminal. Leave out --tui, or run loom in the foreground of a terminal",
    ],
    [
      { tui: true },
      {},
      BACKGROUND,
      "CLI_NO_TERMINAL Cannot show the TUI: loom runs in the background of its terminal. Leave out --tui, or run loom in the foreground of a terminal",
    ],
    [
      { json: true, quiet: true, tui: true },
      {},
      PIPE,
      "CLI_CONTRADICTING_OUTPUTS Cannot combine --quiet, --json and --tui: each asks for another output. Give one of them",
    ],
    [
      { reporter: "tui" },
      {},
      PIPE,
      "CLI_NO_TERMINAL Cannot show the TUI: stdout is not a terminal. Leave out --reporter tui, or run loom in the foreground of a terminal",
    ],
    [
      { json: true, reporter: "tap" },
      {},
      PIPE,
      "CLI_CONTRADICTING_OUTPUTS Cannot combine --json and --reporter tap: each asks for another output. Give one of them",
    ],
    [
      { stream: true, verbose: true },
      {},
      PIPE,
      "CLI_CONTRADICTING_OUTPUTS Cannot combine --stream and --verbose: each asks for another output. Give one of them",
    ],
    [
      {},
      { LOOM_OUTPUT: "fancy" },
      TERMINAL,
      `CLI_UNKNOWN_OUTPUT Unknown output "fancy" in LOOM_OUTPUT: set it to one of tui, ${REPORTER_NAMES.join(", ")}`,
    ],
  ])("%j with %j on %j is refused", (flags, env, streams, expected) => {
    const choice = chooseOutput(flags, env, streams);
    expect(choice.ok || `${choice.error.code} ${choice.error.message}`).toBe(expected);
  });
});

/** What must hold whatever is combined with what. */
test("chooseOutput() shows the screen only at a terminal that nothing speaks against", () => {
  const flagSets: OutputFlags[] = [
    {},
    { tui: true },
    { tui: false },
    { json: true },
    { quiet: true },
    { stream: true },
    { group: true },
    { verbose: true },
    { a11y: true },
  ];
  const envs: Record<string, string>[] = [
    {},
    { CI: "true" },
    { CI: "true", GITHUB_ACTIONS: "true" },
    { GITLAB_CI: "true" },
    { TERM: "dumb" },
    { AI_AGENT: "1" },
    { ACCESSIBLE: "1" },
    { LOOM_OUTPUT: "tui" },
    { LOOM_OUTPUT: "plain" },
  ];
  const streamSets: OutputStreams[] = [
    TERMINAL,
    PIPE,
    NO_STDIN,
    { ...TERMINAL, columns: 10 },
    { ...TERMINAL, rows: 3 },
  ];
  let rows = 0;
  for (const flags of flagSets) {
    for (const env of envs) {
      for (const streams of streamSets) {
        rows += 1;
        const choice = chooseOutput(flags, env, streams);
        const atTerminal = streams.stdinIsTerminal && streams.stdoutIsTerminal;
        if (!choice.ok) {
          expect([flags.tui, atTerminal]).toEqual([true, false]);
          continue;
        }
        const { mode, reason } = choice.value;
        expect(reason).not.toBe("");
        if (mode !== "tui") continue;
        const asked = flags.tui === true || env["LOOM_OUTPUT"] === "tui";
        const free =
          Object.keys(flags).length === 0 &&
          Object.keys(env).length === 0 &&
          (streams.columns ?? 0) >= 20 &&
          (streams.rows ?? 0) >= 5;
        expect([atTerminal, asked || free]).toEqual([true, true]);
      }
    }
  }
  expect(rows).toBe(405);
});
