export {
  chooseOutput,
  type OutputChoice,
  type OutputError,
  type OutputFlags,
  type OutputMode,
  type OutputStreams,
} from "./output/choose-output.ts";
export { chooseLook, type Look, type LookError, type LookFlags } from "./output/choose-look.ts";
export { shouldColor, type ColorFlag, type ColorInput } from "./output/should-color.ts";
export { cleanLine, type CleanOptions } from "./text/clean-line.ts";
export { createPalette, type Palette, type PaletteMode, type Tone } from "./text/palette.ts";
export { createReporter, type ReporterOptions } from "./report/create-reporter.ts";
export type { Fold } from "./report/fold.ts";
export { guardJson, guardRunnerCommands } from "./report/runner-commands.ts";
export type { RunHeading, TextOutput } from "./report/reporter.ts";
export { TextReporter, type TextReporterOptions } from "./report/text-reporter.ts";
