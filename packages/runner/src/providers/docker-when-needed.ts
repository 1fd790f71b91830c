import { existsSync } from "node:fs";
import { ok, type EventError, type Result } from "@loom/core";
import { inSection, type DeadRun, type Provider, type ProviderRun, type RunProvider } from "@loom/ports";
import { loadPart } from "../workflow/load-part.ts";

/** Name of the provider, and where its jobs see their workspace: as the provider has it. */
const NAME = "docker";
const SEEN_ROOT = "/workspace";

/** The provider of jobs in containers, loaded for the first of them: most runs have none. */
export function dockerWhenNeeded(): Provider {
  return {
    name: NAME,
    open: (run) => openWhenNeeded(run),
    endLeftovers: async (run: DeadRun, log) => {
      // What such a run noted is all that there is to look for.
      if (run.notesPath !== undefined && !existsSync(run.notesPath)) return ok(undefined);
      const provider = await load();
      return provider.ok ? await provider.value.endLeftovers(run, log) : provider;
    },
  };
}

function openWhenNeeded(run: ProviderRun): RunProvider {
  let opened: Promise<Result<RunProvider, EventError>> | undefined;
  const open = async (): Promise<Result<RunProvider, EventError>> => {
    const provider = await load();
    return provider.ok ? ok(provider.value.open(run)) : provider;
  };
  return {
    name: NAME,
    seenRoot: SEEN_ROOT,
    prepare: async (job, sections, stop) => {
      opened ??= open();
      const provider = await opened;
      if (provider.ok) return await provider.value.prepare(job, sections, stop);
      // Another job may have more luck.
      opened = undefined;
      return await inSection(sections, "provider", async () => Promise.resolve(provider));
    },
    close: async (log) => {
      const provider = await opened;
      return provider?.ok === true ? await provider.value.close(log) : ok(undefined);
    },
  };
}

async function load(): Promise<Result<Provider, EventError>> {
  const loaded = await loadPart("runs jobs in containers", async () => import("@loom/provider-docker"));
  return loaded.ok ? ok(loaded.value.createDockerProvider()) : loaded;
}
