import { AGENT_VARIABLES } from "@loom/reporters";

/** Makes tests that pass their own environment on the same whoever has started them. Vitest calls it by this name. */
export function setup(): void {
  for (const name of AGENT_VARIABLES) Reflect.deleteProperty(process.env, name);
}
