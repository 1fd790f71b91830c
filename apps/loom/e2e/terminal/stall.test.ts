import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";
import { until } from "../until.ts";

const WORKFLOW = `version: v1
stages: [s]
flood:
  stage: s
  script: ["i=0; while [ $i -lt 200000 ]; do i=$((i+1)); echo line $i of a flood that no terminal reads; done"]
after:
  stage: s
  needs: [flood]
  script: ["echo done"]
`;

/** A terminal without tmux between it and the program. */
function startInPty(root: string): {
  child: pty.IPty;
  text: () => Promise<string>;
  terminal: xterm.Terminal;
} {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  const { CI: _ci, ...env } = process.env;
  const child = pty.spawn(process.execPath, [LOOM, "run"], {
    cols: 80,
    rows: 24,
    cwd: root,
    env: { ...env, TERM: "xterm-256color", LANG: "C.UTF-8" },
  });
  child.onData((data) => terminal.write(data));
  const text = async (): Promise<string> => {
    await new Promise<void>((resolve) => terminal.write("", resolve));
    const { active } = terminal.buffer;
    return Array.from(
      { length: 24 },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? "",
    ).join("\n");
  };
  return { child, text, terminal };
}

test("a terminal that stops reading does not stop the run", async () => {
  const { root } = makeProject({ workflow: WORKFLOW });
  const { child, text, terminal } = startInPty(root);
  const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
  await until(async () => (await text()).includes("of a flood"));
  child.pause();
  const receipts = join(root, ".loom/.runtime/receipts");
  await until(() => existsSync(receipts) && readdirSync(receipts).some((name) => name.endsWith(".json")));
  // The run is over and on disk, and nobody has read a byte of the screen in the meantime.
  const [run = ""] = readdirSync(join(root, ".loom/.runtime/logs"));
  const events = join(root, ".loom/.runtime/logs", run, "jobs/flood/user/execution/script/01/events.jsonl");
  expect(readFileSync(events, "utf8").trimEnd().split("\n")).toHaveLength(200_002);
  child.resume();
  expect(await ended).toBe(0);
  const shown = await text();
  expect(shown).toContain("success   after");
  expect(terminal.buffer.active.type).toBe("normal");
  expect(terminal.modes.bracketedPasteMode).toBe(false);
  terminal.dispose();
});
