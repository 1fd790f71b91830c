import type { Provider, ProviderRun, RunProvider } from "@loom/ports";
import type { Providers } from "./built-in-providers.ts";
import { notesPathOf } from "../dead-runs/notes-path.ts";

/** The providers of a run that takes place, by name. */
export type OpenedProviders = Readonly<Record<string, RunProvider>> & { readonly host: RunProvider };

/** What the providers of one run share. */
export interface ProvidersRun extends Pick<ProviderRun, "runId" | "env" | "project"> {
  /** Absolute path of the run's evidence. */
  readonly runDirectory: string;
}

/** Opens each provider for a run. */
export function openProviders(
  { host, ...others }: Providers,
  { runDirectory, ...run }: ProvidersRun,
): OpenedProviders {
  const open = (name: string, provider: Provider): RunProvider => {
    const notesPath = notesPathOf(runDirectory, name);
    return provider.open({ ...run, ...(notesPath !== undefined && { notesPath }) });
  };
  const opened = Object.entries(others).map(([name, provider]) => [name, open(name, provider)] as const);
  return { ...Object.fromEntries(opened), host: open("host", host) };
}

/**
 * Closes the providers of a run.
 *
 * @returns What was noted, and why something is left.
 */
export async function closeProviders(opened: readonly RunProvider[]): Promise<readonly string[]> {
  const told: string[] = [];
  for (const provider of opened) {
    const closed = await provider.close({ log: (_level, message) => void told.push(message) });
    if (!closed.ok && !told.includes(closed.error.message)) told.push(closed.error.message);
  }
  return told;
}
