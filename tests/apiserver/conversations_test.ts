/** What is recorded is still what the real API server answers. */
import assert from "node:assert/strict";
import { realAnswers } from "./real_answers.ts";
import { recorded } from "./recording.ts";

Deno.test("the real API server answers all conversations as it is recorded", async () => {
  const others: string[] = [];
  for await (const { conversation, answers } of realAnswers()) {
    const kept = await recorded(conversation);
    conversation.rows.forEach(({ request }, i) => {
      try {
        assert.deepEqual(answers[i], kept[i]);
      } catch (error) {
        others.push(`${conversation.name} ${i}: ${request}\n${(error as Error).message}`);
      }
    });
  }
  assert(others.length === 0, others.join("\n\n"));
});
