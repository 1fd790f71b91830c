import { askEngine, findEngine } from "@loom/provider-docker";
import { jobsOf, type DoctorPlace } from "./doctor-place.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** How long the engine may take to answer. Milliseconds. */
const ANSWER_WITHIN_MS = 4000;

/** Whether a container engine answers. Only jobs with an image need one. */
export async function checkEngine(place: DoctorPlace): Promise<DoctorFinding> {
  const { env } = place;
  const [engine, jobs] = await Promise.all([askEngine(env, ANSWER_WITHIN_MS), jobsOf(place)]);
  if (engine.ok) {
    const { name, address } = engine.value;
    return { state: "ok", found: `${name} answers at ${address.url} (${address.from})` };
  }
  const parts = partsOf(engine.error.message, adviceFor(env));
  const [needing, ...others] = jobs?.filter(({ image }) => image !== undefined) ?? [];
  if (needing === undefined) {
    const need =
      jobs === undefined
        ? "Only jobs with an image need one"
        : "Nothing has to be done, as no job has an image";
    return { state: "note", found: parts.found, advice: `${need}. For such a job: ${parts.advice}` };
  }
  const more = others.length === 0 ? "has" : `and ${others.length} more have`;
  return {
    state: "failure",
    found: `${parts.found}; job ${needing.id} ${more} an image`,
    advice: parts.advice,
  };
}

/** What to do about an engine that is known, and does not answer. */
function adviceFor(env: DoctorPlace["env"]): string {
  const address = findEngine(env);
  const from = address.ok ? address.value.from : "";
  const orElse: Readonly<Record<string, string>> = {
    DOCKER_HOST: ", or set DOCKER_HOST to where another one listens",
    "usual socket": ", or allow this user to use its socket",
  };
  return `Start Docker or Podman${orElse[from] ?? ", or choose another context with docker context use"}`;
}
