import { CARRIED } from "@loom/core";
import * as z from "zod/mini";

/** `carry`: none of the words, one or both. */
export function carrySchema(): z.ZodMiniType {
  const error = "make carry a list of cwd, env or both, such as [cwd, env]";
  return z.array(z.enum(CARRIED, { error }), { error });
}
