import type { Rule } from "../rule.ts";

/** The shells of SQLite and PostgreSQL. */
export const SQLITE_RULES: readonly Rule[] = [
  {
    tool: "sqlite",
    pattern:
      /^(?:Parse|Runtime) error (?:near line (?<line>\d+)|in .+?):? ?(?:near line \d+)?: (?<message>.+)$/,
  },
  {
    tool: "sqlite",
    pattern:
      /^(?:Error|Parse error|Runtime error): (?:near line (?<line>\d+): |in prepare, |stepping, )(?<message>.+)$/,
  },
  {
    tool: "sqlite",
    pattern: /^Error: (?<message>(?:cannot open "|unable to open database |no such table: ).*)$/,
  },
  {
    tool: "psql",
    pattern:
      /^psql:(?<file>[^\s:]+):(?<line>\d+): (?<severity>ERROR|FATAL|WARNING|NOTICE|error):\s+(?<message>.+)$/,
    read: ({ severity }) => (severity === "NOTICE" ? { ignore: true } : {}),
  },
  { tool: "psql", pattern: /^(?:psql|pg_dump|pg_restore|createdb): (?:error|FATAL): +(?<message>.+)$/ },
  // The server's own words have two spaces behind the colon.
  { tool: "psql", pattern: /^(?:ERROR|FATAL):\s{2}(?<message>\S.*)$/ },
];
