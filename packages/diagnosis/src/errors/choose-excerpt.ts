import { recogniseErrors } from "./recognise-errors.ts";
import type { RecognisedError } from "./recognised-error.ts";

/** Lines behind an error that are shown with it at most: a quoted source line, the values that differ. */
const LINES_BEHIND = 7;

/** The lines of an output that matter. */
export interface Excerpt {
  /** Which of the given lines, in their order. */
  readonly indices: readonly number[];
  /** The errors in the given lines that are causes, most telling first; without any, those that only echo. */
  readonly errors: readonly RecognisedError[];
}

/**
 * Chooses the lines of an output that tell why it failed.
 *
 * The first cause in the output and what belongs to it come first: later
 * errors are often its consequences, and tools that only say that something
 * below them failed stand behind it. Where no error is recognised, the last
 * lines that are not blank.
 *
 * @param lines - The end of an output; control characters may be in it.
 * @param maxLines - How many lines to choose at most, 1 or more.
 */
export function chooseExcerpt(lines: readonly string[], maxLines: number): Excerpt {
  const recognised = recogniseErrors(lines).filter((each) => each.severity === "error");
  const causes = recognised.filter((each) => each.role === "cause");
  const named = causes.filter((each) => each.tool !== "generic");
  const errors = named.length > 0 ? [...named, ...causes.filter((each) => each.tool === "generic")] : causes;
  if (errors.length === 0) return { indices: lastLines(lines, maxLines), errors: recognised };
  const starts = new Set(recognised.map((each) => each.index));
  const chosen = new Set<number>();
  for (const { index } of errors) {
    if (chosen.size >= maxLines) break;
    chosen.add(index);
    for (let next = index + 1; next <= index + LINES_BEHIND && chosen.size < maxLines; next += 1) {
      const line = lines[next];
      if (line === undefined || line.trim() === "" || starts.has(next)) break;
      chosen.add(next);
    }
  }
  return { indices: [...chosen].sort((a, b) => a - b), errors };
}

function lastLines(lines: readonly string[], maxLines: number): readonly number[] {
  const indices: number[] = [];
  for (let index = lines.length - 1; index >= 0 && indices.length < maxLines; index -= 1) {
    if ((lines[index] ?? "").trim() !== "") indices.push(index);
  }
  return indices.reverse();
}
