import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Result } from "@loom/core";
import * as z from "zod";
import type { ToolFinding, Refusal } from "./answer/answer.ts";
import { fitText } from "./answer/fit-text.ts";
import { WorkspaceRoot } from "./workspace/workspace-root.ts";

/** What a tool is called, takes and gives. */
export interface ToolDefinition<I extends z.ZodRawShape> {
  readonly name: string;
  readonly description: string;
  readonly input: I;
  readonly output: z.ZodObject;
  /** Whether it changes nothing. Default: yes. */
  readonly readOnly?: boolean;
}

/** Where tools are called. */
export interface ToolHostOptions {
  /** Where a workspace is when a call names none. Absolute. */
  readonly cwd: string;
}

/** Adds tools to a server: each takes `workspace_root`, and answers in a text of less than 4 KiB beside its data. */
export class ToolHost {
  readonly #server: McpServer;
  readonly #cwd: string;

  constructor(server: McpServer, { cwd }: ToolHostOptions) {
    this.#server = server;
    this.#cwd = cwd;
  }

  add<I extends z.ZodRawShape>(
    tool: ToolDefinition<I>,
    call: (
      args: z.infer<z.ZodObject<I>>,
      workspace: WorkspaceRoot,
    ) => Result<ToolFinding, Refusal> | Promise<Result<ToolFinding, Refusal>>,
  ): void {
    const { name, description, input, output, readOnly = true } = tool;
    const inputSchema: z.ZodObject = z.object({ workspace_root: ROOT, ...input });
    this.#server.registerTool(
      name,
      { description, inputSchema, outputSchema: output, annotations: { readOnlyHint: readOnly } },
      async (args: Record<string, unknown>) => {
        const { workspace_root: root = "." } = args;
        const workspace = WorkspaceRoot.at(this.#cwd, String(root));
        if (!workspace.ok) return refused(workspace.error.message);
        try {
          const found = await call(args as z.infer<z.ZodObject<I>>, workspace.value);
          return found.ok ? answered(found.value) : refused(found.error.message);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          return refused(`Internal error in ${name}, a bug in loom: ${reason}`);
        }
      },
    );
  }
}

const ROOT = z
  .string()
  .optional()
  .describe("The folder of the project; nothing outside it is read. Default: where the server was started");

interface ToolAnswer {
  [key: string]: unknown;
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

function answered({ data, lines, keep = "first" }: ToolFinding): ToolAnswer {
  const text = fitText(lines, { keep, rest: "structuredContent has the data" });
  // As the client will get it: without what is undefined.
  const structuredContent = JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  return { content: [{ type: "text", text }], structuredContent };
}

function refused(message: string): ToolAnswer {
  return {
    content: [{ type: "text", text: fitText([message], { keep: "first", rest: "ask for less" }) }],
    isError: true,
  };
}
