import * as z from "zod/mini";
import { MAX_MATRIX_JOBS } from "../limits.ts";
import { withEditorRule } from "./editor-rules.ts";
import type { MatrixEntry } from "./job-definition.ts";
import { VARIABLE_NAME } from "./name-patterns.ts";
import { fix, textFix } from "./schema-fix.ts";
import { withoutNul } from "./text-schema.ts";

/** `matrix`: entries of variables with their values; every combination of an entry is a job. */
export function matrixSchema(): z.ZodMiniType {
  const list = 'make matrix a list of entries such as {NODE: ["22", "24"]}';
  const entry = withEditorRule(matrixEntrySchema(list), { minProperties: 1 });
  return z.array(entry, { error: fix("add matrix", list) }).check(
    z.minLength(1, { error: "add an entry to matrix, or remove matrix" }),
    // Even when something else is wrong with the entries, since every problem is reported.
    z.superRefine(reportEmpty, { when: () => true }),
    z.refine((entries) => jobsOf(entries as readonly MatrixEntry[]) <= MAX_MATRIX_JOBS, {
      error: `make at most ${MAX_MATRIX_JOBS} jobs of this matrix: use fewer values`,
    }),
  );
}

/**
 * Variables, each with the value or the values it takes.
 *
 * @param notOne - What to do about a value that is no mapping. An empty one passes here.
 */
export function matrixEntrySchema(notOne: string): z.ZodMiniType {
  const wrong = "make this a text, or a list of texts";
  const text = z.string({ error: textFix("write a value", wrong) }).check(withoutNul());
  const value = withEditorRule(text, { pattern: "^[^\\u0000]*$" });
  const values = z
    .array(value, { error: wrong })
    .check(z.minLength(1, { error: "add a value, or remove this variable" }));
  const name = z.string().check(
    z.regex(VARIABLE_NAME, {
      error: "name variables in capitals: A-Z, 0-9 and _, not starting with a digit",
    }),
  );
  const oneOrMore = z.union([value, values], { error: textFix(wrong, wrong) });
  return z.record(name, oneOrMore, { error: notOne });
}

function reportEmpty(entries: unknown, context: z.core.$RefinementCtx): void {
  for (const [index, entry] of Array.isArray(entries) ? entries.entries() : []) {
    // A variable whose name is wrong is not there any more.
    const isWrong = context.issues.some(({ path }) => path?.[0] === index);
    const isEmpty = typeof entry === "object" && entry !== null && Object.keys(entry as object).length === 0;
    if (isEmpty && !isWrong)
      context.addIssue({ code: "custom", path: [index], message: "add a variable to this entry" });
  }
}

/** How many jobs a matrix makes. */
function jobsOf(entries: readonly MatrixEntry[]): number {
  const products = entries.map((entry) =>
    Object.values(entry).reduce(
      (count, values) => count * (typeof values === "string" ? 1 : values.length),
      1,
    ),
  );
  return products.reduce((sum, count) => sum + count, 0);
}
