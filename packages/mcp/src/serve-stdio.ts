import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Readable, Writable } from "node:stream";
import { createMcpServer } from "./create-mcp-server.ts";
import type { McpServerOptions } from "./mcp-server-options.ts";

/** The pipes to a client. */
export interface ClientPipes {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** Serves one client over pipes, until it goes away. */
export async function serveStdio({ stdin, stdout }: ClientPipes, options: McpServerOptions): Promise<void> {
  const server = await createMcpServer(options);
  const gone = new Promise<void>((resolve) => {
    // The SDK's transport does not notice that its client closed the pipe.
    for (const event of ["end", "close", "error"]) stdin.once(event, () => resolve());
    stdout.once("error", () => resolve());
    server.server.onclose = () => resolve();
  });
  await server.connect(new StdioServerTransport(stdin, stdout));
  await gone;
  await server.close();
}
