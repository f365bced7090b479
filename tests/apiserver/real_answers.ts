/** Holds all conversations with the real API server. */
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { type Answer, type Conversation, hold, type Send } from "./conversation.ts";
import { conversations, definitions } from "./conversations/all.ts";
import { httpSend } from "./http_send.ts";

/** So long the garbage collector may take to know kinds that are new. */
const untilOwnersAreKnown = 35_000;

/** The answers to each conversation, as they come. */
export async function* realAnswers(): AsyncGenerator<{ conversation: Conversation; answers: Answer[] }> {
  const plane = await startControlPlane({ controllerManager: true });
  try {
    const { certificate, key } = plane.authority.forClient({ user: "admin", groups: ["system:masters"] });
    using client = Deno.createHttpClient({ caCerts: [plane.authority.certificate], cert: certificate, key });
    const send = httpSend(plane.url.replace(/\/$/, ""), client);
    await define(plane, send);
    for (const conversation of conversations) yield { conversation, answers: await hold(conversation, send) };
  } finally {
    await plane.stop();
  }
}

async function define(plane: ControlPlane, send: Send): Promise<void> {
  for (const definition of definitions) {
    await plane.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    const { group, names } = definition.spec;
    const path = `/apis/${group}/v1/${names.plural}`;
    await until(`${path} is served`, async () => (await send({ method: "GET", path })).code === 200);
  }
  await new Promise((resolve) => setTimeout(resolve, untilOwnersAreKnown));
}
