/** `/healthz` and `/readyz` for the kubelet (conventions.md §1.3). */

export interface ProbeAnswers {
  /** Undefined while all is well, else what is wrong. */
  alive(): string | undefined;
  ready(): string | undefined;
}

/** Host and port out of `:8081`, `127.0.0.1:8081`, `[::1]:8081`; undefined for `0` and `` (off). */
export function listenAddress(text: string): { hostname: string; port: number } | undefined {
  if (text === "" || text === "0") return undefined;
  const match = /^(?:\[([^\]]+)\]|([^:]*)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new Error(`"${text}" is no address; write it like :8081 or 127.0.0.1:8081`);
  }
  return { hostname: match[1] || match[2] || "0.0.0.0", port };
}

/** Serves the probes; resolves to the server, which the caller shuts down. */
export function serveProbes(
  address: { hostname: string; port: number },
  answers: ProbeAnswers,
): Deno.HttpServer {
  return Deno.serve({ ...address, onListen: () => {} }, (request) => {
    switch (new URL(request.url).pathname) {
      case "/healthz":
        return answer(answers.alive());
      case "/readyz":
        return answer(answers.ready());
      default:
        return new Response("not found\n", { status: 404 });
    }
  });
}

function answer(trouble: string | undefined): Response {
  return trouble === undefined ? new Response("ok\n") : new Response(`${trouble}\n`, { status: 503 });
}
