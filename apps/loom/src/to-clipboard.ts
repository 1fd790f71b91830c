import { spawn } from "node:child_process";

type Env = Readonly<Record<string, string | undefined>>;

/** A program that takes a text for the clipboard, and where it can do that. */
interface ClipboardTool {
  readonly command: readonly [string, ...string[]];
  readonly worksIn: (env: Env) => boolean;
}

/** The most fitting first. */
const TOOLS: readonly ClipboardTool[] = [
  { command: ["tmux", "load-buffer", "-w", "-"], worksIn: ({ TMUX }) => isSet(TMUX) },
  { command: ["wl-copy"], worksIn: ({ WAYLAND_DISPLAY }) => isSet(WAYLAND_DISPLAY) },
  { command: ["xclip", "-selection", "clipboard"], worksIn: ({ DISPLAY }) => isSet(DISPLAY) },
  { command: ["xsel", "--input", "--clipboard"], worksIn: ({ DISPLAY }) => isSet(DISPLAY) },
  { command: ["pbcopy"], worksIn: () => process.platform === "darwin" },
  { command: ["clip.exe"], worksIn: ({ WSL_DISTRO_NAME }) => isSet(WSL_DISTRO_NAME) },
];

/** A program that does not end has hung; those that stay for the clipboard leave their first process. Unit: milliseconds. */
const PATIENCE_MS = 2000;

/**
 * Puts a text on the clipboard of this machine.
 *
 * @returns Resolves to the name of the program that did it; `undefined` when none could.
 */
export async function toClipboard(env: Env, text: string): Promise<string | undefined> {
  for (const { command, worksIn } of TOOLS) {
    if (worksIn(env) && (await takes(command, env, text))) return command[0];
  }
  return undefined;
}

function takes([program, ...args]: ClipboardTool["command"], env: Env, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "ignore", "ignore"], timeout: PATIENCE_MS });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
    // It may be gone before it has read all.
    child.stdin.on("error", () => undefined);
    child.stdin.end(text);
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
