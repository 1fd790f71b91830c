import { LiveScreen } from "./screen/live-screen.ts";
import type { RecordedOptions, Tui, TuiOptions } from "./tui-options.ts";

/**
 * Shows a live run.
 *
 * The screen takes the terminal at once. Its methods never block on the terminal. If the screen fails, it gives the
 * terminal back, and the run continues without it.
 */
export function startTui(options: TuiOptions): Tui {
  return new LiveScreen(options, true);
}

/**
 * Shows a past run, or the list of past runs, read-only and in the same views as a live run.
 *
 * @returns Resolves when the user has left the screen: with `undefined`, or with why the run cannot be shown.
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
