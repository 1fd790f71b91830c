import type { Rule } from "../rule.ts";

/** Frames of the platform and of test frameworks say nothing about the cause. */
const FRAME =
  /^\s+at (?!java\.|javax\.|jdk\.|sun\.|org\.junit\.|org\.gradle\.|org\.apache\.maven\.|kotlin\.)[\w.$/<>]+\((?<file>[\w$]+\.(?:java|kt|scala|groovy)):(?<line>\d+)\)/;

/** Uncaught exceptions of Java; javac speaks like a C compiler. */
export const JAVA_RULES: readonly Rule[] = [
  {
    tool: "java",
    pattern: /^(?:Exception in thread "[^"]*"|Caused by:) (?<message>[\w.$]+.*)$/,
    read: (_groups, near) => near.find(FRAME, 30, /^\S/)?.groups ?? {},
  },
  {
    tool: "java",
    pattern: /^(?<message>(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Failure)(?:: .+)?)$/,
    read: (_groups, near) => {
      if (!/^\s+at /.test(near.at(1) ?? "")) return undefined;
      // Maven names the test on the line above.
      const test = /^\[ERROR\]\s+(?<test>[\w.$]+)(?:\(\S*\))? .*<<< /.exec(near.at(-1) ?? "")?.groups?.[
        "test"
      ];
      return { ...near.find(FRAME, 30, /^\S/)?.groups, test };
    },
  },
];
