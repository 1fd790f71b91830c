import type { Provider } from "@loom/ports";
import { createHostProvider } from "@loom/provider-host";

/** Providers by the name under which jobs get them: `host` runs those that need nothing special. */
export type Providers = Readonly<Record<string, Provider>> & { readonly host: Provider };

/** The providers of this program, whatever a caller adds or replaces. */
export function builtInProviders(): Providers {
  return { host: createHostProvider() };
}
