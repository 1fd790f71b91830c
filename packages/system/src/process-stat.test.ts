import { describe, expect, test } from "vitest";
import { parseProcessStat, readProcessStat } from "./process-stat.ts";

describe("parseProcessStat()", () => {
  test("is not misled by the name of the process, which may hold brackets and spaces", () => {
    const text = "7 (a) Z (b) S 1 6 5 34816 6 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0";
    expect(parseProcessStat(7, text)).toEqual({
      pid: 7,
      parent: 1,
      group: 6,
      session: 5,
      foregroundGroup: 6,
      dead: false,
      kernelThread: false,
      startTime: "4711",
    });
  });

  test("knows one that only was not waited for, and a thread of the kernel", () => {
    expect(parseProcessStat(7, "7 (sh) Z 1 7 7 0 -1 4194304")).toMatchObject({
      dead: true,
      foregroundGroup: -1,
    });
    expect(parseProcessStat(2, "2 (kthreadd) S 0 0 0 0 -1 2129984")).toMatchObject({ kernelThread: true });
  });
});

describe("readProcessStat()", () => {
  test.runIf(process.platform === "linux")("reads this process, and none that is not there", () => {
    expect(readProcessStat(process.pid)).toMatchObject({ parent: process.ppid, dead: false });
    expect(readProcessStat(2 ** 30)).toBeUndefined();
  });
});
