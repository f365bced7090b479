/**
 * The conversations that were held with the real API server, held with the one in memory: each answer must be the same,
 * but for the differences that `known_differences.ts` names.
 */
import assert from "node:assert/strict";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { conversations, definitions } from "../apiserver/conversations/all.ts";
import { hold } from "../apiserver/conversation.ts";
import { httpSend } from "../apiserver/http_send.ts";
import { knownDifferences } from "../apiserver/known_differences.ts";
import { recorded } from "../apiserver/recording.ts";

for (const conversation of conversations) {
  Deno.test(`conversation "${conversation.name}" is answered as by the real API server`, async () => {
    const door = openHttpDoor(new ApiServer());
    using client = Deno.createHttpClient({ caCerts: [door.authority] });
    try {
      const send = httpSend(door.url, client, { authorization: `Bearer ${door.token}` });
      for (const definition of definitions) {
        const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        await send({ method: "POST", path, body: JSON.stringify(definition) });
      }
      await new Promise((resolve) => setTimeout(resolve, 20)); // until they are served
      const answers = await hold(conversation, send);
      const wanted = await recorded(conversation);
      assert.equal(
        wanted.length,
        conversation.rows.length,
        "recorded before a row came or went: record again",
      );
      const known = knownDifferences[conversation.name] ?? {};
      const wrong: string[] = [];
      conversation.rows.forEach(({ request }, i) => {
        const same = JSON.stringify(answers[i]) === JSON.stringify(wanted[i]);
        if (same && i in known) {
          wrong.push(`${i} ${request}\n  is the same now: take it from the known differences`);
        }
        if (same || i in known) return;
        wrong.push(
          `${i} ${request}\n  real: ${JSON.stringify(wanted[i])}\n  ours: ${JSON.stringify(answers[i])}`,
        );
      });
      assert.equal(wrong.length, 0, `${wrong.length} answers differ:\n${wrong.join("\n")}`);
    } finally {
      await door.close();
    }
  });
}
