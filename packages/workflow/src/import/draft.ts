import type { ForeignTree, TreePlace } from "./tree.ts";

/** A workflow before it is written. */
export interface Draft {
  /** Comments at the top, a line each. */
  readonly head: string[];
  stages: string[];
  variables: Record<string, string>;
  defaults: DraftKeys;
  rules: { if: string; when?: "always" | "never" }[];
  readonly jobs: Map<string, DraftJob>;
  /** What its root keys were made of, by their names here; those of `default` by `default.` and their name. */
  sources?: ReadonlyMap<string, ForeignTree>;
  /** Comments at the end about jobs that are not there, a line each. */
  readonly gaps: string[];
}

/** A job or a template before it is written. */
export interface DraftJob extends TreePlace {
  /** Comments above it, a line each. */
  readonly comments: string[];
  readonly keys: DraftKeys;
  /** What its keys were made of, by their names here. Absent: only the place of the whole is known. */
  readonly sources?: ReadonlyMap<string, ForeignTree>;
}

/** Keys of a job and what they hold: plain data, but steps in `DraftStep`s. */
export type DraftKeys = Record<string, DraftValue>;

/** Plain data, and steps. */
export type DraftValue =
  | string
  | number
  | boolean
  | null
  | DraftStep
  | readonly DraftValue[]
  | { readonly [key: string]: DraftValue };

/** A command with comments above it, and what the step says beside it. */
export class DraftStep {
  readonly run: string;
  readonly comments: readonly string[];
  /** Keys of its long form but `run`. Absent: it is written as its command. */
  readonly keys?: DraftKeys;
  /** Not a field that is seen: what a step says is compared and measured. */
  readonly #source: ForeignTree | undefined;

  constructor(
    run: string,
    comments: readonly string[] = [],
    {
      keys,
      source,
    }: { readonly keys?: DraftKeys | undefined; readonly source?: ForeignTree | undefined } = {},
  ) {
    this.run = run;
    this.comments = comments;
    if (keys !== undefined && Object.keys(keys).length > 0) this.keys = keys;
    this.#source = source;
  }

  /** What it was made of. Undefined: only the place of all steps is known. */
  get source(): ForeignTree | undefined {
    return this.#source;
  }
}

/** Whether a value is a mapping. */
export function isMapping(value: DraftValue | undefined): value is { readonly [key: string]: DraftValue } {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof DraftStep)
  );
}

/** Whether two values say the same. */
export function isSame(a: DraftValue | undefined, b: DraftValue | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
