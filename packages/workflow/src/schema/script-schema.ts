import * as z from "zod/mini";
import { MAX_STEP_BYTES, MAX_STEPS } from "../limits.ts";
import { utf8Length } from "../source/utf8-length.ts";
import { durationSchema } from "./duration-schema.ts";
import { withEditorRule } from "./editor-rules.ts";
import { allowFailureSchema } from "./exit-codes-schema.ts";
import type { StepDefinition } from "./job-definition.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { WHOLE } from "./merge-rules.ts";
import { shellSchema } from "./shell-schema.ts";
import { FILLED_TEXT, insidePathSchema, textSchema, withoutNul } from "./text-schema.ts";
import { titleSchema } from "./title-schema.ts";
import { variablesSchema } from "./variables-schema.ts";

/** A list of steps: commands, or mappings that say more. Lists are never merged, so every entry is whole. */
export function scriptSchema(key: string, { least }: { readonly least: 0 | 1 }): z.ZodMiniType {
  const message = `make ${key} a list of commands`;
  const step = z.union([commandSchema(({ input }) => stepFix(input)), longSchema()], {
    error: ({ input }) => stepFix(input),
  });
  const steps = z
    .array(step, { error: message })
    .check(z.maxLength(MAX_STEPS, { error: `split this job: ${key} takes at most ${MAX_STEPS} steps` }));
  return least === 0 ? steps : steps.check(z.minLength(1, { error: `add at least one command to ${key}` }));
}

function longSchema(): z.ZodMiniType {
  const { optional } = WHOLE;
  const run = "set run to the command of this step";
  const dir = "set dir to a folder of the project: relative, without ..";
  return mappingSchema<StepDefinition>(
    "step",
    {
      run: commandSchema(({ input }) => (input === undefined ? "add run: the command of this step" : run)),
      name: optional(titleSchema("name")),
      if: optional(textSchema("add the condition", "write the condition as a text")),
      dir: optional(insidePathSchema(dir)),
      variables: optional(variablesSchema("complete")),
      timeout: optional(durationSchema("timeout")),
      allow_failure: optional(allowFailureSchema("complete")),
      shell: optional(shellSchema()),
    },
    stepFix({}),
  );
}

/** The text of one step. */
function commandSchema(error: (issue: { readonly input?: unknown }) => string): z.ZodMiniType {
  const command = z.string({ error }).check(
    z.refine((value: string) => value.trim() !== "", {
      error: "write a command here, or remove this step",
    }),
    z.refine((value: string) => utf8Length(value, MAX_STEP_BYTES) <= MAX_STEP_BYTES, {
      error: `shorten this step to at most ${MAX_STEP_BYTES} bytes; move it into a script file`,
    }),
    withoutNul(),
  );
  return withEditorRule(command, { pattern: FILLED_TEXT, maxLength: MAX_STEP_BYTES });
}

function stepFix(input: unknown): string {
  if (typeof input === "number" || typeof input === "boolean") return "put this command in quotes";
  if (typeof input === "object" && input !== null && !Array.isArray(input)) {
    return 'put this command in quotes: ": " makes it a mapping';
  }
  return "make this step one command";
}
