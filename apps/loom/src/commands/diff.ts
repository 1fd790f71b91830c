import { diffData, diffLines, diffRuns, openPastRun } from "@loom/diagnosis";
import { createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import { createGit } from "@loom/system";
import { EXIT_CODE } from "../exit-code.ts";
import { findRunsRoot } from "@loom/artifacts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom diff`. */
export interface DiffFlags {
  readonly json?: boolean;
  readonly color?: ColorFlag;
}

/**
 * Shows two runs side by side: what differs, and what changed between them.
 *
 * @param names - The earlier run and the later one, as for `openPastRun`.
 * @returns 0, whether they differ or not; 1 when one cannot be read; 2 when there is no such run.
 */
export async function diffCommand(
  names: { readonly before: string; readonly after: string },
  flags: DiffFlags,
  io: ProcessIo,
): Promise<number> {
  const { stdout, stderr, cwd, env } = io;
  const before = await openPastRun(names.before, cwd);
  const after = await openPastRun(names.after, cwd);
  for (const opened of [before, after]) {
    if (opened.ok) continue;
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  if (!before.ok || !after.ok) return EXIT_CODE.usage;
  const root = findRunsRoot(after.value.run.directory);
  const git = root === undefined ? undefined : createGit(root, { env });
  const diff = await diffRuns(before.value.run, after.value.run, git);
  if (!diff.ok) {
    stderr.write(`loom: ${diff.error.message}\n`);
    return EXIT_CODE.failure;
  }
  if (flags.json === true) {
    stdout.write(formatJson(diffData(diff.value)));
    return EXIT_CODE.success;
  }
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const palette = createPalette(colored ? "ansi16" : "none");
  const lines = diffLines(diff.value, (text) => palette.paint("bold", text));
  stdout.write(printable(`${lines.join("\n")}\n`, colored));
  return EXIT_CODE.success;
}
