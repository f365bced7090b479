/** Nodes that do not answer hold up neither the lease nor anything else (issue: log reads of hanging kubelets). */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { podLog, podLogSource } from "../../lib/facts/pod_log.ts";
import type { Access } from "../../lib/kube/access/access.ts";
import { LeaderElection } from "../../lib/kube/lease.ts";
import { systemClock } from "../../lib/operator/core/clock.ts";
import { Facts } from "../../lib/operator/runner/facts.ts";
import { connectionsTo } from "../../lib/process/connections.ts";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { until } from "../control_plane/until.ts";

/** The server of `limited_server.mjs`. */
class LimitedServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#lines = process.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    this.#input = process.stdin.getWriter();
  }

  static async start(): Promise<{ server: LimitedServer; access: Access }> {
    const folder = await Deno.makeTempDir();
    const authority = new CertificateAuthority("limited");
    const { certificate, key } = authority.forServer(["127.0.0.1"]);
    await Deno.writeTextFile(`${folder}/tls.crt`, certificate);
    await Deno.writeTextFile(`${folder}/tls.key`, key);
    const program = fileURLToPath(new URL("limited_server.mjs", import.meta.url));
    const server = new LimitedServer(
      new Deno.Command("node", {
        args: [program, `${folder}/tls.crt`, `${folder}/tls.key`],
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
    const port = await server.#line();
    await Deno.remove(folder, { recursive: true });
    const credentials = { caCerts: [authority.certificate] };
    const access = {
      server: new URL(`https://127.0.0.1:${port.trim()}`),
      compression: false,
      origin: "test",
      credentials: () => Promise.resolve(credentials),
    };
    return { server, access };
  }

  async counts(): Promise<{ logs: number; most: number; connections: number }> {
    await this.#input.write(new TextEncoder().encode("\n"));
    return JSON.parse(await this.#line());
  }

  async #line(): Promise<string> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error("the limited server has ended");
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#lines.return?.();
    await this.#process.status;
  }
}

Deno.test("ten nodes that do not answer, beside 34 watches: requests are answered, the lease is kept", async () => {
  const { server, access } = await LimitedServer.start();
  await using _ = server;
  const { api, lease, logs } = connectionsTo(access);
  const stop = new AbortController();
  const request = (query: string) =>
    api.performRequest({
      method: "GET",
      path: "/api/v1/pods",
      querystring: new URLSearchParams(query),
      expectStream: true,
      abortSignal: AbortSignal.any([stop.signal, AbortSignal.timeout(2_000)]),
    });
  const facts = new Facts(systemClock, () => {});
  facts.provide(podLogSource(logs));
  const election = new LeaderElection({
    transport: lease,
    namespace: "n",
    name: "l",
    identity: "me",
    fieldManager: "test",
    renewDeadlineSeconds: 4,
    retrySeconds: 0.2,
  });
  await election.acquire(stop.signal);
  const held = election.hold(stop.signal);
  for (let i = 0; i < 34; i++) await request("watch=true");
  for (let node = 0; node < 10; node++) {
    for (let pod = 0; pod < 8; pod++) {
      const [name, uid] = [`p${node}-${pod}`, `u${node}-${pod}`];
      const run = { namespace: "n", pod: name, uid, node: `${node}`, container: "c" };
      facts.ask(podLog, { ...run, restarts: 0, previous: false });
    }
  }
  await until("logs are read", async () => (await server.counts()).logs > 0);
  for (let i = 0; i < 25; i++) {
    await (await request("")).cancel();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(election.remaining() > 10_000, `${election.remaining()} ms of the lease are left`);
  assert.deepEqual(await server.counts(), { logs: 16, most: 16, connections: 3 });
  stop.abort();
  assert.equal(await held, "released");
  facts.stop();
  for (const connection of [api, lease, logs]) connection.close();
});
