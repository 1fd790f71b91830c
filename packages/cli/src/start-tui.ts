import { LiveScreen } from "./screen/live-screen.ts";
import type { RecordedOptions, Tui, TuiOptions } from "./tui-options.ts";

/**
 * Shows a run while it happens.
 *
 * The screen takes the terminal at once, and no call of it waits for the
 * terminal. A screen that fails gives it back, and the run goes on as lines.
 */
export function startTui(options: TuiOptions): Tui {
  return new LiveScreen(options, true);
}

/**
 * Shows a past run, or the list of them, in the same views, read-only.
 *
 * @returns Resolves when the person has left: with why it cannot be shown, if so.
 */
export async function openRecordedRun(options: RecordedOptions): Promise<string | undefined> {
  const screen = new LiveScreen(
    { ...options, heading: { workflowPath: "", logsDir: "" }, onInterrupt: () => undefined },
    false,
  );
  options.onScreen?.(screen);
  const problem = options.run === undefined ? undefined : await screen.show(options.run);
  if (problem !== undefined) {
    screen.close();
    return problem;
  }
  await screen.closed;
  if (screen.rerun !== undefined) options.onRerun?.(screen.rerun);
  return undefined;
}
