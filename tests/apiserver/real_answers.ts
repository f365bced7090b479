/** Holds all conversations with the real API server. */
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { type Answer, type Conversation, hold, type Send } from "./conversation.ts";
import { conversations, definitions } from "./conversations/all.ts";
import { httpSend } from "./http_send.ts";
import { startWebhooks } from "./webhook_server.ts";

/** So long the garbage collector may take to know kinds that are new. */
const untilOwnersAreKnown = 35_000;

/** Something between a conversation and the server that sees each request and its answer. */
export type Between = (send: Send) => Send;

const nothing: Between = (send) => send;

/** The answers to each conversation, as they come. @param names only these, if there are any */
export async function* realAnswers(
  names: readonly string[] = [],
  between = nothing,
): AsyncGenerator<{ conversation: Conversation; answers: Answer[] }> {
  const wanted = (conversation: Conversation) => names.length === 0 || names.includes(conversation.name);
  const some = conversations.filter((each) => each.alone === undefined && wanted(each));
  if (some.length > 0) yield* answersBesideControllers(some, between);
  if (conversations.some((each) => each.alone === true && wanted(each))) {
    yield* answersAlone(names, between);
  }
}

async function* answersBesideControllers(
  wanted: readonly Conversation[],
  between: Between,
): AsyncGenerator<{ conversation: Conversation; answers: Answer[] }> {
  const plane = await startControlPlane({ controllerManager: true });
  try {
    const { send, close } = clientOf(plane);
    await define(send);
    await new Promise((resolve) => setTimeout(resolve, untilOwnersAreKnown));
    await using webhooks = startWebhooks();
    for (const conversation of wanted) {
      yield { conversation, answers: await hold(conversation, between(send), webhooks.places) };
    }
    close();
  } finally {
    await plane.stop();
  }
}

/** The answers to conversations that no controller may take part in. @param names only these, if there are any */
export async function* answersAlone(
  names: readonly string[] = [],
  between = nothing,
): AsyncGenerator<{ conversation: Conversation; answers: Answer[] }> {
  const plane = await startControlPlane();
  try {
    const { send, close } = clientOf(plane);
    await define(send);
    await using webhooks = startWebhooks();
    for (const conversation of conversations.filter(({ alone }) => alone === true)) {
      if (names.length > 0 && !names.includes(conversation.name)) continue;
      yield { conversation, answers: await hold(conversation, between(send), webhooks.places) };
    }
    close();
  } finally {
    await plane.stop();
  }
}

/** Sends requests as an administrator. */
export function clientOf(plane: ControlPlane): { readonly send: Send; close(): void } {
  const { certificate, key } = plane.authority.forClient({ user: "admin", groups: ["system:masters"] });
  const caCerts = [plane.authority.certificate];
  // Over HTTP/2 `fetch` lets each long body wait 40 ms for an acknowledgement.
  const client = Deno.createHttpClient({ caCerts, cert: certificate, key, http2: false });
  return { send: httpSend(plane.url.replace(/\/$/, ""), client), close: () => client.close() };
}

/** Makes the kinds of the conversations, and waits until they are served. */
export async function define(send: Send): Promise<void> {
  for (const definition of definitions) {
    const at = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await send({ method: "POST", path: at, body: JSON.stringify(definition) });
    const { group, names, versions } = definition.spec as {
      group: string;
      names: { plural: string };
      versions: { name: string; served: boolean }[];
    };
    const { name } = versions.find(({ served }) => served)!;
    const path = `/apis/${group}/${name}/${names.plural}`;
    await until(`${path} is served`, async () => (await send({ method: "GET", path })).code === 200);
  }
}
