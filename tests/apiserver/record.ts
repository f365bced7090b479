/** Holds all conversations with the real API server and keeps its answers: `deno task apiserver:record`. */
import { startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { conversations, definitions } from "./conversations/all.ts";
import { hold } from "./conversation.ts";
import { httpSend } from "./http_send.ts";
import { recordingFile } from "./recording.ts";

if (import.meta.main) {
  const plane = await startControlPlane({ controllerManager: true });
  try {
    const { certificate, key } = plane.authority.forClient({ user: "admin", groups: ["system:masters"] });
    using client = Deno.createHttpClient({ caCerts: [plane.authority.certificate], cert: certificate, key });
    const send = httpSend(plane.url.replace(/\/$/, ""), client);
    for (const definition of definitions) {
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      await send({ method: "POST", path, body: JSON.stringify(definition) });
      const { group, names } = definition.spec;
      const served = `/apis/${group}/v1/${names.plural}`;
      await until(
        `${served} is served`,
        async () => (await send({ method: "GET", path: served })).code === 200,
      );
    }
    // The controllers must know the new kinds before their objects have owners.
    await new Promise((resolve) => setTimeout(resolve, 35_000));
    for (const conversation of conversations) {
      const answers = await hold(conversation, send);
      const text = answers.map((answer) => JSON.stringify(answer)).join("\n") + "\n";
      await Deno.writeTextFile(recordingFile(conversation), text);
      console.log(`${conversation.name}: ${answers.length} answers`);
    }
  } finally {
    await plane.stop();
  }
}
