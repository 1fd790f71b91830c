import { ResourceTemplate, type McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ErrorCode, McpError, type ReadResourceResult } from "@modelcontextprotocol/sdk/types.js";
import type { Result } from "@loom/core";
import type { Refusal } from "../answer/answer.ts";
import type { DocsPage, McpServerOptions } from "../mcp-server-options.ts";
import { docsIndex, readPage } from "./read-page.ts";

const MARKDOWN = { mimeType: "text/markdown" };
const JSON_TYPE = { mimeType: "application/json" };

/** Adds what can be read: `loom://docs/index`, `loom://docs/<page>#<anchor>`, `loom://runs/<id>/explain`. */
export function addResources(server: McpServer, options: McpServerOptions): void {
  const { docs, cwd, env } = options;
  if (docs !== undefined) addDocs(server, onceRead(docs));
  const runs = new ResourceTemplate("loom://runs/{id}/explain", { list: undefined });
  const about = {
    description:
      "Why a run of the folder that the server was started in ended as it did; its id may also be last or last-failed",
    ...JSON_TYPE,
  };
  server.registerResource("run-explanation", runs, about, async (uri, { id }) => {
    const { explainOpened, openRunIn, WorkspaceRoot } = await import("../parts/past-runs.ts");
    const workspace = given(WorkspaceRoot.at(cwd, "."));
    const opened = given(await openRunIn(workspace, decodeURIComponent(String(id))));
    const explanation = given(await explainOpened(opened, env));
    return content(uri, JSON.stringify(explanation, null, 2), JSON_TYPE);
  });
}

function addDocs(server: McpServer, read: () => Promise<readonly DocsPage[]>): void {
  const index = { description: "The pages of Loom's documentation, with their sections", ...MARKDOWN };
  server.registerResource("docs-index", "loom://docs/index", index, async (uri) =>
    content(uri, docsIndex(await read()), MARKDOWN),
  );
  const list = async (): Promise<{ resources: { name: string; uri: string; title: string }[] }> => ({
    resources: (await read()).map(({ name, sections }) => ({
      name,
      uri: `loom://docs/${name}`,
      title: sections[0]?.title ?? name,
    })),
  });
  const page = { description: "A page of the documentation; with #anchor, one section of it", ...MARKDOWN };
  const template = new ResourceTemplate("loom://docs/{page}", { list });
  server.registerResource("docs", template, page, async (uri) => {
    const name = decodeURIComponent(uri.pathname.slice(1));
    const anchor = decodeURIComponent(uri.hash.slice(1));
    return content(uri, given(readPage(await read(), { name, anchor })), MARKDOWN);
  });
}

function onceRead<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return async () => await (reading ??= read());
}

function content(uri: URL, text: string, type: { readonly mimeType: string }): ReadResourceResult {
  return { contents: [{ uri: uri.href, text, ...type }] };
}

function given<T>(found: Result<T, Refusal>): T {
  if (found.ok) return found.value;
  throw new McpError(ErrorCode.InvalidParams, found.error.message);
}
