/** A copy changed at `index`. */
export function spliced<T>(items: readonly T[], index: number, change: Change<T>): readonly T[] {
  const { remove = 0, insert = [] } = change;
  return [...items.slice(0, index), ...insert, ...items.slice(index + remove)];
}

/** What happens at a place in a list. */
export interface Change<T> {
  /** How many items go. Default 0. */
  readonly remove?: number;
  /** The items that come. Default none. */
  readonly insert?: readonly T[];
}
