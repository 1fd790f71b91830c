import type { Rule } from "../rule.ts";

/** docker. */
export const DOCKER_RULES: readonly Rule[] = [
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
];
