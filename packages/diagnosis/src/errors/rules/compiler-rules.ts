import type { Rule, RuleReading } from "../rule.ts";

/** Which tool prints `file:line: error:` about files with these endings. */
const TOOLS: Readonly<Record<string, string>> = {
  py: "mypy",
  pyi: "mypy",
  java: "javac",
  scala: "scalac",
  swift: "swiftc",
  sh: "shellcheck",
  bash: "shellcheck",
  proto: "protoc",
};

/** Compilers of C and of everything that speaks like them, TypeScript, .NET, and linkers. */
export const COMPILER_RULES: readonly Rule[] = [
  {
    tool: "tsc",
    pattern:
      /^(?<file>\S.*?)\((?<line>\d+)(?:,(?<column>\d+))?(?:,\d+,\d+)?\)\s?: (?<severity>error|warning) (?<code>[A-Z]+\d+): (?<message>.+)$/,
    read: ({ code, message, file }) => ({ ...msbuild(code, message), file: file?.trim() }),
  },
  {
    tool: "tsc",
    pattern:
      /^(?<file>\S.*?):(?<line>\d+):(?<column>\d+) - (?<severity>error|warning) (?<code>TS\d+): (?<message>.+)$/,
  },
  {
    tool: "tsc",
    pattern: /^(?:[\w ]{1,20} : )?(?<severity>error|warning) (?<code>[A-Z]{2,8}\d{1,5})\s?: (?<message>.+)$/,
    read: ({ code, message }) => msbuild(code, message),
  },
  {
    tool: "gcc",
    pattern:
      /^(?<file>(?:[A-Za-z]:)?[^\s:][^:]*):(?<line>\d+):(?:(?<column>\d+):)? (?<severity>(?:fatal )?error|warning|note): (?<message>.+)$/,
    read: ({ file = "", severity, message = "" }) => diagnostic(file, severity, message),
  },
  {
    tool: "ld",
    pattern:
      /^(?:\S*\bld(?:\.\w+)?: )?(?<file>[^\s:(]+):(?:(?<line>\d+)|\([^)]*\)): (?<message>(?:undefined reference|multiple definition).*)$/,
  },
  {
    tool: "ld",
    pattern:
      /^(?:\S*\/)?ld(?:\.\w+)?: (?<message>cannot find .+|undefined symbol.*|unable to find .+|error: .+)$/,
  },
  { tool: "ld", pattern: /^Undefined symbols for architecture (?<message>.+)$/ },
  { tool: "gcc", role: "echo", pattern: /^collect2: (?:fatal )?error: (?<message>.+)$/ },
  {
    tool: "clang",
    role: "echo",
    pattern: /^clang(?:\+\+)?(?:-\d+)?: error: (?<message>linker command failed.*)$/,
  },
  {
    tool: "gcc",
    pattern:
      /^(?:\S*\/)?(?:gcc|g\+\+|cc|c\+\+|cc1|clang(?:\+\+)?)(?:-\d+)?: (?:fatal )?error: (?<message>.+)$/,
  },
  { tool: "dotnet", role: "echo", pattern: /^Build FAILED\.$/ },
];

/** The numbers of TypeScript and of MSBuild's family stand in the same place; the project behind the message is MSBuild's. */
function msbuild(code = "", message = ""): RuleReading {
  const tool = code.startsWith("TS") ? "tsc" : "dotnet";
  return { tool, message: message.endsWith("]") ? message.replace(/ \[[^[\]]*proj\]$/, "") : message };
}

function diagnostic(file: string, severity: string | undefined, text: string): RuleReading | undefined {
  const extension = file.slice(file.lastIndexOf(".") + 1);
  const tool = TOOLS[extension] ?? "gcc";
  const bracket = text.endsWith("]") ? text.lastIndexOf("[") : -1;
  const code = bracket > 0 ? text.slice(bracket + 1, -1) : undefined;
  const named = code !== undefined && /^(?:-W[\w=+#-]+|SC\d+|[a-z][a-z-]*)$/.test(code);
  // A note goes with the error before it; shellcheck calls its milder findings so.
  if (severity === "note" && code?.startsWith("SC") !== true) return undefined;
  if (!named || bracket <= 0) return { tool };
  return { tool, message: text.slice(0, bracket), code };
}
