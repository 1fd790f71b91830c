import { base64Forms } from "./base64-forms.ts";
import { jsonForms, quotedForms, urlForms } from "./escaped-forms.ts";

/** Least length of a line that is hidden by itself. Unit: UTF-16 units. */
const MIN_LINE = 8;

/**
 * Everything to look for, so that a value is not printed: the value, in base64, URL-encoded, in JSON and quoted as
 * shells and languages do; of a value of several lines, each line of at least eight characters as it is, in JSON and quoted.
 *
 * Blanks around the value and around its lines are not part of what is looked for.
 */
export function valueForms(value: string): Set<string> {
  const core = value.trim();
  const forms = [
    core,
    ...base64Forms(Buffer.from(core)),
    ...urlForms(core),
    ...jsonForms(core),
    ...quotedForms(core),
  ];
  const lines = core.split(/\r\n|\r|\n/).map((line) => line.trim());
  if (lines.length === 1) return new Set(forms);
  // A terminal makes one of the other.
  const breaks = [core.replace(/\r\n|\r|\n/g, "\n"), core.replace(/\r\n|\r|\n/g, "\r\n")];
  const long = lines.filter((line) => line.length >= MIN_LINE);
  const printed = long.flatMap((line) => [line, JSON.stringify(line).slice(1, -1), ...quotedForms(line)]);
  return new Set([...forms, ...breaks, ...printed]);
}
