import type { ProjectFiles } from "./project-files.ts";

/** The stages of a starter workflow, in the order they run. */
export const STARTER_STAGES = ["setup", "check", "build", "test"] as const;

/** A job that a starter workflow proposes. All of it is text of Loom's own: nothing of it comes from a project. */
export interface StarterJob {
  readonly name: string;
  readonly stage: (typeof STARTER_STAGES)[number];
  readonly script: readonly string[];
  /** Names of jobs of the same ecosystem. */
  readonly needs?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly cache?: { readonly prefix: string; readonly paths: readonly string[]; readonly lockFile: string };
  /** What to know about this job: one line. */
  readonly note?: string;
}

/** What was found of one ecosystem. */
export interface FoundEcosystem {
  /** What its jobs are called when another ecosystem has jobs of the same names. */
  readonly prefix: string;
  /** The files that gave it away, for the user to read. */
  readonly found: string;
  readonly jobs: readonly StarterJob[];
  /** Whether its commands may call those of the others, and so must not run beside them. */
  readonly callsOthers?: boolean;
}

/** Looks for one ecosystem; undefined when there is none of it, or nothing of it to run. */
export type FindEcosystem = (files: ProjectFiles) => FoundEcosystem | undefined;
