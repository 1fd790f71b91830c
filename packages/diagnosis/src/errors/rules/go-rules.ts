import type { Near, Rule, RuleReading } from "../rule.ts";

const FRAME = /^\t(?!\/usr\/(?:local|lib)\/go)(?<file>\S+\.go):(?<line>\d+)/;

/** go build, vet and test, and panics. */
export const GO_RULES: readonly Rule[] = [
  {
    tool: "go",
    pattern: /^(?<vet>vet: )?(?<file>[^\s:]+\.go):(?<line>\d+):(?<column>\d+): (?<message>.+)$/,
    read: ({ vet }) => (vet === undefined ? {} : { tool: "go vet" }),
  },
  {
    tool: "go test",
    pattern: /^\s*--- FAIL: (?<test>\S+) \(.+\)$/,
    read: (_groups, near) => testFailure(near),
  },
  {
    tool: "go",
    pattern: /^panic: (?<message>.+)$/,
    read: (_groups, near) => {
      if (near.find(/^goroutine \d+/, 6) === undefined) return undefined;
      const frame = near.find(FRAME, 40);
      return frame === undefined ? {} : { file: frame.groups["file"], line: frame.groups["line"] };
    },
  },
  { tool: "go", pattern: /^go: (?<message>(?!downloading |finding |added |upgraded |extracting ).+)$/ },
  { tool: "go test", role: "echo", pattern: /^FAIL(?:\t(?<message>.+))?$/ },
  { tool: "go", role: "echo", pattern: /^(?<message>exit status \d+)$/ },
];

const SAID = /^\s+(?<file>[\w.-]+\.go):(?<line>\d+): ?(?<message>.*)$/;

/** What the test said stands below its name, or above it with `-v`. */
function testFailure(near: Near): RuleReading {
  const panicked = near.find(/^panic: (?<message>.+?)(?: \[recovered.*\])?$/, 2);
  if (panicked !== undefined) {
    const frame = near.find(FRAME, 60);
    const { message } = panicked.groups;
    const end = frame?.offset ?? panicked.offset;
    return {
      message,
      ...frame?.groups,
      offset: panicked.offset,
      span: end,
      first: 0,
      last: panicked.offset + 1,
    };
  }
  const below = near.find(SAID, 12, /^\s*(?:---|===|FAIL\b|ok\b)/);
  if (below !== undefined) {
    const { file, line, message } = below.groups;
    const text = message === "" ? near.at(below.offset + 1)?.trim() : message;
    return { file, line, message: text, offset: below.offset };
  }
  for (let offset = -1; offset >= -12; offset -= 1) {
    const groups = SAID.exec(near.at(offset) ?? "===")?.groups;
    if (groups === undefined) break;
    return { ...groups, offset, span: 0 };
  }
  return { role: "echo" };
}
