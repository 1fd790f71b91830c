import { expect, test } from "vitest";
import { parseJson } from "./parse-json.ts";

test("parseJson() returns the value and its text, or what is wrong with the bytes", () => {
  const text = '{"a":"é"}';
  expect(parseJson(Buffer.from(text))).toEqual({ ok: true, text, json: { a: "é" } });
  expect(parseJson(Buffer.from("{"))).toEqual({ ok: false, why: "is not JSON" });
  expect(parseJson(Buffer.from("\uFEFF{}"))).toEqual({ ok: false, why: "is not JSON" });
  expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ ok: false, why: "is not UTF-8" });
});
