import type { Near, Rule, RuleReading } from "../rule.ts";

const PLACE = /^\s*-->\s(?<file>[^:]+):(?<line>\d+):(?<column>\d+)/;

/** Lines of one finding: its source and what rustc says about it. */
const FINDING_LINES = 40;

/** Lines of differences that are shown. */
const DIFFERENCES = 40;

/** rustc, clippy, cargo, rustfmt and panics. */
export const RUST_RULES: readonly Rule[] = [
  {
    tool: "cargo",
    role: "echo",
    pattern:
      /^error: (?<message>(?:could not compile|aborting due to|test failed, to rerun|doctest failed, to rerun|\d+ targets? failed|build failed|\d+ previous errors?|process didn't exit).*)$/,
  },
  {
    tool: "cargo",
    role: "echo",
    severity: "warning",
    pattern:
      /^warning: (?<message>(?:`.+ generated \d+ warnings?|\d+ warnings? emitted|build failed, waiting).*)$/,
  },
  {
    tool: "rustc",
    pattern: /^(?<severity>error|warning)(?:\[(?<code>[A-Z]\d+)\])?: (?<message>.+)$/,
    read: ({ code }, near) => {
      const place = near.find(PLACE, 6, /^\S/);
      if (place === undefined) return code === undefined ? undefined : {};
      return {
        ...place.groups,
        ...lintOf(near, code),
        span: place.offset,
        last: endOfSource(near, place.offset),
      };
    },
  },
  {
    tool: "rustc",
    // With `--error-format=short`.
    pattern:
      /^(?<file>[^\s:]+\.rs):(?<line>\d+):(?<column>\d+): (?<severity>error|warning)\[(?<code>[A-Z]\d+)\]: (?<message>.+)$/,
  },
  {
    tool: "cargo",
    pattern:
      /^error: (?<message>(?:no matching package|failed to (?:parse|select|load|get|download|read|run|resolve|determine)|could not find `Cargo\.toml`|no such (?:sub)?command|the lock file|linking with|no (?:bin|test|example) target|cannot find a version|invalid ).*)$/,
    read: (_groups, near) => {
      const cause = near.find(/^Caused by:$/, 6);
      const said = cause === undefined ? undefined : near.at(cause.offset + 1)?.trim();
      return said === undefined || cause === undefined
        ? {}
        : { message: `${near.at(0)?.replace("error: ", "") ?? ""}: ${said}`, span: cause.offset + 1 };
    },
  },
  {
    tool: "rustfmt",
    pattern: /^Diff in (?<file>\S.*?)(?: at line |:)(?<line>\d+):$/,
    read: (_groups, near) => {
      let last = 0;
      while (last < DIFFERENCES && /^[-+\s]/.test(near.at(last + 1) ?? "")) last += 1;
      return { message: "differs from the format", span: last, last };
    },
  },
  {
    tool: "rust",
    pattern:
      /^thread '(?<thread>[^']*)'(?: \(\d+\))? panicked at (?<file>[^:']+):(?<line>\d+):(?<column>\d+):?$/,
    read: ({ thread }, near) => {
      const message = near.text(2);
      const test = testOf(near, thread);
      if (message === undefined) return { test };
      let last = message.offset;
      while (last < 30 && /^(?!note: |stack backtrace:|thread ').*\S/.test(near.at(last + 1) ?? ""))
        last += 1;
      return { message: message.text, test, span: message.offset, last };
    },
  },
  {
    tool: "rust",
    pattern:
      /^thread '(?<thread>[^']*)' panicked at '(?<message>.*)', (?<file>[^:']+):(?<line>\d+):(?<column>\d+)$/,
    read: ({ thread }, near) => ({ test: testOf(near, thread) }),
  },
  {
    // A test that returns an error, or that should have panicked.
    tool: "cargo test",
    pattern: /^---- (?<test>.+) stdout ----$/,
    read: (_groups, near) => {
      const said = near.text(2);
      const groups =
        /^(?:note: )?(?<message>(?:Error: |test did not panic).+?)(?: at (?<file>[^\s:]+):(?<line>\d+):(?<column>\d+))?$/.exec(
          said?.text ?? "",
        )?.groups;
      return said === undefined || groups === undefined
        ? undefined
        : { ...groups, offset: said.offset, first: 0 };
    },
  },
  { tool: "cargo test", role: "echo", pattern: /^test (?<test>.+) \.\.\. FAILED$/ },
  { tool: "cargo test", role: "echo", pattern: /^test result: FAILED\. (?<message>.+)$/ },
];

/** The name of the lint, which is told once, and whose it is. */
function lintOf(near: Near, code: string | undefined): RuleReading {
  if (code !== undefined) return {};
  const clippy = near.find(
    /^\s+= help: for further information visit \S+rust-clippy\/\S+#(?<name>\w+)$/,
    FINDING_LINES,
    /^$/,
  );
  if (clippy !== undefined) return { tool: "clippy", code: `clippy::${clippy.groups["name"] ?? ""}` };
  const lint = near.find(/^\s+= note: `(?:#\[\w+\(|-[DWF] )(?<code>[\w:-]+)/, FINDING_LINES, /^$/);
  return lint === undefined ? {} : { code: lint.groups["code"] };
}

function endOfSource(near: Near, from: number): number {
  let end = from;
  while (end < FINDING_LINES && /^\s*\d*\s*(?:\||\.\.\.|=|-->|:::)/.test(near.at(end + 1) ?? "")) end += 1;
  return end;
}

/** Each test has a thread of its name; one of a documentation's examples runs in a program of its own. */
function testOf(near: Near, thread = ""): string | undefined {
  if (thread !== "main" && !thread.startsWith("<")) return thread;
  for (let offset = -1; offset >= -12; offset -= 1) {
    const title = /^---- (.+) stdout ----$/.exec(near.at(offset) ?? "")?.[1];
    if (title !== undefined) return title;
  }
  return undefined;
}
