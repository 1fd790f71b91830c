import type { PlacedError } from "./placed-errors.ts";

/**
 * Annotations of each severity that are given. Source: GitHub shows ten errors
 * and ten warnings of a step, and a run of Loom is one step.
 */
const MOST = 10;

/**
 * The workflow commands by which GitHub shows errors beside the lines of files.
 *
 * @param jobs - The errors of each job, the most telling first: where there is no room for all, each job has its first.
 * @returns Lines, each with its newline.
 */
export function githubAnnotations(jobs: readonly (readonly PlacedError[])[]): string {
  const longest = Math.max(0, ...jobs.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, place) => jobs.flatMap((errors) => errors[place] ?? []));
  const commands = inTurn.flat().map((error) => ({ severity: error.severity, text: annotation(error) }));
  const unique = [...new Map(commands.map((command) => [command.text, command])).values()];
  return (["error", "warning"] as const)
    .flatMap((wanted) => unique.filter(({ severity }) => severity === wanted).slice(0, MOST))
    .map(({ text }) => text)
    .join("");
}

/** Source: actions/toolkit, `command.ts`. */
function annotation({ file, line, column, title, message, severity }: PlacedError): string {
  const place = `file=${property(file)},line=${line}${column === undefined ? "" : `,col=${column}`}`;
  return `::${severity} ${place},title=${property(title)}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
