import type { Provider } from "@loom/ports";
import { createHostProvider } from "@loom/provider-host";
import { dockerWhenNeeded } from "./docker-when-needed.ts";

/** Providers by the name under which jobs get them: `docker` for jobs with an image, `host` for all others. */
export type Providers = Readonly<Record<string, Provider>> & { readonly host: Provider };

/** The providers of this program, whatever a caller adds or replaces. */
export function builtInProviders(): Providers {
  return { host: createHostProvider(), docker: dockerWhenNeeded() };
}
