import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { tellStory } from "./story/tell-story.ts";

test("simulate() returns the same run for the same seed, record by record", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const [once, again] = await Promise.all([simulate(seed), simulate(seed)]);
    expect(tellStory(again)).toBe(tellStory(once));
    expect(again.image).toEqual(once.image);
  }
});

test("simulate() returns another run for another seed", async () => {
  const stories = await Promise.all(
    [1, 2, 3].map(async (seed) =>
      tellStory(await simulate(seed))
        .split("\n")
        .slice(1),
    ),
  );
  expect(new Set(stories.map(String)).size).toBe(3);
});
