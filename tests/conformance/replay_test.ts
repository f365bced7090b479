/**
 * The conversations that were held with the real API server, held with the one in memory: each answer must be the same,
 * but for the differences that `known_differences.ts` names.
 */
import assert from "node:assert/strict";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { askingWebhooks } from "../../lib/apiserver/doors/webhooks.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { type Conversation, hold, type Send } from "../apiserver/conversation.ts";
import { ClockAhead } from "../apiserver/clock_ahead.ts";
import { conversations, definitions } from "../apiserver/conversations/all.ts";
import { httpSend } from "../apiserver/http_send.ts";
import { knownDifferences } from "../apiserver/known_differences.ts";
import { startWebhooks } from "../apiserver/webhook_server.ts";
import { recorded } from "../apiserver/recording.ts";

for (const conversation of conversations.filter(({ alone }) => alone === undefined)) {
  Deno.test(
    `conversation "${conversation.name}" is answered as by the real API server`,
    () => withServer((server) => replay(conversation, server)),
  );
}

// They meet on the real one too.
Deno.test("each verb on each kind is answered as by the real API server", (t) =>
  withServer(async (server) => {
    for (const conversation of conversations.filter(({ alone }) => alone === true)) {
      await t.step(conversation.name, () => replay(conversation, server));
    }
  }));

interface Server {
  readonly send: Send;
  /** The pauses that were made for the real one are over at once. */
  readonly clock: ClockAhead;
}

/** Does `work` with a server that serves the conversations' kinds. */
async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  using clock = new ClockAhead();
  const door = await openHttpDoor(askingWebhooks(new ApiServer({ rbac: true, clock })));
  // Over HTTP/2 `fetch` lets each long body wait 40 ms for an acknowledgement.
  using client = Deno.createHttpClient({ caCerts: [door.authority], http2: false });
  try {
    const send = httpSend(door.url, client, { authorization: `Bearer ${door.token}` });
    for (const definition of definitions) {
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      await send({ method: "POST", path, body: JSON.stringify(definition) });
    }
    clock.pass(1_000); // until they are served
    await work({ send, clock });
  } finally {
    await door.close();
  }
}

async function replay(conversation: Conversation, { send, clock }: Server): Promise<void> {
  await using webhooks = startWebhooks();
  const answers = await hold(conversation, send, webhooks.places, (milliseconds) => clock.pass(milliseconds));
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
