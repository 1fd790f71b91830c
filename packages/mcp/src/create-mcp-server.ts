import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { loadDiagnosisSchemas } from "@loom/diagnosis";
import type { McpServerOptions } from "./mcp-server-options.ts";
import { ToolHost } from "./tool-host.ts";
import { addRunTools } from "./tools/run-tools.ts";
import { addWorkflowTools } from "./tools/workflow-tools.ts";

/** Creates an MCP server with the tools of Loom; `connect` of it takes a transport. */
export async function createMcpServer(options: McpServerOptions): Promise<McpServer> {
  const server = new McpServer({ name: "loom", version: options.loomVersion });
  const host = new ToolHost(server, options);
  const schemas = await loadDiagnosisSchemas();
  addWorkflowTools(host, schemas, options);
  addRunTools(host, schemas, options);
  return server;
}
