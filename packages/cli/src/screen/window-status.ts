import { endedCount, selectedCount, type RunView, type TextStyle } from "@loom/reporters/view";
import { progressSequence, titleSequence, type Progress } from "../terminal/terminal-sequences.ts";

/** What the window's title and progress are made from. */
export interface WindowFacts {
  readonly view: RunView;
  /** Path of the workflow. */
  readonly workflow: string;
  /** Whether the run is over and its documents are written. */
  readonly finished: boolean;
  /** How long the run will still take, in milliseconds; `undefined` if unknown. */
  readonly leftMs: number | undefined;
  readonly nowMs: number;
}

/** Title and progress of the window. Sends only what has changed. */
export class WindowStatus {
  readonly #style: TextStyle;
  #title = "";
  #progress = "";

  constructor(style: TextStyle) {
    this.#style = style;
  }

  /** Has everything sent again, because the window may show something else. */
  forget(): void {
    this.#title = "";
    this.#progress = "";
  }

  /** Has the progress sent again, because some terminals drop progress that is not repeated. */
  forgetProgress(): void {
    this.#progress = "";
  }

  /** The sequence that updates the window; empty if nothing has changed. */
  sequence(facts: WindowFacts): string {
    const title = this.#titleOf(facts);
    const progress = progressSequence(progressOf(facts));
    const text =
      (title === this.#title ? "" : titleSequence(title)) + (progress === this.#progress ? "" : progress);
    this.#title = title;
    this.#progress = progress;
    return text;
  }

  /** The sequence that removes the progress; empty if none was shown. */
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
