import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { readDockerConfig } from "../engine/docker-config.ts";
import type { Environment } from "@loom/system";

/** What an engine needs to pull as somebody. Source: the Engine API, `X-Registry-Auth`. */
export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

/** How the docker command names the registry of images without one. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/** What a helper gives as the name when it gives a token. */
const TOKEN_USER = "<token>";

/** How long a helper may take. Milliseconds. */
const HELPER_MS = 10_000;

/**
 * The login that `docker login` kept for the registry of an image: in a helper, else in the configuration of docker itself.
 *
 * @returns `undefined` when there is none, or it cannot be read: the engine then says what it may not pull.
 */
export async function registryLogin(image: string, env: Environment): Promise<RegistryLogin | undefined> {
  return await loginOf(registryOf(image), env);
}

async function loginOf(registry: string, env: Environment): Promise<RegistryLogin | undefined> {
  const config = readDockerConfig(env);
  if (config === undefined) return undefined;
  const { credHelpers, credsStore, auths } = config;
  const helper = textIn(credHelpers, registry) ?? (typeof credsStore === "string" ? credsStore : undefined);
  if (helper !== undefined) {
    const found = await askHelper(helper, registry, env);
    if (found !== undefined) return found;
  }
  return kept(auths, registry);
}

/** All logins that are known by the registry that they are for: what an image is built on may be in any. */
export async function registryLogins(env: Environment): Promise<Readonly<Record<string, RegistryLogin>>> {
  const { auths, credHelpers } = readDockerConfig(env) ?? {};
  const registries = [auths, credHelpers].flatMap((each) => Object.keys(each ?? {}));
  const logins: Record<string, RegistryLogin> = {};
  for (const registry of new Set(registries)) {
    const login = await loginOf(registry, env);
    if (login !== undefined) logins[registry] = login;
  }
  return logins;
}

/** The registry in the name of an image: its first part, where that is the name of a machine. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isMachine = rest.length > 0 && (/[.:]/u.test(first) || first === "localhost");
  return !isMachine || first === "docker.io" || first === "index.docker.io" ? DOCKER_HUB : first;
}

function kept(auths: unknown, registry: string): RegistryLogin | undefined {
  const entry = entryIn(auths, registry) ?? entryIn(auths, `https://${registry}`);
  if (entry === undefined) return undefined;
  const token = textIn(entry, "identitytoken");
  if (token !== undefined) return { identitytoken: token, serveraddress: registry };
  const encoded = textIn(entry, "auth");
  if (encoded === undefined) return undefined;
  const [, username, password] = /^([^:]*):(.*)$/su.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  if (username === undefined || password === undefined) return undefined;
  return { username, password: password.replace(/\0+$/u, ""), serveraddress: registry };
}

/** Source: docker-credential-helpers, the command `get`: the registry on stdin, JSON on stdout. */
async function askHelper(
  helper: string,
  registry: string,
  env: Environment,
): Promise<RegistryLogin | undefined> {
  const child = spawn(`docker-credential-${helper}`, ["get"], {
    env: { ...env },
    stdio: ["pipe", "pipe", "ignore"],
    timeout: HELPER_MS,
  });
  // One that is not there, or does not read.
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stdin.end(registry);
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
    child.on("error", () => resolve(null));
  });
  const text = (await buffer(child.stdout)).toString();
  if ((await ended) !== 0) return undefined;
  try {
    const said: unknown = JSON.parse(text);
    const [username, password] = [textIn(said, "Username"), textIn(said, "Secret")];
    if (username === undefined || password === undefined) return undefined;
    if (username === TOKEN_USER) return { identitytoken: password, serveraddress: registry };
    return { username, password, serveraddress: registry };
  } catch {
    return undefined;
  }
}

function entryIn(value: unknown, key: string): object | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const entry: unknown = (value as Readonly<Record<string, unknown>>)[key];
  return typeof entry === "object" && entry !== null ? entry : undefined;
}

function textIn(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)[key];
  return typeof text === "string" && text !== "" ? text : undefined;
}
