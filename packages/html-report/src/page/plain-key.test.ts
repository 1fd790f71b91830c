// @vitest-environment jsdom
import { expect, test } from "vitest";
import { plainKey } from "./plain-key.ts";

/** What plainKey() says of a key that is pressed in an element. */
function pressed(name: string, init: KeyboardEventInit): string | undefined {
  const element = document.body.appendChild(document.createElement(name));
  let key: string | undefined;
  element.addEventListener("keydown", (event) => (key = plainKey(event)));
  element.dispatchEvent(new KeyboardEvent("keydown", init));
  element.remove();
  return key;
}

test("plainKey() is the key, with Shift or not", () => {
  expect(pressed("a", { key: "j" })).toBe("j");
  expect(pressed("button", { key: "Home", shiftKey: true })).toBe("Home");
});

test.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isComposing: true }])(
  "plainKey() leaves a key with %o to others",
  (held) => {
    expect(pressed("a", { key: "j", ...held })).toBeUndefined();
  },
);

test.each(["input", "select"])("plainKey() leaves what is written into an %s to it", (field) => {
  expect(pressed(field, { key: "j" })).toBeUndefined();
});
