import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "@loom/system";

/** The folder in which the docker command keeps what it knows of a user. */
export function dockerConfigFolder(env: Environment): string {
  return env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker");
}

/** The configuration of the docker command; `undefined` when there is none, or it cannot be read. */
export function readDockerConfig(env: Environment): Readonly<Record<string, unknown>> | undefined {
  return readJsonFile(join(dockerConfigFolder(env), "config.json"));
}

/** An object in a file; `undefined` when there is none. */
export function readJsonFile(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
