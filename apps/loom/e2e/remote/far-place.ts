import { HAS_NATS_SERVER, startNatsServer } from "../nats-server.ts";
import { makeFarNetwork, whyNoNetwork, type FarNetwork } from "./far-network.ts";
import { makeFarProject, type FarProject } from "./far-project.ts";

/** Why there is no {@link farPlace} here, if so. */
export const WHY_NOT: string | undefined = HAS_NATS_SERVER ? whyNoNetwork() : "nats-server is not installed";

/** A project, and a network for a part of it. */
export interface FarPlace {
  readonly project: FarProject;
  /** Has a link to the server, which is in none. */
  readonly network: FarNetwork;
}

/** A project of which the engine is at one end of a link. */
export async function farPlace(workflow: string, lease: string): Promise<FarPlace> {
  const network = makeFarNetwork();
  const { url } = await startNatsServer(["-js"], network.address);
  return { project: makeFarProject(workflow, { url, lease }), network };
}
