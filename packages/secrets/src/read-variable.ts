import type { Environment } from "@loom/system";

/** @returns The value of a variable; `undefined` when it is not set or empty, or when the name is of no variable, such as `constructor`. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === "" ? undefined : value;
}
