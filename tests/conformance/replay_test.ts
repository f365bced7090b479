/**
 * The conversations that were held with the real API server, held with the one in memory: each answer must be the same,
 * but for the differences that `known_differences.ts` names.
 */
import assert from "node:assert/strict";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { askingWebhooks } from "../../lib/apiserver/doors/webhooks.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { type Conversation, hold, type Send } from "../apiserver/conversation.ts";
import { conversations, definitions } from "../apiserver/conversations/all.ts";
import { httpSend } from "../apiserver/http_send.ts";
import { knownDifferences } from "../apiserver/known_differences.ts";
import { startWebhooks } from "../apiserver/webhook_server.ts";
import { recorded } from "../apiserver/recording.ts";
import { partOf } from "../suite/parts.ts";

for (
  const conversation of partOf(
    import.meta.url,
    conversations.filter(({ alone }) => alone === undefined),
  )
) {
  Deno.test(
    `conversation "${conversation.name}" is answered as by the real API server`,
    () => withServer((send) => replay(conversation, send)),
  );
}

// They meet on the real one too.
Deno.test("each verb on each kind is answered as by the real API server", (t) =>
  withServer(async (send) => {
    for (const conversation of partOf(import.meta.url, conversations.filter(({ alone }) => alone === true))) {
      await t.step(conversation.name, () => replay(conversation, send));
    }
  }));

/** Does `work` with a server that serves the conversations' kinds. */
async function withServer(work: (send: Send) => Promise<void>): Promise<void> {
  const door = openHttpDoor(askingWebhooks(new ApiServer({ rbac: true })));
  using client = Deno.createHttpClient({ caCerts: [door.authority] });
  try {
    const send = httpSend(door.url, client, { authorization: `Bearer ${door.token}` });
    for (const definition of definitions) {
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      await send({ method: "POST", path, body: JSON.stringify(definition) });
    }
    await new Promise((resolve) => setTimeout(resolve, 20)); // until they are served
    await work(send);
  } finally {
    await door.close();
  }
}

async function replay(conversation: Conversation, send: Send): Promise<void> {
  await using webhooks = startWebhooks();
  const answers = await hold(conversation, send, webhooks.places);
  const wanted = await recorded(conversation);
  assert.equal(wanted.length, conversation.rows.length, "recorded before a row came or went: record again");
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
}
