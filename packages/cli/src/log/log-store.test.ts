import fc from "fast-check";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cleanLine } from "@loom/reporters/view";
import { lineMatcher } from "./line-matcher.ts";
import { LineScan } from "./line-scan.ts";
import { LogStore } from "./log-store.ts";

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "loom-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "events.jsonl");
  writeFileSync(path, text);
  return path;
}

function record(number: number, text: string, stream = "stdout"): string {
  return `${JSON.stringify({ seq: number, ts: "2026-11-23T12:00:00.000Z", event: "output", stream, text })}\n`;
}

const START = `${JSON.stringify({ seq: 1, ts: "t", event: "phase_start", step: 1 })}\n`;

describe("LogStore", () => {
  test("reads any range of a growing log, with lines of any length", () => {
    const texts = Array.from({ length: 3000 }, (_, number) =>
      number % 500 === 7 ? `${number} ${"x".repeat(60_000)}` : `line ${number}`,
    );
    const path = fileWith(
      START +
        texts
          .slice(0, 2000)
          .map((text, number) => record(number, text))
          .join(""),
    );
    const store = new LogStore(path, { skip: 1 });
    while (store.grow(1024 * 1024));
    expect(store.count).toBe(2000);
    appendFileSync(
      path,
      texts
        .slice(2000)
        .map((text, number) => record(number, text))
        .join(""),
    );
    appendFileSync(path, '{"half');
    while (store.grow(1024 * 1024));
    expect(store.count).toBe(3000);
    for (const from of [0, 1, 255, 256, 511, 1999, 2000, 2990]) {
      expect(store.lines(from, 20).map(({ text }) => text)).toEqual(texts.slice(from, from + 20));
    }
    store.close();
  });

  test("shows the pieces of a line as one row, and the last state of a line that overwrites itself", () => {
    const piece = (text: string, stream = "stdout"): string =>
      record(1, text, stream).replace(/\}\n$/, ',"partial":true}\n');
    const path = fileWith(
      [
        START,
        record(1, "before"),
        piece("test_login ... "),
        record(1, "a note", "stderr"),
        piece("still ", "stderr"),
        record(1, "FAILED"),
        ...Array.from({ length: 400 }, (_, percent) => piece(`\r${percent} of 400`)),
        record(1, "here", "stderr"),
        record(1, "\rerror: quota"),
        record(1, "after"),
        piece("open "),
      ].join(""),
    );
    const store = new LogStore(path, { skip: 1 });
    while (store.grow(10_000));
    const texts = (): string[] =>
      store.lines(0, 100).map(({ row, text }) => `${row} ${cleanLine(text, { color: false })}`);
    const expected = [
      "0 before",
      "1 test_login ... FAILED",
      "2 a note",
      "3 still here",
      "4 error: quota",
      "5 after",
    ];
    expect([store.count, ...texts()]).toEqual([7, ...expected, "6 open "]);
    expect(store.lines(4, 1).map(({ row, text }) => `${row} ${cleanLine(text, { color: false })}`)).toEqual([
      "4 error: quota",
    ]);
    appendFileSync(path, record(1, "and closed"));
    while (store.grow(10_000));
    expect([store.count, ...texts()]).toEqual([7, ...expected, "6 open and closed"]);
    const found = ["login.*FAILED", "200 of", "quota", "still here", "closed"].map((query) => {
      const matcher = lineMatcher(`/${query}/`);
      if (matcher === undefined) throw new Error("no matcher");
      const scan = new LineScan(store, matcher);
      while (scan.advance(() => true));
      return [query, scan.count, scan.hit(0)];
    });
    expect(found).toEqual([
      ["login.*FAILED", 1, 1],
      ["200 of", 0, 0],
      ["quota", 1, 4],
      ["still here", 1, 3],
      ["closed", 1, 6],
    ]);
    const matcher = lineMatcher("e");
    if (matcher === undefined) throw new Error("no matcher");
    const scan = new LineScan(store, matcher);
    while (scan.advance(() => true));
    expect(Array.from({ length: scan.count }, (_, hit) => scan.hit(hit))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("has no lines before its file exists", () => {
    const store = new LogStore("/nowhere/events.jsonl");
    expect([store.grow(1000), store.count, store.lines(0, 10)]).toEqual([false, 0, []]);
  });

  test("shows what Loom itself did as lines of their own", () => {
    const path = fileWith(
      `${[
        { event: "log", ts: "t", seq: 1, level: "warn", message: "No shell", tried: ["/bin/bash"] },
        {
          event: "phase_finish",
          ts: "t",
          seq: 2,
          step: 2,
          status: "failed",
          exit_code: 1,
          duration_ms: 10_200,
        },
      ]
        .map((line) => JSON.stringify(line))
        .join("\n")}\n`,
    );
    const store = new LogStore(path);
    store.grow(1000);
    expect(store.lines(0, 9).map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'sys warn  No shell  tried=["/bin/bash"]',
      "sys finished  step 02  failed  exit 1  0:10",
    ]);
  });
});

describe("LineScan", () => {
  test("finds every match in the whole log, in coloured text and in lines that are added later", () => {
    const path = fileWith(
      START +
        Array.from({ length: 5000 }, (_, n) =>
          record(n, n % 100 === 3 ? `a \u001B[31mNee\u001B[0mdle ${n}` : `hay ${n}`),
        ).join(""),
    );
    const store = new LogStore(path, { skip: 1 });
    while (store.grow(1 << 20));
    const matcher = lineMatcher("needle");
    if (matcher === undefined) throw new Error("no matcher");
    const scan = new LineScan(store, matcher);
    let slices = 0;
    while (scan.advance(() => false)) slices += 1;
    expect(slices).toBeGreaterThan(0);
    expect([scan.count, scan.hit(0), scan.hit(49), scan.firstFrom(104), scan.firstFrom(4904)]).toEqual([
      50, 3, 4903, 2, 50,
    ]);
    appendFileSync(path, record(9, 'NEEDLE "quoted"'));
    store.grow(1 << 20);
    scan.advance(() => true);
    expect(scan.hit(50)).toBe(5000);
  });

  test("finds matches after the longest record that there can be", () => {
    const path = fileWith(
      START + record(1, "needle") + record(2, "\u0001".repeat(64 * 1024)) + record(3, "needle"),
    );
    const store = new LogStore(path, { skip: 1 });
    while (store.grow(1 << 20));
    const matcher = lineMatcher("needle");
    if (matcher === undefined) throw new Error("no matcher");
    const scan = new LineScan(store, matcher);
    while (scan.advance(() => true));
    expect([scan.count, scan.hit(0), scan.hit(1)]).toEqual([2, 0, 2]);
  });
});

describe("lineMatcher()", () => {
  test("finds plain text with any characters, and nothing else", () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from("aB.*+?^$()[]{}|/\\-é ß😀 1")),
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        text.filter((query) => query !== "" && !/^\/.+\/$/.test(query)),
        text,
        text,
        (query, before, after) => {
          const matcher = lineMatcher(query);
          expect(matcher?.matches(line(before + query + after))).toBe(true);
          const other = before + after;
          if (!other.toLowerCase().includes(query.toLowerCase()))
            expect(matcher?.matches(line(other))).toBe(false);
        },
      ),
    );
  });

  const line = (text: string, stream: "out" | "err" = "out") => ({ row: 0, ts: "", stream, text });

  test.each([
    ["error", "An ERROR here", true],
    ["Error", "an error here", false],
    ["a.b", "axb", false],
    ["/a.b/", "axb", true],
    ["(", "f(x)", true],
    ["世", "hello 世界", true],
  ])("%s in %s: %s", (query, text, found) => {
    const matcher = lineMatcher(query);
    expect(matcher?.matches(line(text))).toBe(found);
    expect(matcher?.matchesRecord(record(1, text).trimEnd())).toBe(found);
  });

  test("inverts a filter, filters by stderr, and refuses invalid and empty queries", () => {
    expect(lineMatcher("!debug", true)?.matches(line("info"))).toBe(true);
    expect(lineMatcher("err", true)?.matches(line("x", "err"))).toBe(true);
    expect(lineMatcher("err", true)?.matches(line("err"))).toBe(false);
    expect(lineMatcher("/(/")).toBeUndefined();
    expect(lineMatcher("")).toBeUndefined();
  });
});
