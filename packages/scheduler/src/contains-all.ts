import { elementAt } from "./element-at.ts";

/**
 * Whether each of the few is among the many. Both are ascending.
 *
 * Looks the few up among the many, so that a small list beside a large one does not cost the large one's size.
 */
export function containsAll(many: readonly number[], few: readonly number[]): boolean {
  return few.every((wanted) => {
    let low = 0;
    let high = many.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (elementAt(many, middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return many[low] === wanted;
  });
}
