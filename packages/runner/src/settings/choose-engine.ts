import { err, ok, parseDuration, type EventError, type Result } from "@loom/core";
import { findSetting, type ConfigPlace } from "./find-setting.ts";
import type { EngineConfig } from "./read-config.ts";

/** Where the engine is that brings jobs to workers, and how to get in. */
export interface EnginePlace {
  /** `nats://HOST:PORT` of one or more servers, without credentials. */
  readonly servers: readonly string[];
  readonly auth?:
    | { readonly user: string; readonly password: string }
    | { readonly token: string }
    | { readonly credentialsFile: string };
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** How many of its servers keep each thing. */
  readonly replicas?: number;
  /** Whether `env://` in secrets of jobs on workers means the environment of the run. */
  readonly forwardSecrets?: boolean;
  /** Begins the subjects on which answers come. */
  readonly inboxPrefix?: string;
  /** How long somebody may say nothing of the work they have taken. Milliseconds. */
  readonly silentAfterMs?: number;
  /** How long somebody counts as there after their last word. Milliseconds. */
  readonly leaseTtlMs?: number;
}

/** The variable that names the servers for one command. */
export const ENGINE_VARIABLE = "LOOM_ENGINE";

/**
 * Decides which engine is used: by a flag, else by `LOOM_ENGINE`, else by the configuration of the project, else by that of
 * the user. What lets somebody in may stand in the address, in the configuration, or in `LOOM_ENGINE_USER` and
 * `LOOM_ENGINE_PASSWORD`, `LOOM_ENGINE_TOKEN` or `LOOM_ENGINE_CREDENTIALS`, which count before the others.
 *
 * @returns `undefined` when nothing names one; `CONFIG_INVALID` when something says what cannot be understood.
 */
export async function chooseEngine(
  flag: string | undefined,
  place: ConfigPlace,
): Promise<Result<EnginePlace | undefined, EventError>> {
  const found = await findSetting(place, ({ engine }) => engine);
  if (!found.ok) return found;
  const config = found.value?.value ?? {};
  const written = flag ?? nonEmpty(place.env[ENGINE_VARIABLE]) ?? config.url;
  if (written === undefined) return ok(undefined);
  const servers: string[] = [];
  let inAddress: { user: string; password: string } | undefined;
  for (const each of written.split(",").map((part) => part.trim())) {
    const url = serverOf(each);
    if (url === undefined) {
      const by = flag === undefined ? "The engine" : "--engine";
      const message = `${by} cannot be "${withoutCredentials(each)}": give nats://HOST or nats://HOST:PORT, or several with commas`;
      return err({ code: "CONFIG_INVALID", message });
    }
    servers.push(`${url.protocol}//${url.host}`);
    if (url.username !== "")
      inAddress = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  }
  const auth = authOf(place.env, config) ?? inAddress;
  const tls = tlsOf(config);
  const leaseMs = config.lease === undefined ? undefined : parseDuration(config.lease);
  return ok({
    servers,
    ...(auth !== undefined && { auth }),
    ...(tls !== undefined && { tls }),
    ...(config.replicas !== undefined && { replicas: config.replicas }),
    ...(config.forward_secrets !== undefined && { forwardSecrets: config.forward_secrets }),
    ...(config.inbox_prefix !== undefined && { inboxPrefix: config.inbox_prefix }),
    ...(leaseMs !== undefined && { silentAfterMs: leaseMs, leaseTtlMs: leaseMs }),
  });
}

function serverOf(written: string): URL | undefined {
  const text = written.includes("://") ? written : `nats://${written}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return (url.protocol === "nats:" || url.protocol === "tls:") && url.hostname !== "" ? url : undefined;
}

function withoutCredentials(written: string): string {
  return written.replace(/^([a-z]+:\/\/)?.*@/u, "$1");
}

function authOf(env: ConfigPlace["env"], config: EngineConfig): EnginePlace["auth"] {
  const token = nonEmpty(env["LOOM_ENGINE_TOKEN"]);
  if (token !== undefined) return { token };
  const user = nonEmpty(env["LOOM_ENGINE_USER"]) ?? config.user;
  const password = nonEmpty(env["LOOM_ENGINE_PASSWORD"]);
  if (user !== undefined && password !== undefined) return { user, password };
  const credentialsFile = nonEmpty(env["LOOM_ENGINE_CREDENTIALS"]) ?? config.credentials_file;
  return credentialsFile === undefined ? undefined : { credentialsFile };
}

function tlsOf({
  ca_file: caFile,
  cert_file: certFile,
  key_file: keyFile,
}: EngineConfig): EnginePlace["tls"] {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
