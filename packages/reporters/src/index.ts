export {
  chooseOutput,
  type OutputChoice,
  type OutputError,
  type OutputFlags,
  type OutputMode,
  type OutputStreams,
} from "./output/choose-output.ts";
export { AGENT_VARIABLES } from "./output/agent-variables.ts";
export { chooseLook, type Look, type LookError, type LookFlags } from "./output/choose-look.ts";
export { knowsLinks } from "./output/knows-links.ts";
export { HeldWatch } from "./report/held-watch.ts";
export { shouldColor, type ColorFlag, type ColorInput } from "./output/should-color.ts";
export { cleanLine, type CleanOptions } from "./text/clean-line.ts";
export { createPalette, type Palette, type PaletteMode, type Tone } from "./text/palette.ts";
export { parseReporters, type ReporterInFile, type RequestedReporters } from "./output/parse-reporters.ts";
export {
  createReporter,
  FLAGGED_REPORTERS,
  isReporterName,
  REPORTER_NAMES,
  REPORTERS,
  type FlaggedReporter,
  type ReporterName,
  type ReporterOptions,
} from "./table/reporter-table.ts";
export { PrintingReporter } from "./report/printing-reporter.ts";
export { guardJson, guardRunnerCommands } from "./report/runner-commands.ts";
export type { RunHeading, TextOutput } from "./report/reporter.ts";
export { TextReporter, type TextReporterOptions } from "./report/text-reporter.ts";
export { ciRunner, type CiRunner } from "./output/ci-runner.ts";
