import { describe, expect, test } from "vitest";
import { createSealKeys, sealText, type SealedText, type SealKeys } from "./sealed-box.ts";

const TEXT = '{"TOKEN":"s3cr3t välue"}';

/** Sealed for whoever has the keys. */
function sealedFor({ publicKey }: SealKeys, text: string, context: string): SealedText {
  const sealed = sealText(text, publicKey, context);
  if (sealed === undefined) throw new Error("The key is none");
  return sealed;
}

/** The same with one bit of one byte changed. */
function changed(base64: string, at: number): string {
  const bytes = Buffer.from(base64, "base64");
  const index = (bytes.length + at) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  return bytes.toString("base64");
}

describe("sealText()", () => {
  test.each(["", TEXT, "x".repeat(100_000)])("is opened by whoever it was sealed for", (text) => {
    const keys = createSealKeys();
    expect(keys.open(sealedFor(keys, text, "run/job/1"), "run/job/1")).toBe(text);
  });

  test("shows nothing of the text, and never the same twice", () => {
    const keys = createSealKeys();
    const sealed = [1, 2].map(() => sealedFor(keys, TEXT, "c"));
    const shown = sealed.flatMap(({ from, nonce, data }) => [from, nonce, data]);
    expect(new Set(shown).size).toBe(6);
    for (const part of shown) {
      expect(Buffer.from(part, "base64").includes("s3cr3t")).toBe(false);
      expect(part).not.toContain(Buffer.from(TEXT).toString("base64").slice(0, 12));
    }
  });

  test("is opened by nobody else, and in no other context", () => {
    const keys = createSealKeys();
    const sealed = sealedFor(keys, TEXT, "run/job/1");
    expect(createSealKeys().open(sealed, "run/job/1")).toBeUndefined();
    expect(keys.open(sealed, "run/job/2")).toBeUndefined();
  });

  test.each<[what: string, change: (sealed: SealedText) => SealedText]>([
    ["its first byte", (sealed) => ({ ...sealed, data: changed(sealed.data, 0) })],
    ["its tag", (sealed) => ({ ...sealed, data: changed(sealed.data, -1) })],
    ["its length", (sealed) => ({ ...sealed, data: sealed.data.slice(0, -8) })],
    ["everything but a few bytes", (sealed) => ({ ...sealed, data: sealed.data.slice(0, 8) })],
    ["its nonce", (sealed) => ({ ...sealed, nonce: changed(sealed.nonce, 0) })],
    ["who it is from", (sealed) => ({ ...sealed, from: createSealKeys().publicKey })],
  ])("is not opened when somebody changed %s", (_what, change) => {
    const keys = createSealKeys();
    const sealed = sealedFor(keys, TEXT, "c");
    expect(keys.open(sealed, "c")).toBe(TEXT);
    expect(keys.open(change(sealed), "c")).toBeUndefined();
  });

  test("refuses what is no key, and a key with which everybody shares the same", () => {
    const prefix = Buffer.from(createSealKeys().publicKey, "base64").subarray(0, -32);
    const zero = Buffer.concat([prefix, Buffer.alloc(32)]).toString("base64");
    for (const key of ["", "bm8ga2V5", zero]) expect(sealText(TEXT, key, "c")).toBeUndefined();
  });
});
