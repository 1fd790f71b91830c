export { createMcpServer } from "./create-mcp-server.ts";
export type { DocsPage, DocsSection, McpServerOptions } from "./mcp-server-options.ts";
export { serveStdio, type ClientPipes, type ServerEnds } from "./serve-stdio.ts";
