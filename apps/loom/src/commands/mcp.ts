import { serveStdio } from "@loom/mcp";
import { EXIT_CODE } from "../exit-code.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";

/**
 * Serves a client of the Model Context Protocol until it goes away.
 *
 * @returns 0.
 */
export async function mcpCommand({ stdin, stdout, cwd, env }: ProcessIo): Promise<number> {
  await serveStdio({ stdin, stdout }, { cwd, env, loomVersion: LOOM_VERSION });
  return EXIT_CODE.success;
}
