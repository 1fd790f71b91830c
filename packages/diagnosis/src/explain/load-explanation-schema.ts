import type { ExplanationSchema } from "./explanation-schema.ts";

/**
 * Loads the zod schema of an explanation, for programs that check what they
 * read. Explaining does not need it, and starts faster without.
 */
export async function loadExplanationSchema(): Promise<ExplanationSchema> {
  const { explanationSchema } = await import("./explanation-schema.ts");
  return explanationSchema;
}
