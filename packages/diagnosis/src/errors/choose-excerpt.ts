import { recogniseErrors } from "./recognise-errors.ts";
import type { RecognisedError } from "./recognised-error.ts";

/** Lines behind an error that are shown with it at most where its rule does not say where it ends. */
const LINES_BEHIND = 7;

/** Lines behind one that only calls itself an error. */
const LINES_BEHIND_GENERIC = 3;

/** An error has to be short only for so many behind it. */
const NEXT = 2;

/** The share of the end of the output where nothing better is known than lines that call themselves errors. */
const TAIL_SHARE = 0.4;

/** The same where the program crashed or was killed: what it said before may be all there is. */
const LAST_WORDS_SHARE = 0.6;

/** What the shell prints for a program that ended so. */
const CRASH = /^(?:Segmentation fault|Aborted|Killed|Bus error|Illegal instruction|Floating point exception)/;

/** The lines of an output that matter. */
export interface Excerpt {
  /** Which of the given lines, in their order. */
  readonly indices: readonly number[];
  /**
   * The errors in the given lines that are causes, most telling first: those of tools that are known, then lines that
   * only call themselves errors. Without any cause, the warnings of tools; without those, the errors that only echo.
   */
  readonly errors: readonly RecognisedError[];
  /** Codes of all errors in the given lines, even of those that only echo. */
  readonly codes: readonly string[];
}

/** What more is known about lines. */
export interface ExcerptOptions {
  /** How many lines to choose at most, 1 or more. */
  readonly maxLines: number;
  /** On which output each line was printed: lines of one are read without those of others between them. Default: all on one. */
  readonly streams?: readonly string[] | undefined;
}

/** An error with the lines that belong to it. */
interface Block {
  readonly error: RecognisedError;
  /** Which of the given lines, in their order. */
  readonly at: readonly number[];
}

/**
 * Chooses the lines of an output that tell why it failed.
 *
 * The first cause in the output and all that belongs to it come first: later
 * errors are often its consequences, and tools that only say that something
 * below them failed stand behind it. Lines that only call themselves errors may
 * have been handled, so the last lines stay in sight beside them; so they do
 * where a program crashed or was killed. Where no error is recognised, the last
 * lines that are not blank.
 *
 * @param lines - The end of an output; control characters may be in it.
 */
export function chooseExcerpt(lines: readonly string[], { maxLines, streams }: ExcerptOptions): Excerpt {
  const blocks = blocksIn(lines, streams);
  const failures = blocks.filter(({ error }) => error.severity === "error");
  const causes = failures.filter(({ error }) => error.role === "cause");
  const named = causes.filter(({ error }) => error.tool !== "generic");
  const generic = causes.filter(({ error }) => error.tool === "generic");
  const warnings = blocks.filter(
    ({ error }) => error.severity === "warning" && error.role === "cause" && error.tool !== "generic",
  );
  const telling = [named, generic, warnings].find((each) => each.length > 0) ?? [];
  const crashed = failures.some(({ error }) => CRASH.test(error.code ?? ""));
  const tailShare = crashed ? LAST_WORDS_SHARE : named.length > 0 ? 0 : TAIL_SHARE;
  const tailLines = telling.length === 0 ? maxLines : Math.floor(maxLines * tailShare);
  const chosen = new Set(lastLines(lines, tailLines));
  const shown = telling === generic ? outermostFirst(generic) : telling;
  for (const [number, { at }] of shown.entries()) {
    const left = maxLines - chosen.size;
    if (left <= 0) break;
    const next = shown.slice(number + 1, number + 1 + NEXT);
    const share = Math.floor(left / (1 + next.length));
    const own = left - next.reduce((sum, block) => sum + Math.min(share, block.at.length), 0);
    for (const index of fitBlock(
      at.filter((each) => !chosen.has(each)),
      lines,
      own,
    ))
      chosen.add(index);
  }
  const listed = telling === named ? [...named, ...generic] : telling.length > 0 ? telling : failures;
  return {
    indices: [...chosen].sort((a, b) => a - b),
    errors: listed.map(({ error }) => error),
    codes: failures.flatMap(({ error: { code } }) => (code === undefined ? [] : [code])),
  };
}

/** Reads each output by itself, and puts what was found in the order of the lines. */
function blocksIn(lines: readonly string[], streams: readonly string[] | undefined): readonly Block[] {
  const places = new Map<string, number[]>();
  for (const index of lines.keys()) {
    const stream = streams?.[index] ?? "";
    const known = places.get(stream);
    if (known === undefined) places.set(stream, [index]);
    else known.push(index);
  }
  const blocks: Block[] = [];
  for (const at of places.values()) {
    const own = at.map((index) => lines[index] ?? "");
    const errors = recogniseErrors(own);
    const starts = new Set(errors.map(({ index }) => index));
    for (const error of errors) {
      const end = Math.max(error.last, endOf(error, own, starts));
      blocks.push({
        error: {
          ...error,
          index: at[error.index] ?? 0,
          first: at[error.first] ?? 0,
          last: at[error.last] ?? 0,
        },
        at: at.slice(error.first, end + 1),
      });
    }
  }
  return blocks.sort((a, b) => a.error.index - b.error.index);
}

/** How far an error goes whose rule does not say: to a blank line, or to the next error. */
function endOf(
  { index, tool }: RecognisedError,
  lines: readonly string[],
  starts: ReadonlySet<number>,
): number {
  const most = tool === "generic" ? LINES_BEHIND_GENERIC : LINES_BEHIND;
  let end = index;
  while (end < index + most && end + 1 < lines.length) {
    if ((lines[end + 1] ?? "").trim() === "" || starts.has(end + 1)) break;
    end += 1;
  }
  return end;
}

/** The first one, then from the end: what is handled stands in between. */
function outermostFirst(blocks: readonly Block[]): readonly Block[] {
  return [...blocks.slice(0, 1), ...blocks.slice(1).reverse()];
}

/** What differs, or is pointed at: the lines of a test's report that say what is wrong. */
const TELLING = /^\s*(?:[-+>❯^]|E\s)|[~^]{2,}|\^\s*$|^\s*\d*\s*\|\s*[-^~]/;

/** As many of an error's lines as there is room for: without blank ones first, then without those that say least. */
function fitBlock(at: readonly number[], lines: readonly string[], room: number): readonly number[] {
  if (at.length <= room) return at;
  const rank = (index: number, place: number): number => {
    const line = lines[index] ?? "";
    if (line.trim() === "") return 3;
    if (place < 3) return 0;
    return TELLING.test(line) ? 1 : 2;
  };
  const ranked = at.map((index, place) => ({ index, rank: rank(index, place) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, room)
    .map(({ index }) => index);
}

function lastLines(lines: readonly string[], maxLines: number): readonly number[] {
  const indices: number[] = [];
  for (let index = lines.length - 1; index >= 0 && indices.length < maxLines; index -= 1) {
    if ((lines[index] ?? "").trim() !== "") indices.push(index);
  }
  return indices;
}
