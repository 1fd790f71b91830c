import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { onTestFinished } from "vitest";
import { LOOM, type Project } from "../project.ts";

/** What a tool answered. */
export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

/** Calls a tool. */
export type Call = (
  name: string,
  args?: Readonly<Record<string, unknown>>,
  options?: RequestOptions,
) => Promise<Answer>;

/** Connects a client to the program over a pipe. @param env - Beside what the SDK passes on. */
export async function connect(
  project: Project,
  args: readonly string[] = [LOOM, "mcp"],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly client: Client; readonly transport: StdioClientTransport; readonly call: Call }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    cwd: project.root,
    env: { ...getDefaultEnvironment(), ...env },
    stderr: "pipe",
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  onTestFinished(async () => await client.close());
  // The client checks what is answered against the schemas that the server lists.
  await client.listTools();
  const call: Call = async (name, given = {}, options = {}) => {
    const {
      content,
      structuredContent = {},
      isError = false,
    } = await client.callTool({ name, arguments: given }, undefined, options);
    const [first] = content as { text: string }[];
    return {
      isError: isError === true,
      text: first?.text ?? "",
      data: structuredContent as Record<string, unknown>,
    };
  };
  return { client, transport, call };
}
