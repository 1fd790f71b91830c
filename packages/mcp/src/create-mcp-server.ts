import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { diagnosisSchemas } from "@loom/diagnosis/schemas";
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

/** Validates the forms that a client fills in: Loom asks for none, and the SDK's own validator takes 10 ms to be made. */
const UNASKED = {
  getValidator: (): never => {
    throw new TypeError("Loom asks its client for no form");
  },
};

/** Creates an MCP server with the tools of Loom; `connect` of it takes a transport. */
export function createMcpServer(options: McpServerOptions): McpServer {
  return createHostedServer(options).server;
}

/** Creates a server for who has to know what it is still at when its client has gone. */
export function createHostedServer(options: McpServerOptions): HostedServer {
  const server = new McpServer(
    { name: "loom", version: options.loomVersion },
    { jsonSchemaValidator: UNASKED },
  );
  const calls = new ToolHost(server, options);
  addWorkflowTools(calls, diagnosisSchemas, options);
  addRunLocalTool(calls, diagnosisSchemas, options);
  addCtlTool(calls, diagnosisSchemas);
  addRunTools(calls, diagnosisSchemas, options);
  addResources(server, options);
  addPrompts(server);
  return { server, calls };
}
