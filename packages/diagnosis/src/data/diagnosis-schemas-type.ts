import type * as z from "zod";
import type { ExplanationSchema } from "../explain/explanation-schema.ts";

/** zod schemas of what Loom says to programs about workflows and runs. */
export interface DiagnosisSchemas {
  readonly explanation: ExplanationSchema;
  /** A problem or a warning of a workflow. */
  readonly problem: z.ZodObject;
  /** Of `planData`, which `@loom/runner` has. */
  readonly plan: z.ZodObject;
  /** Of `runsData`. */
  readonly runs: z.ZodObject;
  /** A line of a log. */
  readonly logLine: z.ZodObject;
  /** Of `diffData`. */
  readonly diff: z.ZodObject;
  /** Of `runState`, which `@loom/reporters` has: what each job of a run under way is at. */
  readonly runState: z.ZodObject;
  /** Of `explainedJobData`. */
  readonly job: z.ZodObject;
  readonly explainJob: z.ZodObject;
  readonly explainJobs: z.ZodObject;
  readonly explainAll: z.ZodObject;
}
