import { spawnSync } from "node:child_process";

/** Interval between two reads of the screen. Unit: milliseconds. */
const LOOK_INTERVAL_MS = 40;

/** How long a screen stands before a key is pressed. Unit: milliseconds. */
const SETTLE_MS = 300;

/**
 * Runs a command in its own terminal, a private tmux server, and reads its screen until the expected content appears.
 *
 * @param {object} options
 * @param {string} options.command - Shell text. The terminal stays open after its end.
 * @param {string} options.cwd
 * @param {Readonly<Record<string, string | undefined>>} options.env
 * @param {number} options.columns
 * @param {number} options.rows
 * @param {(text: string) => boolean} options.until - Tests the screen's text, without colours.
 * @param {readonly { readonly key: string; readonly until: (text: string) => boolean }[]} [options.keys] - Keys
 *   to press then, one after another, each with the condition to wait for. Default: none.
 * @param {(screen: string) => void} [options.onLook] - Given the screen, with its escape sequences, at each look.
 *   Default: it is read at the end only.
 * @param {number} [options.limitMs] - How long to wait. Default: 60 s.
 * @returns {Promise<string>} The screen, with its escape sequences.
 */
export async function captureScreen({
  command,
  cwd,
  env,
  columns,
  rows,
  until,
  keys = [],
  onLook,
  limitMs = 60_000,
}) {
  const socket = `loom-pictures-${process.pid}`;
  const tmux = (...args) => {
    const done = spawnSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], {
      cwd,
      env,
      encoding: "utf8",
    });
    if (done.error !== undefined)
      throw new Error(`Cannot start tmux, which the pictures need: ${done.error.message}`);
    if (done.status !== 0) throw new Error(`tmux ${args[0]} failed: ${done.stderr.trim()}`);
    return done.stdout;
  };
  // The last command keeps the pane open, so that its screen can be read after the program has ended.
  tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), `${command}; exec tail -f /dev/null`);
  try {
    const shows = async (wanted) => {
      const deadline = Date.now() + limitMs;
      for (;;) {
        onLook?.(tmux("capture-pane", "-p", "-e"));
        if (wanted(tmux("capture-pane", "-p"))) return;
        if (Date.now() > deadline) throw new Error(`The screen never came:\n${tmux("capture-pane", "-p")}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
      }
    };
    await shows(until);
    for (const { key, until: wanted } of keys) {
      // A program that has just drawn its first screen may not listen to keys yet.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      tmux("send-keys", key);
      await shows(wanted);
    }
    return tmux("capture-pane", "-p", "-e");
  } finally {
    tmux("kill-server");
  }
}
