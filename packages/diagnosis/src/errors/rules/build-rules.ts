import type { Rule } from "../rule.ts";

/** make, ninja, CMake, docker build and git. */
export const BUILD_RULES: readonly Rule[] = [
  {
    tool: "make",
    role: "echo",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: \*\*\* \[(?<target>[^\]]*)\] (?<message>(?:Error \d+|.+).*)$/,
    read: ({ target, message = "" }) => ({
      message: `[${target ?? ""}] ${message}`,
      code: /^(?!Error)[A-Z][a-z ]+/.exec(message)?.[0].trim(),
    }),
  },
  {
    tool: "make",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: \*\*\* (?<message>.+)$/,
    read: ({ message = "" }) =>
      message.startsWith("Waiting for unfinished jobs") || message.includes("not remade because of errors")
        ? { role: "echo" }
        : {},
  },
  { tool: "make", pattern: /^(?<file>[^\s:]+):(?<line>\d+): \*\*\* (?<message>.+)$/ },
  {
    tool: "make",
    role: "echo",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: (?<message>Target .+ not remade because of errors\.)$/,
  },
  {
    tool: "ninja",
    role: "echo",
    pattern: /^FAILED: (?<message>(?:\[code=\d+\] )?\S.*)$/,
  },
  { tool: "ninja", role: "echo", pattern: /^ninja: build stopped: (?<message>.+)$/ },
  { tool: "ninja", pattern: /^ninja: (?:fatal|error): (?:(?<file>[^\s:]+):(?<line>\d+): )?(?<message>.+)$/ },
  {
    tool: "cmake",
    pattern:
      /^CMake (?<severity>Error|Warning)(?: \(dev\))?(?: at (?<file>[^:]+):(?<line>\d+)(?: \((?<code>\w+)\))?)?:(?<message>.*)$/,
    read: ({ message = "" }, near) => {
      if (message.trim() !== "") return {};
      const text = near.text(3);
      return text === undefined ? {} : { message: text.text, span: text.offset };
    },
  },
  { tool: "cmake", role: "echo", pattern: /^-- (?<message>Configuring incomplete, errors occurred!)$/ },
  {
    tool: "docker",
    pattern: /^(?:ERROR: )?(?<message>failed to (?:solve|build|fetch|create|compute cache key|export).+)$/,
    read: ({ message = "" }, near) => {
      // The command of a layer failed; what it printed says why.
      const role = message.includes("did not complete successfully") ? ("echo" as const) : ("cause" as const);
      for (let offset = -1; offset >= -20; offset -= 1) {
        const place = /^(?<file>\S*Dockerfile\S*):(?<line>\d+)$/.exec(near.at(offset) ?? "");
        if (place !== null) return { role, file: place.groups?.["file"], line: place.groups?.["line"] };
      }
      return { role };
    },
  },
  { tool: "docker", pattern: /^(?:docker: )?Error response from daemon: (?<message>.+)$/ },
  {
    tool: "docker",
    pattern: /^(?:ERROR: )?(?<message>Cannot connect to the Docker daemon.+|unable to prepare context: .+)$/,
  },
  { tool: "docker", role: "echo", pattern: /^(?<message>The command '.+' returned a non-zero code: \d+)$/ },
  { tool: "git", pattern: /^fatal: (?<message>.+)$/ },
  { tool: "git", pattern: /^CONFLICT \((?<code>[^)]*)\): (?<message>.+)$/ },
  {
    tool: "git",
    pattern:
      /^error: (?<message>(?:pathspec|failed to push|Your local changes|src refspec|cannot lock ref|remote) ?.+)$/,
  },
];
