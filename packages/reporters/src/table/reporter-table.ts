import type { Clock, Reporter } from "@loom/ports";
import { createPalette, type Palette } from "../text/palette.ts";
import type { CiRunner } from "../output/ci-runner.ts";
import type { Fold } from "../report/fold.ts";
import type { RunHeading, TextOutput } from "../report/reporter.ts";
import { guardedOutput, guardJson, guardRunnerCommands } from "../report/runner-commands.ts";
import { textStyle, type TextStyle } from "../report/text-style.ts";

/** What a reporter needs from the program. */
export interface ReporterOptions {
  /** Standard output, or a file. */
  readonly output: TextOutput;
  readonly heading: RunHeading;
  /** Default: no colours. */
  readonly palette?: Palette | undefined;
  /** Whether signs beyond ASCII are avoided. Default: false. */
  readonly ascii?: boolean | undefined;
  /** Whether links that jobs print are kept where their colours are, for a terminal that is known to have links. Default: false. */
  readonly links?: boolean | undefined;
  /** The CI runner that reads the output: `group` folds as it does, and it carries out nothing of what jobs print. Default: none. */
  readonly runner?: CiRunner | undefined;
  /**
   * Turns GitHub's commands on again after what a job printed, so it must be
   * random and known to nobody else. Needed for GitHub only.
   */
  readonly token?: string | undefined;
  /** Whose time it is by which an output says from time to time what still runs. Default: it does not. */
  readonly clock?: Clock | undefined;
}

/** Options with their defaults. */
export interface ReporterParts {
  readonly output: TextOutput;
  readonly heading: RunHeading;
  readonly style: TextStyle;
  readonly fold: Fold;
  /** See {@link ReporterOptions.token}. */
  readonly token: string | undefined;
  /** See {@link ReporterOptions.clock}. */
  readonly clock: Clock | undefined;
}

/** A way to show a run, as a word and what is said of it. */
interface ReporterRow {
  /** The word for it: in `--reporter`, in `LOOM_OUTPUT`, for `runWorkflow`. */
  readonly name: string;
  /** The flag of `loom run` that means the same. */
  readonly flag?: string;
  /** What it prints, as help and docs say it. */
  readonly help: string;
  /** Who keeps GitHub's runner from carrying out what jobs print: this table, for lines or JSON, or the reporter. */
  readonly guard: "lines" | "json" | "itself";
  readonly create: (parts: ReporterParts) => Promise<Reporter>;
}

/**
 * All ways to print a run: the one place that knows them. Help, docs, flags and
 * the choice are made from it; each is loaded when it is wanted.
 */
export const REPORTERS = [
  {
    name: "plain",
    help: "a line when a job starts and one when it ends",
    guard: "lines",
    create: async ({ output, style, heading, clock }: ReporterParts): Promise<Reporter> => {
      const { TextReporter } = await import("../report/text-reporter.ts");
      return new TextReporter({ output, style, heading, clock, detail: "plain", showOutput: false });
    },
  },
  {
    name: "stream",
    flag: "--stream",
    help: "every line of output, prefixed with its job",
    guard: "lines",
    create: async ({ output, style, heading, clock }: ReporterParts): Promise<Reporter> => {
      const { TextReporter } = await import("../report/text-reporter.ts");
      return new TextReporter({ output, style, heading, clock, detail: "plain", showOutput: true });
    },
  },
  {
    name: "group",
    flag: "--group",
    help: "the output of each job in one piece, folded where a CI runner folds",
    guard: "itself",
    create: async (parts: ReporterParts): Promise<Reporter> => {
      return await createGroup(parts);
    },
  },
  {
    name: "verbose",
    flag: "-v, --verbose",
    help: "every line of output, and sections and their facts",
    guard: "lines",
    create: async ({ output, style, heading, clock }: ReporterParts): Promise<Reporter> => {
      const { TextReporter } = await import("../report/text-reporter.ts");
      return new TextReporter({ output, style, heading, clock, detail: "verbose", showOutput: true });
    },
  },
  {
    name: "quiet",
    flag: "-q, --quiet",
    help: "the final status, the failed jobs and the receipt only",
    guard: "lines",
    create: async ({ output, style }: ReporterParts): Promise<Reporter> => {
      const { QuietReporter } = await import("../report/quiet-reporter.ts");
      return new QuietReporter(output, style);
    },
  },
  {
    name: "agent",
    help: "for coding agents: nothing but failures while it runs, then at most 40 lines",
    guard: "lines",
    create: async ({ output, style }: ReporterParts): Promise<Reporter> => {
      const { AgentReporter } = await import("../report/agent-reporter.ts");
      return new AgentReporter(output, { ...style, palette: createPalette("none") });
    },
  },
  {
    name: "json",
    flag: "--json",
    help: "the events as NDJSON, nothing else",
    guard: "json",
    create: async ({ output }: ReporterParts): Promise<Reporter> => {
      const { JsonReporter } = await import("../report/json-reporter.ts");
      return new JsonReporter(output);
    },
  },
  {
    name: "a11y",
    flag: "--a11y",
    help: "whole sentences, for a screen reader",
    guard: "lines",
    create: async ({ output }: ReporterParts): Promise<Reporter> => {
      const { AccessibleReporter } = await import("../report/accessible-reporter.ts");
      return new AccessibleReporter(output);
    },
  },
  {
    name: "tap",
    help: "a test point for each job, in the Test Anything Protocol",
    guard: "itself",
    create: async ({ output }: ReporterParts): Promise<Reporter> => {
      const { TapReporter } = await import("../report/tap-reporter.ts");
      return new TapReporter(output);
    },
  },
  {
    name: "junit",
    help: "JUnit XML at the end: a job is a suite, a step is a case",
    guard: "itself",
    create: async ({ output }: ReporterParts): Promise<Reporter> => {
      const { JunitReporter } = await import("../report/junit-reporter.ts");
      return new JunitReporter(output);
    },
  },
  {
    name: "github",
    help: "as group, with the groups and annotations of GitHub Actions",
    guard: "itself",
    create: async (parts: ReporterParts): Promise<Reporter> => {
      return await createGroup({ ...parts, fold: foldFor("github", parts.token) });
    },
  },
  {
    name: "gitlab",
    help: "as group, with the sections of GitLab CI",
    guard: "itself",
    create: async (parts: ReporterParts): Promise<Reporter> => {
      return await createGroup({ ...parts, fold: { kind: "gitlab" } });
    },
  },
  {
    name: "codequality",
    help: "the errors found in failed jobs at the end, as GitLab's Code Quality report",
    guard: "json",
    create: async ({ output }: ReporterParts): Promise<Reporter> => {
      const { CodeQualityReporter } = await import("../report/code-quality-reporter.ts");
      return new CodeQualityReporter(output);
    },
  },
] as const;

/** The table, as what each row has. */
const ROWS: readonly ReporterRow[] = REPORTERS;

/** The word for a way to print a run. */
export type ReporterName = (typeof REPORTERS)[number]["name"];

/** The words for all ways to print a run, in the order of the table. */
export const REPORTER_NAMES: readonly ReporterName[] = REPORTERS.map(({ name }) => name);

/** A reporter that a flag of its own asks for, which is called as it is. */
export type FlaggedReporter = Extract<(typeof REPORTERS)[number], { readonly flag: string }>["name"];

/** The reporters that flags of their own ask for, in the order of the table. */
export const FLAGGED_REPORTERS: readonly FlaggedReporter[] = REPORTERS.flatMap((row) =>
  "flag" in row ? [row.name] : [],
);

/** Whether a word names a way to print a run. */
export function isReporterName(word: string): word is ReporterName {
  return REPORTER_NAMES.some((name) => name === word);
}

/** Creates a reporter. In none of them a CI runner carries out what jobs print. */
export async function createReporter(name: ReporterName, options: ReporterOptions): Promise<Reporter> {
  const row: ReporterRow | undefined = ROWS.find((each) => each.name === name);
  if (row === undefined) throw new TypeError(`No reporter is called "${name}"`);
  const { heading, runner, token } = options;
  const style = {
    ...textStyle(options.palette ?? createPalette("none"), options.ascii ?? false),
    links: options.links,
  };
  return await row.create({
    output: guarded(row, options),
    heading,
    style,
    fold: foldFor(runner, token),
    token,
    clock: options.clock,
  });
}

async function createGroup(parts: ReporterParts): Promise<Reporter> {
  const { GroupReporter } = await import("../report/group-reporter.ts");
  return new GroupReporter(parts);
}

function guarded({ guard }: ReporterRow, { output, runner, token }: ReporterOptions): TextOutput {
  const fold = foldFor(runner, token);
  if (fold.kind !== "github" || guard === "itself") return output;
  return guardedOutput(
    output,
    guard === "json" ? guardJson : (text) => guardRunnerCommands(text, fold.token),
  );
}

function foldFor(runner: ReporterOptions["runner"], token: string | undefined): Fold {
  if (runner === undefined) return { kind: "heading" };
  if (runner === "gitlab") return { kind: "gitlab" };
  if (token === undefined) throw new TypeError("A reporter for GitHub needs a token that nobody else knows");
  return { kind: "github", token };
}
