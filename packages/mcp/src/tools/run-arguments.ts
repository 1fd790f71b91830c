import * as z from "zod";
import { WORKFLOW } from "./workflow-argument.ts";

/** What `loom_run_local` takes, beside the workspace. */
export const RUN_ARGUMENTS = {
  workflow_path: WORKFLOW,
  mount_mode: z
    .enum(["ephemeral_volume", "bind_mount"])
    .optional()
    .describe("How jobs in containers see their workspace: as a copy of their own, or mounted"),
  jobs: z.array(z.string()).optional().describe("Only these jobs and what they need"),
  variables: z.record(z.string(), z.string()).optional().describe("Override those of the workflow"),
  retry_failed: z
    .string()
    .optional()
    .describe("A run, such as last: jobs that succeeded there keep their result"),
  in_place: z.boolean().optional().describe("Whether jobs work in the checkout, not in a snapshot"),
  background: z
    .boolean()
    .optional()
    .describe("Answers at once; the run goes on in a process of its own, also when the client goes away"),
};

/** What a call of `loom_run_local` asks for. */
export type RunArguments = z.infer<z.ZodObject<typeof RUN_ARGUMENTS>>;
