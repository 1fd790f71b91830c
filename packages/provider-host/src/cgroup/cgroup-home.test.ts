import { expect, test } from "vitest";
import { cgroupHome } from "./cgroup-home.ts";

const MOUNT = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

test.each([
  ["0::/\n", MOUNT, "/sys/fs/cgroup/unified/"],
  ["4:memory:/a\n0::/user.slice/x.scope\n", MOUNT, "/sys/fs/cgroup/unified/user.slice/x.scope"],
  ["0::/docker/a/b\n", "1 2 0:3 /docker/a /sys/fs/cgroup rw - cgroup2 cgroup rw", "/sys/fs/cgroup/b"],
  ["0::/a\n", String.raw`1 2 0:3 / /my\040groups rw - cgroup2 cgroup rw`, "/my groups/a"],
  ["0::/../other\n", MOUNT, undefined],
  ["4:memory:/a\n", MOUNT, undefined],
  ["0::/a\n", "1 2 0:3 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", undefined],
])("cgroupHome(%j)", (groups, mounts, home) => {
  expect(cgroupHome(groups, mounts)).toBe(home);
});
