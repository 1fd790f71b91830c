import type { TextOutput } from "./reporter.ts";

/**
 * A line that GitHub's runner would carry out: `::command::` at its beginning,
 * blanks before it or not, and `##[command]` anywhere in it.
 *
 * Source: actions/runner, `ActionCommand.cs`, `TryParseV2` and `TryParse`;
 * blanks are those of .NET.
 */
const COMMAND = /^[\s\u0085]*::|##\[/;

/**
 * Keeps GitHub's runner from carrying out commands that a job printed: lines
 * that look like one stand where the runner does not look for commands. All
 * other text stays as it is.
 *
 * @param text - Whole lines, each with its newline.
 * @param token - Turns commands on again: known to nobody else.
 */
export function guardRunnerCommands(text: string, token: string): string {
  if (!text.includes("::") && !text.includes("##[")) return text;
  let guarded = "";
  let off = false;
  for (const line of text.split(/(?<=\n)/)) {
    const looksLikeOne = COMMAND.test(line);
    if (looksLikeOne !== off) guarded += looksLikeOne ? `::stop-commands::${token}\n` : `::${token}::\n`;
    off = looksLikeOne;
    guarded += line;
  }
  return off ? `${guarded}${guarded.endsWith("\n") ? "" : "\n"}::${token}::\n` : guarded;
}

/**
 * JSON from which GitHub's runner takes no command. It means the same.
 *
 * A line of JSON begins with no `::`, but `##[` counts anywhere.
 */
export function guardJson(json: string): string {
  return json.includes("##[") ? json.replaceAll("##[", "#\\u0023[") : json;
}

/** An output whose text passes through `guard` first. */
export function guardedOutput(output: TextOutput, guard: (text: string) => string): TextOutput {
  return {
    write: (text) => output.write(guard(text)),
    drained: () => output.drained?.(),
  };
}
