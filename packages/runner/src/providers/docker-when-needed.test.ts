import { runIdentity } from "@loom/core";
import { createDockerProvider } from "@loom/provider-docker";
import type { Provider } from "@loom/ports";
import { expect, test } from "vitest";
import { dockerWhenNeeded } from "./docker-when-needed.ts";

test("what stands in for the provider says the same of itself", () => {
  const run = { runId: runIdentity(1n).runId, env: {} };
  const [real, standIn] = [createDockerProvider(), dockerWhenNeeded()];
  const facts = (provider: Provider): unknown => {
    const opened = provider.open(run);
    return [provider.name, opened.name, opened.seenRoot];
  };
  expect(facts(standIn)).toEqual(facts(real));
});
