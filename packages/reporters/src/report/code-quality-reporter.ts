import type { RunEnd } from "@loom/ports";
import { cleanLine } from "../text/clean-line.ts";
import { placedErrors, type PlacedError } from "./placed-errors.ts";
import { PrintingReporter } from "./printing-reporter.ts";

/**
 * Writes the errors that tools reported in failed jobs as a Code Quality report,
 * which GitLab shows in a merge request: a JSON array, empty where there are none.
 *
 * Source: "Code Quality report format" of GitLab's documentation.
 */
export class CodeQualityReporter extends PrintingReporter {
  override record(): void {
    // What was found comes with the end of the run.
  }

  override lines(): void {
    // As above.
  }

  override finish(end: RunEnd): void {
    const seen = new Map<string, number>();
    const findings = placedErrors(end)
      .flat()
      .map((error) => finding(error, seen));
    this.print(`${JSON.stringify(findings, undefined, 2)}\n`);
    this.flush();
  }
}

/** @param seen - How often each finding was there before: two of a kind need fingerprints of their own. */
function finding({ file, line, title, message, severity }: PlacedError, seen: Map<string, number>): object {
  // Lines move with every edit above them; the finding stays the same.
  const identity = [file, title, message].join("\0");
  const times = seen.get(identity) ?? 0;
  seen.set(identity, times + 1);
  return {
    description: clean(message),
    check_name: clean(title),
    fingerprint: fingerprint(`${identity}\0${times}`),
    severity: severity === "error" ? "major" : "minor",
    location: { path: clean(file), lines: { begin: line } },
  };
}

function clean(text: string): string {
  return cleanLine(text, { color: false });
}

/** The FNV-1a hash of the UTF-16 units of a text, as 32 hexadecimal digits: for telling findings apart, not for secrecy. */
function fingerprint(text: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(text.charCodeAt(index))) * 0x0000000001000000000000000000013bn);
  }
  return hash.toString(16).padStart(32, "0");
}
