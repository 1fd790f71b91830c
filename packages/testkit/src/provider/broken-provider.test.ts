import { providerContract } from "@loom/contract-suites";
import { ok } from "@loom/core";
import type { Provider, RunProvider } from "@loom/ports";
import { expect, test } from "vitest";
import { createMemoryProvider } from "./memory-provider.ts";
import { MEMORY_SCRIPTS } from "./provider-scripts.ts";

/** The demands that a provider does not meet when the part of it in a run is changed so, in the order of the contract. */
async function unmet(
  change: (part: RunProvider) => Partial<RunProvider>,
  more: Partial<Provider> = {},
): Promise<readonly string[]> {
  const names: string[] = [];
  const cases = providerContract(() => {
    const memory = createMemoryProvider();
    return {
      provider: {
        name: memory.name,
        open: (run) => {
          const part = memory.open(run);
          return { ...part, ...change(part) };
        },
        endLeftovers: (run, log) => memory.endLeftovers(run, log),
        ...more,
      },
      workspaceRoot: "/workspace",
      missingRoot: "/nowhere",
      scripts: MEMORY_SCRIPTS,
      isRunning: (pid) => memory.isRunning(pid),
    };
  });
  for (const { name, run } of cases) await run().catch(() => names.push(name));
  return names;
}

test("providerContract() has nothing against a provider that keeps it, and a name for each demand", async () => {
  expect(await unmet(() => ({}))).toEqual([]);
  const names = providerContract(() => Promise.reject(new Error("not made"))).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("providerContract() finds a provider that does not say in the section what runs the job", async () => {
  const found = await unmet((part) => ({
    prepare: (job, sections, stop) =>
      part.prepare(
        job,
        { run: (section, work) => sections.run(section, (context) => work({ ...context, log() {} })) },
        stop,
      ),
  }));
  expect(found).toEqual([
    "prepare() opens the section `provider` once and says in it what runs the job, and where",
  ]);
});

test("providerContract() finds a provider with codes of its own", async () => {
  const found = await unmet((part) => ({
    async prepare(job, sections, stop) {
      const prepared = await part.prepare(job, sections, stop);
      return prepared.ok ? prepared : { ok: false, error: { ...prepared.error, code: "MINE" as never } };
    },
  }));
  expect(found).toEqual([
    "prepare() returns why a job without a workspace cannot run, in the section too",
    "prepare() closes its section as cancelled when the run is being stopped",
  ]);
});

test("providerContract() finds a provider that leaves processes running, or does not name them", async () => {
  const leaving = await unmet(
    (part) => ({
      close: () => Promise.resolve(ok(undefined)),
      async prepare(...asked) {
        const prepared = await part.prepare(...asked);
        if (!prepared.ok) return prepared;
        return ok({ ...prepared.value, close: () => Promise.resolve(ok(undefined)) });
      },
    }),
    { endLeftovers: () => Promise.resolve(ok(undefined)) },
  );
  const silent = await unmet((part) => ({
    async prepare(...asked) {
      const prepared = await part.prepare(...asked);
      if (!prepared.ok) return prepared;
      const session = prepared.value;
      return ok({
        run: (...step) => session.run(...step),
        close: (section) => session.close({ ...section, log() {} }),
      });
    },
  }));
  expect(leaving).toEqual([
    "close() ends a process that a step left behind, and names it",
    "close() of the run ends what a job left that was not closed, and finds nothing when done again",
    "endLeftovers() ends what a run left whose program is gone, and nothing of another run",
  ]);
  expect(silent).toEqual(["close() ends a process that a step left behind, and names it"]);
});

test("providerContract() finds a provider that adds a line to each output", async () => {
  const found = await unmet((part) => ({
    async prepare(...asked) {
      const prepared = await part.prepare(...asked);
      if (!prepared.ok) return prepared;
      const session = prepared.value;
      return ok({
        close: (section) => session.close(section),
        run: async (step, output, stop) => {
          await output.write("stdout", new TextEncoder().encode("hello\n"));
          return await session.run(step, output, stop);
        },
      });
    },
  }));
  expect(found).toContain("run() returns the exit code 0");
  expect(found).toContain("run() hands on every line of each output, in order, before it resolves");
});
