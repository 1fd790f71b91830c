import { readFileSync } from "node:fs";
import { err, MAX_DURATION_MS, ok, parseDuration, type EventError, type Result } from "@loom/core";
import type { DockerWorkspaceMount } from "../workspace/own-workspace-of.ts";
import { systemErrorReason } from "@loom/system";
import { parse, YAMLParseError } from "yaml";
import * as z from "zod";

/** How workers are reached. */
export interface EngineConfig {
  /** `nats://HOST:PORT` of one or more servers, with commas between them. */
  readonly url?: string | undefined;
  readonly user?: string | undefined;
  /** Absolute paths, or relative to where the program is started. */
  readonly credentials_file?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
  /** How many of the servers keep each thing. */
  readonly replicas?: number | undefined;
  /** Whether `env://` in secrets of jobs on workers means the environment of the run. */
  readonly forward_secrets?: boolean | undefined;
  /** Begins the subjects on which answers come. */
  readonly inbox_prefix?: string | undefined;
  /** How long nothing may be heard of a worker before its jobs begin elsewhere: a duration of a second or more. */
  readonly lease?: string | undefined;
}

/** What a configuration file may say. */
export interface Config {
  readonly engine?: EngineConfig | undefined;
  readonly runtime?:
    | {
        readonly workspace?: "isolated" | "in-place" | undefined;
        readonly docker_workspace_mount?: DockerWorkspaceMount | undefined;
      }
    | undefined;
  readonly tui?: { readonly keys?: Readonly<Record<string, string | string[]>> | undefined } | undefined;
}

/** The shortest lease. Milliseconds. Workers say three times within one that they are there. */
const SHORTEST_LEASE_MS = 1_000;

const LEASE = z.string().refine(
  (written) => {
    const ms = parseDuration(written) ?? 0;
    return ms >= SHORTEST_LEASE_MS && ms <= MAX_DURATION_MS;
  },
  { error: "give a duration of 1s or more such as 30s" },
);

const CONFIG: z.ZodType<Config | null> = z
  .strictObject({
    runtime: z
      .strictObject({
        workspace: z.enum(["isolated", "in-place"]).optional(),
        docker_workspace_mount: z.enum(["ephemeral_volume", "bind_mount"]).optional(),
      })
      .optional(),
    engine: z
      .strictObject({
        url: z.string().optional(),
        user: z.string().optional(),
        credentials_file: z.string().optional(),
        ca_file: z.string().optional(),
        cert_file: z.string().optional(),
        key_file: z.string().optional(),
        replicas: z.union([z.literal(1), z.literal(3), z.literal(5)]).optional(),
        forward_secrets: z.boolean().optional(),
        inbox_prefix: z
          .string()
          .regex(/^[\w-]+(?:\.[\w-]+)*$/u, "give words of letters, digits, _ and -, with dots between them")
          .optional(),
        lease: LEASE.optional(),
      })
      .optional(),
    tui: z
      .strictObject({ keys: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional() })
      .optional(),
  })
  .nullable();

/**
 * Reads a configuration file.
 *
 * @returns `CONFIG_INVALID`, with the file, the place and what is allowed there.
 */
export function readConfig(path: string): Result<Config, EventError> {
  const refuse = (why: string): Result<never, EventError> =>
    err({ code: "CONFIG_INVALID", message: `Cannot use the configuration "${path}": ${why}` });
  let value: unknown;
  try {
    value = parse(readFileSync(path, "utf8"));
  } catch (cause) {
    if (cause instanceof YAMLParseError) return refuse(cause.message.split("\n")[0] ?? "it is not YAML");
    return refuse(systemErrorReason(cause));
  }
  const config = CONFIG.safeParse(value ?? null);
  if (config.success) return ok(config.data ?? {});
  const [issue] = config.error.issues;
  return refuse(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is not valid"}`);
}
