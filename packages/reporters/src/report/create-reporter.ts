import { unreachable } from "@loom/core";
import type { OutputMode } from "../output/choose-output.ts";
import { createPalette, type Palette } from "../text/palette.ts";
import { AccessibleReporter } from "./accessible-reporter.ts";
import type { Fold } from "./fold.ts";
import { GroupReporter } from "./group-reporter.ts";
import { JsonReporter } from "./json-reporter.ts";
import { QuietReporter } from "./quiet-reporter.ts";
import type { Reporter } from "@loom/ports";
import type { RunHeading, TextOutput } from "./reporter.ts";
import { guardedOutput, guardJson, guardRunnerCommands } from "./runner-commands.ts";
import { TextReporter } from "./text-reporter.ts";
import { textStyle } from "./text-style.ts";

/** What a reporter needs from the program. */
export interface ReporterOptions {
  /** Standard output. */
  readonly output: TextOutput;
  readonly heading: RunHeading;
  /** Default: no colours. */
  readonly palette?: Palette;
  /** Whether signs beyond ASCII are avoided. Default false. */
  readonly ascii?: boolean;
  /**
   * How `group` folds what a job printed, and which runner reads the output.
   * Default: under a heading, unfolded, and none.
   */
  readonly fold?: Fold;
}

/** Creates the reporter for a text mode. In none of them a CI runner carries out what jobs print. */
export function createReporter(mode: Exclude<OutputMode, "tui">, options: ReporterOptions): Reporter {
  const { heading } = options;
  const output = safeOutput(mode, options);
  const style = textStyle(options.palette ?? createPalette("none"), options.ascii ?? false);
  switch (mode) {
    case "plain":
      return new TextReporter({ output, style, heading, detail: "plain", showOutput: false });
    case "stream":
      return new TextReporter({ output, style, heading, detail: "plain", showOutput: true });
    case "verbose":
      return new TextReporter({ output, style, heading, detail: "verbose", showOutput: false });
    case "group":
      return new GroupReporter({ output, style, heading, fold: options.fold ?? { kind: "heading" } });
    case "accessible":
      return new AccessibleReporter(output);
    case "quiet":
      return new QuietReporter(output);
    case "json":
      return new JsonReporter(output);
    default:
      return unreachable(mode);
  }
}

function safeOutput(mode: OutputMode, { output, fold }: ReporterOptions): TextOutput {
  // `group` gives commands of its own, and guards what jobs printed by itself.
  if (fold?.kind !== "github" || mode === "group") return output;
  return guardedOutput(output, mode === "json" ? guardJson : (text) => guardRunnerCommands(text, fold.token));
}
