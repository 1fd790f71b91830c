import { expect, test } from "vitest";
import { readProcessStat } from "./process-stat.ts";
import { parsePs, seeByPs } from "./ps-processes.ts";

// Written from the manual and from memory of ps(1) of macOS, not recorded on one.
const OUTPUT = `    1     0     1      0 Ss   Sat Nov  1 08:00:07 2025     /sbin/launchd
  501   499   501    733 Ss   Sun Nov 30 02:28:00 2025     /bin/zsh -l HOME=/Users/a TOKEN=hush
  733   501   733    733 S+   Sun Nov 30 02:28:01 2025     sleep 1000 LOOM_RUN_ID=loom-run-local-1 PATH=/bin
  734   501   733      0 Z    Sun Nov 30 02:28:02 2025     (sleep)
99998     1 99998      0 Ss   Sun Nov 30 02:28:03 2025     /opt/My Tools/agent -x

   PID  PPID  PGID TPGID STAT STARTED COMMAND
`;

test("parsePs() reads numbers, start and text of each process, without zombies and other lines", () => {
  expect(parsePs(OUTPUT)).toEqual([
    { pid: 1, parent: 0, group: 1, foregroundGroup: 0, startTime: "1761984007", text: "/sbin/launchd" },
    {
      pid: 501,
      parent: 499,
      group: 501,
      foregroundGroup: 733,
      startTime: "1764469680",
      text: "/bin/zsh -l HOME=/Users/a TOKEN=hush",
    },
    {
      pid: 733,
      parent: 501,
      group: 733,
      foregroundGroup: 733,
      startTime: "1764469681",
      text: "sleep 1000 LOOM_RUN_ID=loom-run-local-1 PATH=/bin",
    },
    {
      pid: 99998,
      parent: 1,
      group: 99998,
      foregroundGroup: 0,
      startTime: "1764469683",
      text: "/opt/My Tools/agent -x",
    },
  ]);
});

test("parsePs() takes a process without a terminal, and one whose start makes no sense", () => {
  const line = "  7     1     7     -1 S    Xxx Yyy 99 88:77:66 2025 /usr/libexec/x\n";
  expect(parsePs(line)).toEqual([
    { pid: 7, parent: 1, group: 7, foregroundGroup: -1, startTime: "", text: "/usr/libexec/x" },
  ]);
  expect(parsePs("")).toEqual([]);
});

test("seeByPs() sees this process, and none that is not there", () => {
  const seen = seeByPs(process.pid);
  expect(seen).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(seen?.startTime).toMatch(/^\d{10}$/);
  expect(seeByPs(2 ** 30)).toBeUndefined();
});

test.runIf(process.platform === "linux")("seeByPs() says the same as /proc of groups and terminals", () => {
  const { parent, group, foregroundGroup } = seeByPs(process.pid) ?? {};
  expect(readProcessStat(process.pid)).toMatchObject({ parent, group, foregroundGroup });
});
