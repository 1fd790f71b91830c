import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandVariables, MAX_EXPANDED_CHARACTERS } from "./expand-variables.ts";

describe("expandVariables()", () => {
  test("replaces names, keeps unknown ones, and makes one dollar of two", () => {
    const expanded = expandVariables({
      URL: "https://${HOST}:$PORT/",
      HOST: "$NAME.example",
      NAME: "shop",
      PORT: "80",
      HOME_OF: "$HOME and ${HOME} and $PORTS",
      PRICE: "$$5 or $$PORT or $$$PORT",
      ODD: "$ $1 ${ ${} ${A-B} $",
    });
    expect(expanded).toEqual({
      ok: true,
      value: {
        URL: "https://shop.example:80/",
        HOST: "shop.example",
        NAME: "shop",
        PORT: "80",
        HOME_OF: "$HOME and ${HOME} and $PORTS",
        PRICE: "$5 or $PORT or $80",
        ODD: "$ $1 ${ ${} ${A-B} $",
      },
    });
  });

  test("does not read what it has put in once more", () => {
    expect(expandVariables({ A: "$B", B: "$$C", C: "x" })).toEqual({
      ok: true,
      value: { A: "$C", B: "$C", C: "x" },
    });
  });

  test("names every cycle", () => {
    expect(expandVariables({ A: "$B", B: "${A}", C: "$C", D: "$A" })).toEqual({
      ok: false,
      error: [{ code: "cycle", names: ["A", "B"] }],
    });
  });

  test("takes a name in its own value for what it was outside, or for nothing", () => {
    const outside = { PATH: "/bin:/usr/bin", FLAGS: undefined, COST: "$5" };
    expect(
      expandVariables({ PATH: "tools:$PATH", FLAGS: "${FLAGS} -g", COST: "$COST", NEW: "$NEW" }, outside),
    ).toEqual({
      ok: true,
      value: { PATH: "tools:/bin:/usr/bin", FLAGS: " -g", COST: "$5", NEW: "" },
    });
  });

  test("stops values that double with every reference", () => {
    const names = Array.from({ length: 40 }, (_, index) => `V${index}`);
    const doubling = Object.fromEntries(names.map((name, index) => [name, `$V${index + 1}$V${index + 1}`]));
    expect(expandVariables({ ...doubling, V40: "x" })).toMatchObject({
      ok: false,
      error: [{ code: "too_long" }],
    });
  });

  test("takes a long chain without running out of stack", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`V${index}`, `$V${index + 1}`]),
    );
    const expanded = expandVariables({ ...chain, V20000: "end" });
    expect(expanded.ok && expanded.value["V0"]).toBe("end");
  });

  test("takes the most text a process could be given", () => {
    const value = "x".repeat(MAX_EXPANDED_CHARACTERS);
    expect(expandVariables({ A: value })).toEqual({ ok: true, value: { A: value } });
  });

  test("changes nothing where there is no dollar", () => {
    const names = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
    const values = fc.string().filter((value) => !value.includes("$"));
    fc.assert(
      fc.property(fc.dictionary(names, values), (variables) => {
        expect(expandVariables(variables)).toEqual({ ok: true, value: variables });
      }),
    );
  });

  test("leaves names such as __proto__ alone", () => {
    expect(expandVariables({ A: "$__proto__ $constructor" })).toEqual({
      ok: true,
      value: { A: "$__proto__ $constructor" },
    });
  });
});
