import { chooseLook, chooseOutput, shouldColor } from "@loom/reporters";
import { isInForeground } from "../in-foreground.ts";
import type { DoctorPlace } from "./doctor-place.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** What this terminal can show, and how it would show a run. */
export function checkTerminal({ env, stdin, stdout }: DoctorPlace): DoctorFinding {
  const isTerminal = stdout.isTTY === true;
  const output = chooseOutput({}, env, {
    stdinIsTerminal: stdin.isTTY === true,
    stdoutIsTerminal: isTerminal,
    ...(isTerminal && { inForeground: isInForeground() }),
    columns: stdout.columns,
    rows: stdout.rows,
  });
  if (!output.ok) return { state: "failure", ...adviceAfterColon(output.error.message) };
  const colored = shouldColor({ env, isTerminal });
  const look = chooseLook({}, env, colored);
  if (!look.ok) return { state: "failure", ...adviceAfterColon(look.error.message) };
  const term = env["TERM"] ?? "";
  const size = isTerminal ? ` of ${stdout.columns}×${stdout.rows}` : "";
  const what = isTerminal
    ? `stdout is a terminal${size} (TERM ${term === "" ? "is not set" : `is ${term}`})`
    : "stdout is not a terminal";
  const noColor = (env["NO_COLOR"] ?? "") === "" ? "" : " (NO_COLOR)";
  const found = `${what}, ${colored ? "with colours" : `without colours${noColor}`}`;
  const { mode, reason } = output.value;
  if (mode === "tui") return { state: "ok", found: `${found}: loom run shows the live view` };
  const why = reason === "stdout is not a terminal" ? "" : `, because of ${reason}`;
  return {
    state: "note",
    found: `${found}: loom run prints lines (${mode})${why}`,
    advice: isTerminal
      ? "Nothing has to be done; loom run --tui shows the live view all the same"
      : "Nothing has to be done; run loom in a terminal to see the live view",
  };
}

/** Of the form "Unknown word: give one of ...". */
function adviceAfterColon(message: string): { readonly found: string; readonly advice: string } {
  const [found = "", advice] = message.split(": ");
  return advice === undefined ? partsOf(message) : { found, advice: capitalized(advice) };
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
