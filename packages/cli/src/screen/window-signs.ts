import { endedCount, selectedCount, type RunView, type TextStyle } from "@loom/reporters/view";
import { progressSequence, titleSequence, type Progress } from "../terminal/signals-to-terminal.ts";

/** What the window is told of. */
export interface WindowFacts {
  readonly view: RunView;
  /** Path of the workflow. */
  readonly workflow: string;
  /** The run is over and its documents are written. */
  readonly finished: boolean;
  /** Milliseconds that the run will still take; absent where nobody knows. */
  readonly leftMs: number | undefined;
  readonly nowMs: number;
}

/** Title and progress of the window. Says only what has changed. */
export class WindowSigns {
  readonly #style: TextStyle;
  #title = "";
  #progress = "";

  constructor(style: TextStyle) {
    this.#style = style;
  }

  /** The window may show something else: the next sequence says everything. */
  forget(): void {
    this.#title = "";
    this.#progress = "";
  }

  /** Some terminals forget progress that is not told again. */
  forgetProgress(): void {
    this.#progress = "";
  }

  /** What shows how it stands; empty where the window shows it already. */
  sequence(facts: WindowFacts): string {
    const title = this.#titleOf(facts);
    const progress = progressSequence(progressOf(facts));
    const text =
      (title === this.#title ? "" : titleSequence(title)) + (progress === this.#progress ? "" : progress);
    this.#title = title;
    this.#progress = progress;
    return text;
  }

  /** What takes the progress away; empty where none was shown. */
  off(): string {
    return this.#progress === "" ? "" : progressSequence({ kind: "off" });
  }

  #titleOf({ view: { counts }, workflow, finished }: WindowFacts): string {
    const { failed, success } = this.#style.glyphs;
    const sign = counts.failed > 0 ? `${failed} ` : finished ? `${success} ` : "";
    return `${sign}${endedCount(counts)}/${selectedCount(counts)} ${workflow.split("/").at(-1) ?? ""} - loom`;
  }
}

function progressOf({ view, finished, leftMs, nowMs }: WindowFacts): Progress {
  const { counts, startedAtMs = nowMs } = view;
  if (finished) return { kind: "off" };
  const failed = counts.failed > 0;
  if (leftMs === undefined && !failed) return { kind: "busy" };
  const elapsed = nowMs - startedAtMs;
  const percent =
    leftMs === undefined
      ? (100 * endedCount(counts)) / Math.max(1, selectedCount(counts))
      : (100 * elapsed) / Math.max(1, elapsed + leftMs);
  return { kind: "percent", percent, failed };
}
