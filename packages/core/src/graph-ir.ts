import type { When } from "./vocabulary.ts";

/** Version word of Graph IR v1. */
export const GRAPH_IR_SCHEMA = "loom.graph-ir.v1";

/**
 * A compiled workflow: what will run, with everything inherited resolved.
 *
 * Wire names, keys in this order; the same workflow gives the same bytes.
 */
export interface GraphIr {
  readonly schema: typeof GRAPH_IR_SCHEMA;
  /** In execution order. A stage may have no jobs. */
  readonly stages: readonly string[];
  /** In declaration order, included files first. Templates are left out. */
  readonly nodes: readonly GraphNode[];
  /**
   * What the `needs` of the jobs say, once more, for those who draw it: in declaration order of `to`, then in the
   * order of its `needs`. Only `needs` counts for a run; an edge without such a need makes the graph invalid.
   */
  readonly edges: readonly GraphEdge[];
}

/** One job. Absent fields are not in effect. */
export interface GraphNode {
  readonly id: string;
  readonly stage: string;
  readonly target: "linux";
  /** What the job is for, in words. One line, 1 to 80 characters. */
  readonly title?: string;
  /** The job of the workflow whose matrix made this one. Absent: the job itself is in the workflow. */
  readonly matrix?: GraphMatrix;
  readonly image?: string | GraphImage;
  /** Steps before those of `script`, as if they were its first. */
  readonly before_script?: readonly string[];
  /** One entry = one step = one shell; 1 entry or more. */
  readonly script: readonly string[];
  /** Steps that run at the end of each attempt that got to its steps, however these ended. They change no result. */
  readonly after_script?: readonly string[];
  /** What steps say beside their commands, in the order of their numbers; only of those that say something. */
  readonly step_options?: readonly GraphStep[];
  /** What runs each step: bash, or a program and its arguments, to which the step is added. Default: `sh`. */
  readonly shell?: "bash" | readonly string[];
  /** What each step leaves in its shell for the next one, in this order. Default: nothing. */
  readonly carry?: readonly Carried[];
  /** In order of the keys; each key once. */
  readonly variables?: readonly GraphVariable[];
  readonly cache?: GraphCache | readonly GraphCache[];
  readonly artifacts?: GraphArtifacts;
  readonly services?: readonly GraphService[];
  /** References only, never values. */
  readonly secrets?: readonly GraphSecret[];
  /** Jobs of the same or an earlier stage, without duplicates or cycles. */
  readonly needs?: readonly string[];
  /** Those of its needs whose artifacts are not copied to it. */
  readonly needs_without_artifacts?: readonly string[];
  /** What it waits for beside its needs. Default: all jobs of earlier stages. `needs`: nothing. */
  readonly gate?: "needs";
  /** Whether the pipeline goes on when it fails, or for which exit codes of a step. Default false. */
  readonly allow_failure?: AllowFailure;
  /** Default `on_success`. `manual`: only if somebody asks for it. */
  readonly when?: When | "manual";
  /** The first that applies decides whether the job takes place, and how. Absent: it does. */
  readonly rules?: readonly GraphRule[];
  /** Milliseconds, above 0. Absent: no limit. */
  readonly timeout_ms?: number;
  readonly retry?: GraphRetry;
  readonly runner_pool?: string;
  /** Of the jobs of one repository that name it, in whatever runs, one runs at a time. */
  readonly resource?: string;
  /** Where it works: in its own copy of the snapshot. Default: in the snapshot, with other jobs. */
  readonly workspace?: "own";
  /** Carried along; no meaning yet. */
  readonly invariant?: { readonly [key: string]: unknown };
}

/** What a step may leave for the next one: the folder that it ended in, the variables that it exported. */
export const CARRIED = ["cwd", "env"] as const;

/** One of {@link CARRIED}. */
export type Carried = (typeof CARRIED)[number];

/** What a step says beside its command. */
export interface GraphStep {
  /** Its number, from 1, through `before_script`, `script` and `after_script`. */
  readonly step: number;
  /** What it is for, in words. One line, 1 to 80 characters. */
  readonly name?: string;
  /** A condition as it is written; without one, it always runs. */
  readonly if?: string;
  /** Present once it is known that the condition does not hold: the step is left out. */
  readonly withheld?: true;
  /** Whether the job goes on when it fails, or for which exit codes. Default false. */
  readonly allow_failure?: AllowFailure;
  /** Where it works, relative to where the job does. Default: there. */
  readonly dir?: string;
  /** Above those of the job, in order of the keys; each key once. */
  readonly variables?: readonly GraphVariable[];
  /** Milliseconds, above 0, after which it is ended. Absent: no limit of its own. */
  readonly timeout_ms?: number;
  /** In place of that of the job. */
  readonly shell?: "sh" | "bash" | readonly string[];
}

/** Which of the jobs of a matrix one is. */
export interface GraphMatrix {
  /** The name of the job in the workflow; no job of the graph is called like that. */
  readonly job: string;
  /** As they are written, in that order. They are among the variables of the job, too. */
  readonly values: readonly GraphVariable[];
}

/** One of the rules of a job. It applies if all that it asks for holds; one that asks for nothing always does. */
export interface GraphRule {
  /** A condition as it is written. */
  readonly if?: string;
  /** Globs, of which one matches a file that has changed. */
  readonly changes?: readonly string[];
  /** Globs, of which one matches a file of the project. */
  readonly exists?: readonly string[];
  /** In place of that of the job; `never`: the job does not take place. */
  readonly when?: When | "manual" | "never";
  /** Above those of the job. */
  readonly variables?: readonly GraphVariable[];
  /** In place of that of the job. */
  readonly allow_failure?: AllowFailure;
}

/** Which failures of a job the pipeline goes on with: all, none, or those with certain exit codes of a step. */
export type AllowFailure = boolean | { readonly exit_codes: readonly number[] };

/** `from` is needed by `to`. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "needs";
}

/** The container image of a job, to pull or to build. */
export interface GraphImage {
  readonly name: string;
  /** What starts in the container, with the shell that holds it open as its arguments. Default: that shell. */
  readonly entrypoint?: readonly string[];
  /** Who steps run as: a name or a number, with a group or without. Default: as the image says. */
  readonly user?: string;
  /** `linux/arm64`, for example. Default: that of the engine. */
  readonly platform?: string;
  /** Default: `if-not-present`. */
  readonly pull_policy?: PullPolicy;
  readonly build?: GraphBuild;
}

/** How an image is built. Paths are relative to the workspace. */
export interface GraphBuild {
  readonly context: string;
  readonly dockerfile: string;
  readonly args?: readonly GraphVariable[];
  /** The stage to stop at. Default: the last. */
  readonly target?: string;
}

/** When an image is pulled. */
export type PullPolicy = "if-not-present" | "always" | "never";

/** One variable, its value not yet expanded. */
export interface GraphVariable {
  readonly key: string;
  readonly value: string;
}

/** One cache of a job. */
export interface GraphCache {
  readonly name?: string;
  readonly paths: readonly string[];
  readonly key:
    | string
    | { readonly prefix?: string; readonly files?: readonly string[]; readonly template?: string };
  readonly fallback_keys?: readonly string[];
  readonly policy: "pull-push" | "pull" | "push";
  readonly when: When;
}

/** What a job leaves behind on purpose. Globs relative to the workspace. */
export interface GraphArtifacts {
  readonly paths: readonly string[];
  readonly exclude?: readonly string[];
  readonly when: When;
  /** Files that say what happened in the job; they are collected whatever its result is. */
  readonly reports?: GraphReports;
}

/** Which files of a job are reports, by format. */
export interface GraphReports {
  /** JUnit XML: globs. */
  readonly junit?: readonly string[];
  /** A file of `NAME=value` lines: variables for the jobs that need this one. */
  readonly dotenv?: string;
}

/** A container that runs beside a job. */
export interface GraphService {
  readonly name: string;
  readonly alias?: string;
  readonly variables?: readonly GraphVariable[];
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly healthcheck?: { readonly [key: string]: unknown };
  readonly ready_timeout_ms?: number;
}

/** A reference to a secret, never its value. */
export interface GraphSecret {
  readonly name: string;
  readonly ref: string;
  readonly file: boolean;
  readonly required: boolean;
}

/** The causes for which a failed job may be rerun. `worker`: what carried out the attempt was lost. */
export type RetryCause = "failure" | "timeout" | "provider" | "worker";

/** How often and for what a failed job is run again. */
export interface GraphRetry {
  /** Further attempts after the first, 0 to 10. Those that follow a lost worker are counted on their own. */
  readonly max: number;
  readonly on: readonly RetryCause[];
  /** Exit codes of a step that count, too. Absent: none but those that `failure` in `on` covers. */
  readonly exit_codes?: readonly number[];
}

/** Whether the pipeline goes on after a failure. */
export function tolerates(allowed: AllowFailure | undefined, exitCode: number | undefined): boolean {
  if (typeof allowed !== "object") return allowed ?? false;
  return exitCode !== undefined && allowed.exit_codes.includes(exitCode);
}

/** Which list of a job a step is from. */
export type StepPart = "before" | "script" | "after";

/** One step of a job. */
export interface NodeStep {
  readonly part: StepPart;
  readonly script: string;
  /** What it says beside its command. Absent: nothing. */
  readonly options?: GraphStep;
}

/** The steps of a job, in the order in which they run: the first is number 1. */
export function nodeSteps(
  node: Pick<GraphNode, "before_script" | "script" | "after_script" | "step_options">,
): readonly NodeStep[] {
  const { before_script: before = [], script, after_script: after = [], step_options: options } = node;
  const steps = [
    ...before.map((text): NodeStep => ({ part: "before", script: text })),
    ...script.map((text): NodeStep => ({ part: "script", script: text })),
    ...after.map((text): NodeStep => ({ part: "after", script: text })),
  ];
  if (options === undefined) return steps;
  const byNumber = new Map(options.map((each) => [each.step, each]));
  return steps.map((step, index) => {
    const own = byNumber.get(index + 1);
    return own === undefined ? step : { ...step, options: own };
  });
}

/** How a step is called where it is shown: its command, behind its name if it has one. */
export function stepTitle(command: string, name: string | undefined): string {
  return name === undefined ? command : `${name}: ${command}`;
}

/** How many steps of a job decide how it ends. Those of `after_script` follow. */
export function decidingSteps({
  before_script: before = [],
  script,
}: Pick<GraphNode, "before_script" | "script">): number {
  return before.length + script.length;
}

/** The image of a job, in whichever form it is written: a name, or a mapping. */
export function imageOf({ image }: Pick<GraphNode, "image">): GraphImage | undefined {
  return typeof image === "string" ? { name: image } : image;
}

/** The caches of a job, in whichever form they are written: one, or a list. */
export function cachesOf({ cache }: Pick<GraphNode, "cache">): readonly GraphCache[] {
  if (cache === undefined) return [];
  return isList(cache) ? cache : [cache];
}

function isList(cache: GraphCache | readonly GraphCache[]): cache is readonly GraphCache[] {
  return Array.isArray(cache);
}

/** When a job runs once it takes place: a manual one that was asked for, on success. */
export function whenOf({ when }: Pick<GraphNode, "when">): When {
  return when === undefined || when === "manual" ? "on_success" : when;
}

/** A workflow with no jobs, for a run that never got to compile one. */
export const EMPTY_GRAPH: GraphIr = { schema: GRAPH_IR_SCHEMA, stages: [], nodes: [], edges: [] };
