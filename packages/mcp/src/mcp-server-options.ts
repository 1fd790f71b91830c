import type { Environment } from "@loom/system";

/** A page of the documentation. */
export interface DocsPage {
  /** As in `loom://docs/<name>`. */
  readonly name: string;
  /** Its parts in order, each from its heading to the next one, the page's own first. */
  readonly sections: readonly DocsSection[];
}

/** A heading and what is below it. */
export interface DocsSection {
  /** As in a link to it. */
  readonly anchor: string;
  readonly title: string;
  /** From 1, of the heading. */
  readonly level: number;
  /** Markdown, the heading included. */
  readonly text: string;
}

/** What an MCP server of Loom needs to know of the process it is in. */
export interface McpServerOptions {
  /** Gives the pages of Loom's documentation, when a client first asks for one. Default: there are none. */
  readonly docs?: (() => Promise<readonly DocsPage[]>) | undefined;
  /** Where a workspace is when a call names none. Absolute. */
  readonly cwd: string;
  /** The environment of git and of workflows. */
  readonly env: Readonly<Environment>;
  /** The version that the server and the evidence name. */
  readonly loomVersion: string;
  /**
   * The command line of Loom, to which a command is added: for runs in the background, and to end the jobs of a run when
   * this process is killed. Default: there are no runs in the background.
   */
  readonly program?: readonly [string, ...string[]] | undefined;
}
