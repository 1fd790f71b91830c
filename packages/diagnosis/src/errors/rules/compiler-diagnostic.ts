import type { RuleReading } from "../rule.ts";

/** Which tool prints `file:line: error:` about files with these endings or names. */
const TOOLS: Readonly<Record<string, string>> = {
  py: "mypy",
  rs: "rustc",
  pyi: "mypy",
  java: "javac",
  scala: "scalac",
  swift: "swiftc",
  sh: "shellcheck",
  bash: "shellcheck",
  proto: "protoc",
  rb: "ruby",
  mk: "make",
  Makefile: "make",
  makefile: "make",
  GNUmakefile: "make",
};

/** What stands in the form of gcc, whoever prints it. */
export function diagnostic(
  file: string,
  severity: string | undefined,
  text: string,
): RuleReading | undefined {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const extension = name.slice(name.lastIndexOf(".") + 1);
  const tool = TOOLS[extension] ?? "gcc";
  const bracket = text.endsWith("]") ? text.lastIndexOf("[") : -1;
  const code = bracket > 0 ? text.slice(bracket + 1, -1) : undefined;
  const named = code !== undefined && /^(?:-W[\w=+#-]+|SC\d+|[a-z][a-z-]*)$/.test(code);
  // A note goes with the error before it; shellcheck calls its milder findings so.
  if (severity === "note" && code?.startsWith("SC") !== true) return undefined;
  // javac names its lints before what they say.
  const lint = tool === "javac" ? /^\[(?<code>[a-z-]+)\] (?<message>.+)$/.exec(text)?.groups : undefined;
  if (lint !== undefined) return { tool, ...lint };
  if (!named || bracket <= 0) return { tool };
  return { tool, message: text.slice(0, bracket), code };
}
