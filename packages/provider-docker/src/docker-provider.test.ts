import { mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeProvider, SHELL_SCRIPTS } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { testEngines } from "../test/test-engines.ts";
import { createDockerProvider } from "./index.ts";

const engines = testEngines();

/** Whether a process of a container runs, by its number there. */
function runsInContainer(pid: number): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/u.test(name)) return false;
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const [outer, ...inner] = /^NSpid:\s+(.*)$/mu.exec(status)?.[1]?.split(/\s+/u) ?? [];
      return outer !== undefined && inner.at(-1) === String(pid) && !/^State:\s+Z/mu.test(status);
    } catch {
      return false;
    }
  });
}

describe.skipIf(engines.length === 0)("with a container engine (LOOM_TEST_DOCKER_HOST)", () => {
  const workspaceRoot = realpathSync(mkdtempSync(join(tmpdir(), "loom-docker-test-")));
  for (const { name, host, image } of engines) {
    describeProvider(`createDockerProvider() with ${name}`, () => ({
      provider: createDockerProvider(),
      env: { DOCKER_HOST: host },
      workspaceRoot,
      seenRoot: "/workspace",
      missingRoot: join(workspaceRoot, "missing"),
      carriesIn: ["sh"] as const,
      node: { image: { name: image } },
      makesCopies: true,
      scripts: SHELL_SCRIPTS,
      isRunning: runsInContainer,
    }));
  }

  test("the contract was tried with an engine", () => {
    expect(engines.map(({ name }) => name)).toContain("docker");
  });
});
