import { WHENS } from "@loom/core";
import * as z from "zod/mini";

/** One of some words. */
export function choiceSchema<const T extends readonly string[]>(key: string, values: T): z.ZodMiniType {
  return z.enum([...values], { error: `set ${key} to ${orList(values)}` });
}

/** Judged by what went before. */
export function whenSchema(): z.ZodMiniType {
  return choiceSchema("when", WHENS);
}

function orList(values: readonly string[]): string {
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`;
}
