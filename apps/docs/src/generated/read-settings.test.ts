import { expect, test } from "vitest";
import { readSettings } from "./read-settings.ts";

test("readSettings() reads keys with the comment above them, those that are commented out as examples", () => {
  const file = `# About the file.

runtime:
  # Where jobs work.
  # In one of two places.
  workspace: isolated

# Workers.
# engine:
#   # Servers.
#   url: nats://host
#   user: me
# tui:
#   keys:
#     rerun: R
`;
  expect(readSettings(file)).toEqual([
    { key: "runtime", value: "", isExample: false, meaning: "" },
    {
      key: "runtime.workspace",
      value: "isolated",
      isExample: false,
      meaning: "Where jobs work. In one of two places.",
    },
    { key: "engine", value: "", isExample: true, meaning: "Workers." },
    { key: "engine.url", value: "nats://host", isExample: true, meaning: "Servers." },
    { key: "engine.user", value: "me", isExample: true, meaning: "" },
    { key: "tui", value: "", isExample: true, meaning: "" },
    { key: "tui.keys", value: "", isExample: true, meaning: "" },
    { key: "tui.keys.rerun", value: "R", isExample: true, meaning: "" },
  ]);
});
