import { err, ok, type GraphSecret, type Result } from "@loom/core";
import { systemErrorOf, systemErrorReason, type Environment } from "@loom/system";
import { createEnvSource } from "./env-source.ts";
import { isRedactable, MIN_LENGTH } from "./redaction/value-length.ts";
import type { SecretError } from "./secret-error.ts";
import {
  isInMemory,
  removeLeftFiles,
  removeSecretFiles,
  writeSecretFiles,
  type SecretPlaces,
} from "./secret-files.ts";
import { resolveSecret, type SecretSource } from "./secret-source.ts";

/** From where a job's secrets come, and where their files go. */
export interface OpenSecretsOptions {
  /** What `CI_DEBUG_TRACE`, `XDG_RUNTIME_DIR` and, without other sources, `env://` are read from. */
  readonly env: Environment;
  /** Where secrets are looked up, by scheme. Default: `env://` in `env`, and nothing else. */
  readonly sources?: readonly SecretSource[] | undefined;
  /** Where files go when no file system in memory can be written to. Absolute; created when missing. */
  readonly folder: string;
  /**
   * Whose the files are: the id of a run, for example, by which `removeLeftSecrets` finds them after a crash. Letters,
   * digits, `-`, `_` and `.`. Default: the number of this process.
   */
  readonly owner?: string | undefined;
  /** Whether there is a folder even if no secret is a file: for other files that only the user may read. Default: false. */
  readonly needsFolder?: boolean | undefined;
}

/** The secrets of one job, from its set-up to its end. */
export interface JobSecrets {
  /** What to set for the steps: the value of each secret, or the path of its file. */
  readonly variables: Readonly<Record<string, string>>;
  /** The value of each secret that there is, by its name; for `createRedactor`. */
  readonly values: ReadonlyMap<string, string>;
  /** Where the files are: a program that outlives a killed one removes it. Absolute; absent without files, unless it was asked for. */
  readonly folder?: string;
  /** Removes the files. Calling it again does nothing, unless it failed with `SECRETS_IO`. */
  close(): Promise<Result<undefined, SecretError>>;
}

/** Where Linux has a file system in memory that every user may write to. */
const SHARED_MEMORY = "/dev/shm";

/**
 * Gets the secrets of a job, and writes the files of those that are files.
 *
 * A secret with `required: false` that is missing has no variable. All sources are asked at a time; of several
 * failures the first by the order of `secrets` is returned.
 *
 * @param secrets - Names are unique, of `A` to `Z`, digits and `_`.
 * @returns `SECRETS_UNSAFE_DEBUG_TRACE`, `SECRETS_REQUIRED_MISSING`, `SECRETS_REF_INVALID` (also for a value that
 *   cannot be kept out of the output, or cannot be in a variable), `SECRETS_PROVIDER_UNAVAILABLE`, or `SECRETS_IO`
 *   when the files cannot be written. Then nothing is left behind.
 */
export async function openSecrets(
  secrets: readonly GraphSecret[],
  { env, sources = [createEnvSource(env)], folder, owner, needsFolder = false }: OpenSecretsOptions,
): Promise<Result<JobSecrets, SecretError>> {
  const traced = env["CI_DEBUG_TRACE"] === "true" ? secrets.filter(({ file }) => !file) : [];
  if (traced.length > 0) return err(unsafeTrace(traced));
  const answers = await Promise.all(secrets.map(async (secret) => valueOf(secret, sources)));
  const values = new Map<string, string>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    if (answer.value !== undefined) values.set(answer.value.name, answer.value.value);
  }
  return place(secrets, values, { places: placesOf({ env, folder, owner }), needsFolder });
}

/**
 * Removes the files of secrets whose program was killed.
 *
 * @returns `SECRETS_IO` when they cannot be removed.
 */
export function removeLeftSecrets(
  options: Required<Pick<OpenSecretsOptions, "env" | "folder" | "owner">>,
): Result<undefined, SecretError> {
  try {
    removeLeftFiles(placesOf(options));
    return ok(undefined);
  } catch (cause) {
    return err(failed("The files of secrets that were left behind could not be removed", cause));
  }
}

/**
 * Where the files of secrets are kept in memory.
 *
 * @returns Absolute; `undefined` where no file system in memory can be written to, so that they are on the disk.
 */
export function secretsInMemory(env: Environment): string | undefined {
  return memoryPlaces(env).find(isInMemory);
}

function placesOf({
  env,
  folder,
  owner = String(process.pid),
}: Pick<OpenSecretsOptions, "env" | "folder" | "owner">): SecretPlaces {
  return { owner, folder, memory: memoryPlaces(env) };
}

function memoryPlaces(env: Environment): readonly string[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  return [SHARED_MEMORY, ...(runtime?.startsWith("/") === true ? [runtime] : [])];
}

async function valueOf(
  { name, ref, file, required }: GraphSecret,
  sources: readonly SecretSource[],
): Promise<Result<{ readonly name: string; readonly value: string } | undefined, SecretError>> {
  const resolved = await resolveSecret(ref, sources);
  if (resolved.ok) {
    const fault = faultOf(resolved.value, file);
    if (fault === undefined) return ok({ name, value: resolved.value });
    return err({ code: "SECRETS_REF_INVALID", message: `The value of secret ${name} (${ref}) ${fault}` });
  }
  const { code, message } = resolved.error;
  if (code !== "SECRETS_REF_NOT_FOUND") return err({ code, message: `Secret ${name}: ${message}` });
  if (!required) return ok(undefined);
  return err({
    code: "SECRETS_REQUIRED_MISSING",
    message: `Secret ${name} is missing: ${message}. With "required: false" the job runs without it`,
  });
}

function faultOf(value: string, file: boolean): string | undefined {
  if (!isRedactable(value))
    return `is shorter than ${MIN_LENGTH} characters: hiding it would make the output of the job unreadable`;
  if (!file && value.includes("\0")) return "has a NUL byte, which no variable can have: make it a file";
  return undefined;
}

function place(
  secrets: readonly GraphSecret[],
  values: ReadonlyMap<string, string>,
  { places, needsFolder }: { readonly places: SecretPlaces; readonly needsFolder: boolean },
): Result<JobSecrets, SecretError> {
  const isFile = new Set(secrets.filter(({ file }) => file).map(({ name }) => name));
  const inFiles = new Map([...values].filter(([name]) => isFile.has(name)));
  if (inFiles.size === 0 && !needsFolder)
    return ok({ variables: Object.fromEntries(values), values, close: async () => ok(undefined) });
  try {
    const files = writeSecretFiles(inFiles, places);
    const variables = Object.fromEntries([...values, ...files.paths]);
    return ok({
      variables,
      values,
      folder: files.folder,
      close: async () => remove(files.folder),
    });
  } catch (cause) {
    return err(failed("The file of a secret could not be written", cause));
  }
}

function remove(folder: string): Result<undefined, SecretError> {
  try {
    removeSecretFiles(folder);
    return ok(undefined);
  } catch (cause) {
    return err(failed(`The files of secrets in ${folder} could not be removed`, cause));
  }
}

function failed(what: string, cause: unknown): SecretError {
  return { code: "SECRETS_IO", message: `${what}: ${systemErrorReason(systemErrorOf(cause))}` };
}

function unsafeTrace(secrets: readonly GraphSecret[]): SecretError {
  const names = secrets.map(({ name }) => name).join(", ");
  return {
    code: "SECRETS_UNSAFE_DEBUG_TRACE",
    message: `CI_DEBUG_TRACE=true would print secrets that are variables (${names}): unset it, or make them files`,
  };
}
