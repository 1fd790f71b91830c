import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { RowHeights } from "./row-heights.ts";
import { scrollSideways } from "./scroll-sideways.ts";

/** Height of a row of one line, as the style has it. Pixels. */
export const ROW = 20;

/** Rows above and below what is seen that are drawn, too, so that scrolling shows no holes. */
const SPARE = 20;

/** How the rows of a list are to be shown. */
export interface RowsToSee {
  /** A new list is looked at from anew. */
  readonly rows: readonly unknown[];
  /** The height of a row that is not drawn, in a view of a width. Another function: all are guessed anew. */
  readonly guess: (row: number, width: number) => number;
  /** Whether rows that are drawn are measured. Otherwise what is guessed is so. */
  readonly isMeasured: boolean;
  /** The row to bring into view; in it, the first mark. -1: none. */
  readonly target: number;
  /** What is marked in the rows. Another text: the target is brought into view anew. */
  readonly marked: string;
}

/** What a list needs of which only the rows that are seen are drawn. */
export interface SeenRows {
  /** What scrolls. */
  readonly box: RefObject<HTMLDivElement | null>;
  /** What holds the drawn rows, and nothing else. */
  readonly list: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** The rows to draw: from the first to before the last. */
  readonly first: number;
  readonly last: number;
  /** Room above the first, and room of all. Pixels. */
  readonly above: number;
  readonly total: number;
}

/** A row that keeps its place in the view while heights change. */
interface Held {
  readonly row: number;
  /** How far below the upper edge of the view it begins. */
  readonly below: number;
  readonly isTarget: boolean;
}

/** Finds which rows are seen, and keeps what somebody looks at in its place when heights change. */
export function useSeenRows({ rows, guess, isMeasured, target, marked }: RowsToSee): SeenRows {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const held = useRef<Held>(undefined);
  const [seen, setSeen] = useState({ top: 0, height: 600, width: 0 });
  const [, drawAgain] = useState(0);
  const width = isMeasured ? seen.width : 0;
  const heights = useMemo(
    () => new RowHeights(rows.length, (row) => guess(row, width)),
    [rows, guess, width],
  );
  const before = useRef({ rows, heights });
  const first = Math.max(0, heights.at(seen.top) - SPARE);
  const last = Math.min(rows.length, heights.at(seen.top + seen.height) + 1 + SPARE);
  const look = (): void => {
    const { current } = box;
    if (current === null) return;
    const { scrollTop: top, clientHeight: height, clientWidth: wide } = current;
    setSeen((was) =>
      was.top === top && was.height === height && was.width === wide ? was : { top, height, width: wide },
    );
  };
  const holdAtItsPlace = (): void => {
    const { current } = box;
    if (current === null || held.current === undefined) return;
    current.scrollTop = heights.topOf(held.current.row) - held.current.below;
    look();
  };
  useLayoutEffect(() => {
    look();
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  useLayoutEffect(() => {
    const { rows: oldRows, heights: old } = before.current;
    before.current = { rows, heights };
    if (oldRows !== rows) held.current = undefined;
    if (old === heights || oldRows !== rows) return;
    const isSeen = old.topOf(target) < seen.top + seen.height && old.topOf(target + 1) > seen.top;
    const isTarget = target !== -1 && isSeen;
    const row = isTarget ? target : old.at(seen.top);
    // A row that began above the view may be a short one now: it is seen from its beginning.
    held.current ??= { row, below: Math.max(0, old.topOf(row) - seen.top), isTarget };
  }, [rows, heights]);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || target === -1) return;
    const { scrollTop: top, clientHeight: height } = current;
    const [start, end] = [heights.topOf(target), heights.topOf(target + 1)];
    const isSeen = start >= top + ROW && end <= top + height - ROW;
    held.current = { row: target, below: isSeen ? start - top : height / 3, isTarget: true };
  }, [rows, target, marked]);
  // After each drawing: what is drawn is measured, and drawn again until nothing moves.
  useLayoutEffect(() => {
    const [view, drawn] = [box.current, list.current];
    if (view === null || drawn === null) return;
    if (isMeasured && held.current === undefined) {
      const row = heights.at(view.scrollTop);
      held.current = { row, below: heights.topOf(row) - view.scrollTop, isTarget: false };
    }
    let hasMoved = false;
    if (isMeasured)
      for (const [index, row] of [...drawn.children].entries())
        hasMoved = heights.measure(first + index, row.getBoundingClientRect().height) || hasMoved;
    const { current: holding } = held;
    if (holding === undefined) return;
    const isDrawn = holding.row >= first && holding.row < last;
    if (isDrawn && holding.isTarget) {
      const row = drawn.children[holding.row - first];
      const inRow = depthOfMark(row);
      if (!isMeasured) showMark(view, row);
      else if (holding.below + inRow > view.clientHeight - 2 * ROW)
        held.current = { ...holding, below: view.clientHeight / 3 - inRow };
    }
    holdAtItsPlace();
    if (hasMoved) drawAgain((times) => times + 1);
    else if (isDrawn || !(isMeasured || holding.isTarget)) held.current = undefined;
  });
  return { box, list, onScroll: look, first, last, above: heights.topOf(first), total: heights.total };
}

/** How far below the upper edge of a row its first mark is. */
function depthOfMark(row: Element | undefined): number {
  const mark = row?.querySelector("mark");
  if (row === undefined || mark === null || mark === undefined) return 0;
  return mark.getBoundingClientRect().top - row.getBoundingClientRect().top;
}

/** Scrolls the view sideways, if need be, so that the first mark of a row is seen beside the number of the line. */
function showMark(view: HTMLElement, row: Element | undefined): void {
  const mark = row?.querySelector("mark")?.getBoundingClientRect();
  if (mark === undefined) return;
  const edge = view.getBoundingClientRect().left + view.clientLeft - view.scrollLeft;
  view.scrollLeft = scrollSideways(
    { start: mark.left - edge, end: mark.right - edge },
    {
      scrolled: view.scrollLeft,
      width: view.clientWidth,
      covered: row?.querySelector(".no")?.clientWidth ?? 0,
    },
  );
}
