export { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
