import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardJson, guardRunnerCommands } from "./runner-commands.ts";

const TOKEN = "t0k3n";

/** What the runner would carry out of a text. Source: actions/runner, `ActionCommandManager.cs`. */
function carriedOut(text: string): string[] {
  let stopped: string | undefined;
  const done: string[] = [];
  for (const line of text.split("\n")) {
    const command = /^\s*::(?<name>[\w-]+)(?:\s[^:]*)?::(?<data>.*)$/.exec(line)?.groups;
    const old = /##\[(?<name>[\w-]+)[^\]]*\]/.exec(line)?.groups;
    if (stopped !== undefined) {
      if (command?.["name"] === stopped) stopped = undefined;
    } else if (command?.["name"] === "stop-commands") stopped = command["data"];
    else if (command !== undefined || old !== undefined) done.push(line);
  }
  if (stopped !== undefined) done.push("commands stay off");
  return done;
}

describe("guardRunnerCommands()", () => {
  test("lets no command of a job through, and leaves all else as it is", () => {
    const line = fc.constantFrom(
      "::add-mask::x",
      "  ::error file=a::b",
      "j | ##[add-mask]x",
      "plain",
      "a::b",
      "",
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((each) => `${each}\n`).join("");
        const guarded = guardRunnerCommands(text, TOKEN);
        expect(carriedOut(guarded)).toEqual([]);
        expect(
          guarded
            .split("\n")
            .filter((each) => !each.includes(TOKEN))
            .join("\n"),
        ).toBe(text);
      }),
    );
  });

  test("puts the lines of one piece behind one pair of marks", () => {
    expect(guardRunnerCommands("a\n::b::\n##[c]d\ne\n", TOKEN)).toBe(
      `a\n::stop-commands::${TOKEN}\n::b::\n##[c]d\n::${TOKEN}::\ne\n`,
    );
  });
});

describe("guardJson()", () => {
  test("hides commands in a text that means the same", () => {
    const json = JSON.stringify({ text: '\\##[add-mask]x " ##[##[' });
    expect(guardJson(json)).not.toContain("##[");
    expect(JSON.parse(guardJson(json))).toEqual(JSON.parse(json));
  });
});
