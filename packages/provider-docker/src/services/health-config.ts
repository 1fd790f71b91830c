import { parseDuration } from "@loom/core";
import type Docker from "dockerode";

const NANOSECONDS = 1_000_000;

/** A healthcheck of a workflow as the engine wants it: times in nanoseconds. */
export function healthConfig(check: { readonly [key: string]: unknown }): Docker.HealthConfig {
  const { test, disable } = check;
  if (disable === true) return { Test: ["NONE"] };
  const time = (key: string): number | undefined => {
    const ms = parseDuration(check[key] as string | number);
    return ms === undefined ? undefined : ms * NANOSECONDS;
  };
  const times = {
    Interval: time("interval"),
    Timeout: time("timeout"),
    StartPeriod: time("start_period"),
    StartInterval: time("start_interval"),
  };
  return {
    ...(test !== undefined && { Test: typeof test === "string" ? ["CMD-SHELL", test] : (test as string[]) }),
    ...(typeof check["retries"] === "number" && { Retries: check["retries"] }),
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)),
  };
}
