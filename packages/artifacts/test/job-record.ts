import { jobId, type SectionName } from "@loom/core";
import { graphNode } from "@loom/testkit";
import type { JobRecord, SectionRecord } from "../src/projection/job-record.ts";

/** What is known of the job `build`, which has two steps, when its first attempt has begun. */
export function jobRecord(more: Partial<JobRecord> = {}): JobRecord {
  return {
    jobId: jobId("build"),
    node: graphNode("build", "compile", { script: ["make", "make check"] }),
    attempts: 1,
    steps: [],
    sections: new Map(),
    ...more,
  };
}

/** Sections by their name, in this order. */
export function sectionsOf(...sections: readonly SectionRecord[]): Map<SectionName, SectionRecord> {
  return new Map(sections.map((section) => [section.section, section]));
}
