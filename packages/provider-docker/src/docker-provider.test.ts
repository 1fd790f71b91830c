import { mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeProvider, SHELL_SCRIPTS } from "@loom/testkit";
import { describe } from "vitest";
import { testEngine } from "../test/test-engine.ts";
import { createDockerProvider } from "./index.ts";

const engine = testEngine();

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

describe.skipIf(engine === undefined)("with a container engine (LOOM_TEST_DOCKER_HOST)", () => {
  const workspaceRoot = realpathSync(mkdtempSync(join(tmpdir(), "loom-docker-test-")));
  describeProvider("createDockerProvider()", () => ({
    provider: createDockerProvider(),
    env: { DOCKER_HOST: engine?.host ?? "" },
    workspaceRoot,
    seenRoot: "/workspace",
    missingRoot: join(workspaceRoot, "missing"),
    node: { image: { name: engine?.image ?? "" } },
    scripts: SHELL_SCRIPTS,
    isRunning: runsInContainer,
  }));
});
