/** What the box of an overlay contains. */
export interface BoxContent {
  readonly title: string;
  readonly footer?: string;
  readonly width: number;
  readonly rows: readonly string[];
  /** The rows that list the keys of a question. */
  readonly keys?: readonly string[];
}
