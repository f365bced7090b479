/**
 * The cluster that the client's tests run against: the real control plane, or the one in memory. Most tests run on both
 * and cannot tell.
 */
import { join } from "node:path";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { type HttpDoor, openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from "../control_plane/control_plane.ts";

/** Set to `memory` by `tests/conformance/client_in_memory_test.ts`. */
const inMemory = Deno.env.get("AIM_TEST_CLUSTER") === "memory";

export function startCluster(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  return inMemory ? startInMemory() : startControlPlane(options);
}

/**
 * A test of what only real processes have: client certificates, service accounts and their rights, an API server that is
 * killed, frozen or restarted.
 */
export function onReal(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: inMemory ? `${name} (test:real only: real processes)` : name,
    fn,
    ignore: inMemory,
  });
}

/** As much of a control plane as the tests on both need. */
async function startInMemory(): Promise<ControlPlane> {
  const server = new ApiServer();
  const door = await openHttpDoor(server);
  const front = openFront(door);
  const folder = await Deno.makeTempDir({ prefix: "aim-cluster-in-memory-" });
  const [caFile, adminKubeconfig] = [join(folder, "ca.crt"), join(folder, "admin.kubeconfig")];
  await Deno.writeTextFile(caFile, door.authority);
  await Deno.writeTextFile(adminKubeconfig, door.kubeconfig);
  const cluster = {
    url: `http://127.0.0.1:${front.server.addr.port}`,
    folder,
    caFile,
    adminKubeconfig,
    authority: new CertificateAuthority("of clients that show a certificate in vain"),
    request(method: string, path: string, body?: unknown) {
      const [plain, query] = path.split("?");
      const answer = server.handle({ method, path: plain, query: new URLSearchParams(query), body });
      return Promise.resolve((answer as { body: unknown }).body);
    },
    async stop() {
      await door.close();
      await front.server.shutdown();
      front.client.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
  return cluster as unknown as ControlPlane;
}

/** A way in for clients that show a certificate, or nothing: it adds the token. */
function openFront(door: HttpDoor) {
  const client = Deno.createHttpClient({ caCerts: [door.authority] });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.set("authorization", `Bearer ${door.token}`);
    const { method, body, signal } = request;
    return fetch(`${door.url}${pathname}${search}`, { method, headers, body, client, signal });
  });
  return { server, client };
}
