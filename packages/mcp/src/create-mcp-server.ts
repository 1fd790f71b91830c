import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { loadDiagnosisSchemas } from "@loom/diagnosis";
import type { McpServerOptions } from "./mcp-server-options.ts";
import { addPrompts } from "./prompts/add-prompts.ts";
import { addResources } from "./resources/add-resources.ts";
import { ToolHost } from "./tool-host.ts";
import { addCtlTool } from "./tools/ctl-tool.ts";
import { addRunLocalTool } from "./tools/run-local-tool.ts";
import { addRunTools } from "./tools/run-tools.ts";
import { addWorkflowTools } from "./tools/workflow-tools.ts";

/** A server, and the calls that it carries out. */
export interface HostedServer {
  readonly server: McpServer;
  readonly calls: Pick<ToolHost, "idle" | "kill">;
}

/** Creates an MCP server with the tools of Loom; `connect` of it takes a transport. */
export async function createMcpServer(options: McpServerOptions): Promise<McpServer> {
  return (await createHostedServer(options)).server;
}

/** Creates a server for who has to know what it is still at when its client has gone. */
export async function createHostedServer(options: McpServerOptions): Promise<HostedServer> {
  const server = new McpServer({ name: "loom", version: options.loomVersion });
  const calls = new ToolHost(server, options);
  const schemas = await loadDiagnosisSchemas();
  addWorkflowTools(calls, schemas, options);
  addRunLocalTool(calls, schemas, options);
  addCtlTool(calls);
  addRunTools(calls, schemas, options);
  addResources(server, options);
  addPrompts(server);
  return { server, calls };
}
