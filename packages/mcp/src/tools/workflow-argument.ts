import * as z from "zod";

/** The workflow that a tool is about. */
export const WORKFLOW: z.ZodOptional<z.ZodString> = z
  .string()
  .optional()
  .describe("Path of the workflow, inside workspace_root. Default: .loom/workflow.yml");
