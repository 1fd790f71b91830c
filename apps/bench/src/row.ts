import type { Measured, Cost } from "./measure.ts";

/** How large the workloads are. */
export interface Sizes {
  /** Lines of a loud job, 100 bytes each. */
  readonly lines: number;
  /** Jobs of the rows about many jobs: independent ones, layers of a tenth each, and three tenths in a chain. */
  readonly jobs: number;
  /** What the time per job is compared at. */
  readonly manyJobs: number;
  readonly pastRuns: number;
  /** Files of the repository that is snapshotted. */
  readonly files: number;
}

/** What is run in turn. */
export interface Comparison {
  readonly loom: Measured | (() => Promise<Cost>);
  /** What Loom's figure is divided by. Absent: the figure itself counts. */
  readonly floor?: Measured | (() => Promise<Cost>);
  /** What is taken off Loom's figure first. */
  readonly without?: Measured;
}

/** One target: which figure counts, and how much it may be. */
export interface Target {
  readonly id: string;
  readonly what: string;
  readonly must: number;
  readonly reach: number;
  /** Default: `wall`. */
  readonly figure?: keyof Cost;
  /** What the result is multiplied with. Default: 1. */
  readonly scale?: number;
  /** The difference to the floor counts, in place of the ratio. */
  readonly beyond?: boolean;
  /** Loom's figure itself counts, though there is a floor. */
  readonly alone?: boolean;
}

/** A target and how it is measured. */
export interface Row extends Target {
  /** More targets, judged by the same runs. */
  readonly also?: readonly Target[];
  /** Prepares the workloads in an empty folder. */
  readonly compare?: (folder: string) => Comparison;
  /** A figure that is no measurement of time. It may use an empty folder. */
  readonly value?: (folder: string) => number;
}
