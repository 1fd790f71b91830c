import type { AllowFailure, Carried, PullPolicy, RetryCause, When } from "@loom/core";

/** A job as a file writes it, everything inherited resolved and nulls removed. */
export interface JobDefinition {
  readonly stage?: string | undefined;
  readonly title?: string | undefined;
  readonly target?: "linux" | undefined;
  readonly extends?: string | readonly string[] | undefined;
  readonly needs?: readonly (string | NeedDefinition)[] | undefined;
  readonly matrix?: readonly MatrixEntry[] | undefined;
  readonly image?: string | ImageDefinition | undefined;
  readonly before_script?: readonly (string | StepDefinition)[] | undefined;
  readonly script?: readonly (string | StepDefinition)[] | undefined;
  readonly after_script?: readonly (string | StepDefinition)[] | undefined;
  readonly shell?: "sh" | "bash" | readonly string[] | undefined;
  readonly carry?: readonly Carried[] | undefined;
  readonly variables?: Variables | undefined;
  readonly secrets?: { readonly [name: string]: SecretDefinition } | undefined;
  readonly services?: readonly (string | ServiceDefinition)[] | undefined;
  readonly cache?: CacheDefinition | readonly CacheDefinition[] | undefined;
  readonly artifacts?: ArtifactsDefinition | undefined;
  readonly runner_pool?: string | undefined;
  readonly resource?: string | undefined;
  readonly workspace?: "own" | "shared" | undefined;
  readonly gate?: "stages" | "needs" | undefined;
  readonly invariant?: { readonly [key: string]: unknown } | undefined;
  readonly allow_failure?: AllowFailure | undefined;
  readonly when?: When | "manual" | undefined;
  readonly rules?: readonly JobRuleDefinition[] | undefined;
  readonly timeout?: string | number | undefined;
  readonly retry?: number | RetryDefinition | undefined;
}

/** One step in its long form. */
export interface StepDefinition {
  readonly run: string;
  readonly name?: string | undefined;
  readonly if?: string | undefined;
  readonly allow_failure?: AllowFailure | undefined;
  readonly dir?: string | undefined;
  readonly variables?: Variables | undefined;
  readonly timeout?: string | number | undefined;
  readonly shell?: "sh" | "bash" | readonly string[] | undefined;
}

/** One entry of `needs` in its long form. */
export interface NeedDefinition {
  readonly job: string;
  readonly optional?: boolean | undefined;
  readonly artifacts?: boolean | undefined;
  readonly matrix?: MatrixEntry | undefined;
}

/** One entry of `matrix`: variables, each with the values it takes. */
export interface MatrixEntry {
  readonly [name: string]: string | readonly string[];
}

/** One entry of `rules`. */
export interface JobRuleDefinition {
  readonly if?: string | undefined;
  readonly changes?: readonly string[] | undefined;
  readonly exists?: readonly string[] | undefined;
  readonly when?: When | "manual" | "never" | undefined;
  readonly variables?: Variables | undefined;
  readonly allow_failure?: AllowFailure | undefined;
}

/** Names and values, not yet expanded. */
export interface Variables {
  readonly [name: string]: string;
}

/** `image` in its long form. */
export interface ImageDefinition {
  readonly name: string;
  readonly build?: BuildDefinition | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly platform?: string | undefined;
  readonly pull_policy?: PullPolicy | undefined;
}

/** How an image is built. */
export interface BuildDefinition {
  readonly context?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly args?: { readonly [name: string]: string } | undefined;
  readonly target?: string | undefined;
}

/** One entry of `secrets`. */
export interface SecretDefinition {
  readonly ref: string;
  readonly file?: boolean | undefined;
  readonly required?: boolean | undefined;
}

/** One entry of `services` in its long form. */
export interface ServiceDefinition {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly variables?: Variables | undefined;
  readonly command?: readonly string[] | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly healthcheck?: { readonly [key: string]: unknown } | undefined;
  readonly ready_timeout?: string | number | undefined;
}

/** One cache. */
export interface CacheDefinition {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly key?: string | CacheKeyDefinition | undefined;
  readonly fallback_keys?: readonly string[] | undefined;
  readonly policy?: "pull-push" | "pull" | "push" | undefined;
  readonly when?: When | undefined;
}

/** `cache.key` in its long form. */
export interface CacheKeyDefinition {
  readonly prefix?: string | undefined;
  readonly files?: readonly string[] | undefined;
  readonly template?: string | undefined;
}

/** What a job leaves behind on purpose. */
export interface ArtifactsDefinition {
  readonly paths?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly when?: When | undefined;
  readonly reports?: ReportsDefinition | undefined;
}

/** `artifacts.reports`. */
export interface ReportsDefinition {
  readonly junit?: string | readonly string[] | undefined;
  readonly dotenv?: string | undefined;
}

/** `retry` in its long form. */
export interface RetryDefinition {
  readonly max: number;
  readonly on?: readonly RetryCause[] | undefined;
  readonly exit_codes?: readonly number[] | undefined;
}
