/** `/healthz` and `/readyz` for the kubelet (conventions.md §1.3). */

import { type ListenAddress, listenOn } from "./listen.ts";

export interface ProbeAnswers {
  /** Undefined while all is well, else what is wrong. */
  alive(): string | undefined;
  ready(): string | undefined;
}

/** Serves the probes; resolves to the server, which the caller shuts down. @throws ConfigurationError */
export function serveProbes(address: ListenAddress, answers: ProbeAnswers): Promise<Deno.HttpServer> {
  return listenOn(address, (at) =>
    Deno.serve({ ...at, onListen: () => {} }, (request) => {
      switch (new URL(request.url).pathname) {
        case "/healthz":
          return answer(answers.alive());
        case "/readyz":
          return answer(answers.ready());
        default:
          return new Response("not found\n", { status: 404 });
      }
    }));
}

function answer(trouble: string | undefined): Response {
  return trouble === undefined ? new Response("ok\n") : new Response(`${trouble}\n`, { status: 503 });
}
