import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Readable, Writable } from "node:stream";
import { createHostedServer } from "./create-mcp-server.ts";
import type { McpServerOptions } from "./mcp-server-options.ts";

/** The pipes to a client. */
export interface ClientPipes {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** What ends a server before its client goes away. */
export interface ServerEnds {
  /** Ends it as a client that goes away does. When that has gone already, runs end without grace. */
  readonly stop?: AbortSignal | undefined;
  /** Ends runs without grace; they still close. */
  readonly kill?: AbortSignal | undefined;
}

/** Serves one client over pipes, until it goes away and the runs that it asked for, which are cancelled then, have closed. */
export async function serveStdio(
  { stdin, stdout }: ClientPipes,
  options: McpServerOptions,
  { stop, kill }: ServerEnds = {},
): Promise<void> {
  const { server, calls } = createHostedServer(options);
  const gone = new Promise<void>((resolve) => {
    // The SDK's transport does not notice that its client closed the pipe.
    for (const event of ["end", "close", "error"]) stdin.once(event, () => resolve());
    stdout.on("error", () => resolve());
    server.server.onclose = () => resolve();
    if (stop?.aborted === true) resolve();
    stop?.addEventListener("abort", () => resolve());
  });
  await server.connect(new StdioServerTransport(stdin, stdout));
  await gone;
  kill?.addEventListener("abort", () => calls.kill());
  if (kill?.aborted === true) calls.kill();
  if (stop?.aborted === false) stop.addEventListener("abort", () => calls.kill());
  // Cancels what is being called.
  await server.close();
  await calls.idle();
}
