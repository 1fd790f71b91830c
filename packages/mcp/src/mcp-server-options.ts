import type { Environment } from "@loom/system";

/** What an MCP server of Loom needs to know of the process it is in. */
export interface McpServerOptions {
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
