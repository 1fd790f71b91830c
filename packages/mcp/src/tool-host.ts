import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Result } from "@loom/core";
import * as z from "zod";
import type { ToolFinding, Refusal } from "./answer/answer.ts";
import { fitText } from "./answer/fit-text.ts";
import type { WorkspaceRoot } from "./workspace/workspace-root.ts";

/** What a tool is called, takes and gives. */
export interface ToolDefinition<I extends z.ZodRawShape> {
  readonly name: string;
  readonly description: string;
  readonly input: I;
  readonly output: z.ZodObject;
  /** Whether it changes nothing. Default: yes. */
  readonly readOnly?: boolean;
}

/** How far a call is. */
export interface CallProgress {
  /** More than in the one before. */
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/** What a call has beside its arguments. */
export interface ToolCall {
  /** Aborts when the client cancels the call, or goes away. */
  readonly signal: AbortSignal;
  /** Aborts when there is no more time for an orderly end. */
  readonly kill: AbortSignal;
  /** Tells the client how far it is, where that asked for it. */
  readonly progress: (progress: CallProgress) => void;
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
  readonly #kill = new AbortController();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(server: McpServer, { cwd }: ToolHostOptions) {
    this.#server = server;
    this.#cwd = cwd;
  }

  add<I extends z.ZodRawShape>(
    tool: ToolDefinition<I>,
    call: (
      args: z.infer<z.ZodObject<I>>,
      workspace: WorkspaceRoot,
      call: ToolCall,
    ) => Result<ToolFinding, Refusal> | Promise<Result<ToolFinding, Refusal>>,
  ): void {
    const { name, description, input, output, readOnly = true } = tool;
    const inputSchema: z.ZodObject = z.object({ workspace_root: ROOT, ...input });
    this.#server.registerTool(
      name,
      { description, inputSchema, outputSchema: output, annotations: { readOnlyHint: readOnly } },
      async (args: Record<string, unknown>, extra: RequestExtra) => {
        const { WorkspaceRoot } = await import("./parts/workspace.ts");
        const { workspace_root: root = "." } = args;
        const workspace = WorkspaceRoot.at(this.#cwd, String(root));
        if (!workspace.ok) return refused(workspace.error.message);
        try {
          const called = call(args as z.infer<z.ZodObject<I>>, workspace.value, this.#callOf(extra));
          const found = await this.#waitFor(called);
          return found.ok ? answered(found.value) : refused(found.error.message);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          return refused(`Internal error in ${name}, a bug in loom: ${reason}`);
        }
      },
    );
  }

  /** Ends what is being called without grace. */
  kill(): void {
    this.#kill.abort();
  }

  /** Resolves when nothing is being called. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async #waitFor<T>(called: T | Promise<T>): Promise<T> {
    const pending = Promise.resolve(called);
    this.#pending.add(pending);
    try {
      return await pending;
    } finally {
      this.#pending.delete(pending);
    }
  }

  #callOf({ signal, sendNotification, _meta }: RequestExtra): ToolCall {
    const token = _meta?.progressToken;
    return {
      signal,
      kill: this.#kill.signal,
      progress: ({ done, total, message }) => {
        if (token === undefined || signal.aborted) return;
        const params = { progressToken: token, progress: done, total, message };
        // A client that has just gone away is not told any more.
        sendNotification({ method: "notifications/progress", params }).catch(() => undefined);
      },
    };
  }
}

type RequestExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

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
