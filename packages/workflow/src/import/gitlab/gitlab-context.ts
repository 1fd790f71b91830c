import type { DraftKeys } from "../draft.ts";
import type { TreePlace } from "../tree.ts";

/** What the parts of a job need to know of it while they are carried over. */
export interface GitlabContext {
  /** Says something about the job. */
  readonly note: (place: TreePlace, message: string) => void;
  /** The value of a variable of the job or the root, as it is written. */
  readonly valueOf: (name: string) => string | undefined;
  /** When the job runs where a rule says nothing else. */
  readonly when: string;
}

/** What a job names, as a workflow names it. */
export interface Names {
  stage(name: string): string | undefined;
  /** Undefined: there is no such job that runs. */
  job(name: string): string | undefined;
  /** The matrix of a job, by its name there; empty where it has none. */
  matrix(name: string): readonly DraftKeys[];
}
