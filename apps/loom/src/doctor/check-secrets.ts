import { join } from "node:path";
import type { GraphSecret } from "@loom/core";
import {
  createEnvSource,
  createKeepassSource,
  createOnePasswordSource,
  isRedactable,
  resolveSecret,
  secretsInMemory,
  type SecretSource,
} from "@loom/secrets";
import { jobsOf, type DoctorPlace } from "./doctor-place.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** What 1Password is asked with. Only its users have it. */
const SDK = "@1password/sdk";

/** A secret, and the jobs that name it. */
interface NamedSecret {
  readonly secret: GraphSecret;
  readonly jobs: string[];
}

/** Whether each secret that a job names can be had. Values are looked at, and never kept or shown. */
export async function checkSecrets(place: DoctorPlace): Promise<readonly DoctorFinding[]> {
  const { env } = place;
  const jobs = await jobsOf(place);
  if (jobs === undefined)
    return [
      {
        state: "note",
        found: "Which secrets jobs name is not known, as the workflow is not valid",
        advice: "Correct the workflow, then run loom doctor again",
      },
    ];
  const named = new Map<string, NamedSecret>();
  for (const { id, secrets = [] } of jobs)
    for (const secret of secrets) {
      const key = JSON.stringify([secret.name, secret.ref, secret.required]);
      const known = named.get(key) ?? { secret, jobs: [] };
      known.jobs.push(id);
      named.set(key, known);
    }
  if (named.size === 0) return [{ state: "ok", found: "No job names a secret" }];
  const sources = [createEnvSource(env), createKeepassSource(env), onePasswordOf(env)];
  const findings = await Promise.all([...named.values()].map(async (each) => findingOf(each, sources)));
  const hasFiles = [...named.values()].some(({ secret: { file } }) => file);
  return hasFiles && secretsInMemory(env) === undefined ? [...findings, onDisk(place)] : findings;
}

function onDisk({ cacheHome }: DoctorPlace): DoctorFinding {
  return {
    state: "note",
    subject: "files",
    found: `No file system in memory can be written to: secrets that are files are on the disk while their job runs, below "${join(cacheHome, "loom")}", for this user only`,
    advice: "Nothing has to be done, if that disk is encrypted or such secrets may be on it",
  };
}

async function findingOf(
  { secret: { name, ref, required }, jobs }: NamedSecret,
  sources: readonly SecretSource[],
): Promise<DoctorFinding> {
  const subject = name;
  const [job = "", ...others] = jobs;
  const of = `job ${job}${others.length === 0 ? "" : ` and ${others.length} more`}`;
  const resolved = await resolveSecret(ref, sources);
  if (resolved.ok) {
    if (!isRedactable(resolved.value))
      return {
        state: "failure",
        subject,
        found: `The value of ${ref} for ${of} is too short to be hidden in the output`,
        advice: "Give it a longer value",
      };
    const isIn1Password = ref.startsWith("op:");
    if (isIn1Password && !isInstalled(SDK))
      return {
        state: "failure",
        subject,
        found: `${ref} for ${of} needs the SDK of 1Password, which is not installed`,
        advice: `Run npm install ${SDK} where Loom is installed, with -g when Loom is global`,
      };
    const asked = isIn1Password
      ? "OP_SERVICE_ACCOUNT_TOKEN is set; 1Password itself was not asked"
      : "it is there";
    return { state: "ok", subject, found: `${ref} for ${of}: ${asked}` };
  }
  const { code, message } = resolved.error;
  const parts = partsOf(message, adviceFor(ref));
  const found = `${parts.found} (${ref} for ${of})`;
  if (code === "SECRETS_REF_NOT_FOUND" && !required)
    return { state: "note", subject, found, advice: "Nothing has to be done: the job runs without it" };
  return { state: "failure", subject, found, advice: parts.advice };
}

function adviceFor(ref: string): string {
  const variable = /^env:\/\/(\w+)$/u.exec(ref)?.[1];
  if (variable !== undefined)
    return `Set ${variable}, or write "required: false" if the job can do without it`;
  if (ref.startsWith("keepass:"))
    return "Correct the reference or the variables: loom secrets keepass vault list names the databases, and item list their entries";
  return "Correct the reference in the workflow";
}

/** Whether Loom can load a package. It is not loaded: the SDK is large. */
function isInstalled(name: string): boolean {
  try {
    return import.meta.resolve(name) !== "";
  } catch {
    return false;
  }
}

/** Says whether the reference and the token are there. A doctor that signs in would use up requests of the token. */
function onePasswordOf(env: DoctorPlace["env"]): SecretSource {
  const resolve = async (): Promise<string> => "not asked";
  return createOnePasswordSource(env, { connect: async () => ({ secrets: { resolve } }) });
}
