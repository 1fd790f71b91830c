import type { Provider } from "@loom/ports";
import { createDockerProvider } from "@loom/provider-docker";
import { createHostProvider } from "@loom/provider-host";

/** Providers by the name under which jobs get them: `docker` for jobs with an image, `host` for all others. */
export type Providers = Readonly<Record<string, Provider>> & { readonly host: Provider };

/** The providers of this program, whatever a caller adds or replaces. */
export function builtInProviders(): Providers {
  return { host: createHostProvider(), docker: createDockerProvider() };
}
