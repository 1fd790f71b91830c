import type { Rule } from "../rule.ts";

/** What calls itself an error, whoever prints it; a line with a check mark says that a test of errors passed. */
export const GENERIC_RULES: readonly Rule[] = [
  {
    // Further in, the word may begin the title of a test.
    tool: "generic",
    pattern: /^(?!.*[✓✔√])(?:\[(?:FAIL|FAILED|FAILURE)\]|FAIL|FAILED|FAILURE)\s+(?<message>\S.*)$/,
  },
  {
    tool: "generic",
    pattern:
      /^(?!.*[✓✔√])\s*(?:\[?\d[\d:.,TZ +-]{4,30}\]?\s+)?(?:[\w./@-]{1,60}: )?\[?(?:(?:ERROR|FATAL|CRITICAL|PANIC)\]?(?::\s*|!\s*|\s+)|(?:FAIL|FAILED|FAILURE)\]?(?::\s*|!\s*))(?<message>\S.*)$/,
  },
  {
    tool: "generic",
    pattern:
      /^(?!.*[✓✔√])\s*(?:\[?\d[\d:.,TZ +-]{4,30}\]?\s+)?(?:[\w./@-]{1,60}: )?(?:(?:[Ff]atal|[Ii]nternal|[Rr]untime|[Uu]nhandled) )?(?:\[(?:error|Error|fatal)\]|(?:[Ee]rror|[Ff]atal|[Pp]anic|[Ff]ailed|[Ff]ailure):)\s*(?<message>\S.*)$/,
  },
  {
    // Test programs of a project's own: "#04 Format: FAILED", "✗ name", "[FAIL] name", "name ... FAIL".
    tool: "generic",
    pattern:
      /^(?!.*[✓✔√])\s*(?:(?:[✗✘✖❌]|\[FAIL(?:ED)?\])\s+(?<message>\S.*)|\S.{0,200}?(?:[:.]|\s)\s*(?:FAILED|FAIL|\[FAIL(?:ED)?\]))\s*$/,
  },
  {
    tool: "generic",
    pattern: /^(?<code>[A-Z]\w{0,60}(?:Error|Exception)): (?<message>\S.*)$/,
  },
  {
    tool: "generic",
    severity: "warning",
    pattern:
      /^\s*(?:[\w./@-]{1,60}: )?(?:\[(?:warn|warning|WARN|WARNING)\]|(?:[Ww]arning|WARNING|WARN):)\s*(?<message>\S.*)$/,
  },
];
