/** What is seen of a content that is wider than its view. Pixels. */
export interface SidewaysView {
  /** How far it is scrolled to the right. */
  readonly scrolled: number;
  readonly width: number;
  /** What stands still at its left edge, above the content. */
  readonly covered: number;
}

/**
 * How far to the right a view is to be scrolled so that a part of its content is seen.
 *
 * A part that is seen, or begins in the left half, is left where it is. Any other begins in the middle, or as far left of it as the content does.
 *
 * @param part - Where it begins and ends, from the left edge of the content.
 */
export function scrollSideways(
  part: { readonly start: number; readonly end: number },
  view: SidewaysView,
): number {
  const { scrolled, width, covered } = view;
  const middle = scrolled + width / 2;
  const isSeen = part.start >= scrolled + covered && (part.end <= scrolled + width || part.start <= middle);
  return isSeen ? scrolled : Math.max(0, part.start - width / 2);
}
