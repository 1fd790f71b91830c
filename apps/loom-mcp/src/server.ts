export { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
