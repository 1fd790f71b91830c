import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";
import { connect } from "./connect.ts";

const WORKFLOW = `version: v1
stages: [test]
bad: {stage: test, script: ["exit 3"]}
`;

describe("resources and prompts of loom mcp", () => {
  test("gives the documentation by pages and sections", async () => {
    const { client } = await connect(makeProject({ workflow: WORKFLOW }));
    const read = async (uri: string): Promise<string> => {
      const [first] = (await client.readResource({ uri })).contents as { text: string }[];
      return first?.text ?? "";
    };
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(["loom://docs/index", "loom://docs/workflow", "loom://docs/agents"]),
    );
    const index = await read("loom://docs/index");
    const sections = [...index.matchAll(/loom:\/\/docs\/[\w-]+#\S+/gu)].map(([uri]) => uri);
    expect(sections).toContain("loom://docs/agents#registering-it");
    expect(await read("loom://docs/agents#registering-it")).toMatch(/^### Registering it\n[^]*mcpServers/u);
    expect(await read("loom://docs/agents")).toMatch(/^# Loom for agents\n/u);
    for (const uri of sections) expect(await read(uri)).toMatch(/^#+ /u);
    expect((await read("loom://docs/contract")).length).toBeLessThan(16_384);
    await expect(read("loom://docs/none")).rejects.toThrow("loom://docs/index lists the pages");
    await expect(read("loom://docs/agents#none")).rejects.toThrow('no section "none"');
  });

  test("explains a run, and says how to find out why one failed", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q"]);
    const { client } = await connect(project);
    const { receipt } = project.lastRun();
    for (const id of [receipt.run_id, "last-failed"]) {
      const { contents } = await client.readResource({ uri: `loom://runs/${id}/explain` });
      const [first] = contents as { text: string }[];
      expect(JSON.parse(first?.text ?? "")).toMatchObject({
        kind: "loom-explanation",
        run_id: receipt.run_id,
        failure: { job_id: "bad", exit_code: 3 },
      });
    }
    await expect(
      client.readResource({ uri: `loom://runs/${encodeURIComponent("../../x")}/explain` }),
    ).rejects.toThrow("outside workspace_root");
    expect((await client.listPrompts()).prompts).toMatchObject([{ name: "diagnose-failing-run" }]);
    const { messages } = await client.getPrompt({
      name: "diagnose-failing-run",
      arguments: { run_id: receipt.run_id },
    });
    expect(messages).toMatchObject([{ role: "user", content: { type: "text" } }]);
    expect(JSON.stringify(messages)).toContain(receipt.run_id);
  });
});
