import { serveStdio } from "@loom/mcp";
import { EXIT_CODE } from "../exit-code.ts";
import { handleSignals } from "../handle-signals.ts";
import { loomProgram } from "../loom-program.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";
import { readDocs } from "../read-docs.ts";

/**
 * Serves a client of the Model Context Protocol until it goes away, or a signal ends the server.
 *
 * @returns 0.
 */
export async function mcpCommand({ stdin, stdout, cwd, env }: ProcessIo): Promise<number> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const signals = handleSignals(env);
  signals.attach({ stop: () => stop.abort(), kill: () => kill.abort() });
  try {
    const options = { cwd, env, loomVersion: LOOM_VERSION, program: loomProgram(), docs: readDocs };
    await serveStdio({ stdin, stdout }, options, { stop: stop.signal, kill: kill.signal });
  } finally {
    signals.restore();
  }
  return EXIT_CODE.success;
}
