/**
 * Variables that coding agents set for what they start.
 *
 * Sources: std-env 4 and Nx; github/copilot-cli's changelog (`COPILOT_AGENT_SESSION_ID`), block/goose
 * (`GOOSE_TERMINAL`), Cline's terminals (`CLINE_ACTIVE`). Without the names that are also set for people at a
 * prompt, as those of an editor's terminal are (`CURSOR_TRACE_ID`, `GOOSE_PROVIDER`, `REPL_ID`), and without
 * `AGENT`, which means too much.
 */
export const AGENT_VARIABLES = [
  "AI_AGENT",
  "CLAUDECODE",
  "CLAUDE_CODE",
  "CLINE_ACTIVE",
  "CODEX_SANDBOX",
  "CODEX_THREAD_ID",
  "COPILOT_AGENT",
  "COPILOT_AGENT_SESSION_ID",
  "COPILOT_CLI",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "GOOSE_TERMINAL",
  "OPENCODE",
  "AUGMENT_AGENT",
  "VSCODE_AGENT",
] as const;
