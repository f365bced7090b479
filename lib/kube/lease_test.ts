import assert from "node:assert/strict";
import { LeaderElection } from "./lease.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** A lease on a server, and what was asked of it. */
function stored(spec: Record<string, unknown>) {
  let version = 1;
  const metadata = () => ({ name: "l", namespace: "n", uid: "u", resourceVersion: String(version) });
  const lease = { spec };
  const asked: string[] = [];
  const thrice = Promise.withResolvers<void>();
  const transport = {
    performRequest: ({ method, bodyJson }: RequestOptions) => {
      asked.push(method ?? "GET");
      if (asked.length === 3) thrice.resolve();
      if (method === "PUT") {
        version++;
        lease.spec = JSON.parse(JSON.stringify(bodyJson)).spec;
      }
      return Promise.resolve({ metadata: metadata(), spec: lease.spec });
    },
  } as unknown as Transport;
  const election = new LeaderElection({
    transport,
    namespace: "n",
    name: "l",
    identity: "me",
    fieldManager: "aim-engine",
    retrySeconds: 0.001,
  });
  return { election, lease, asked, thrice: thrice.promise };
}

Deno.test("a lease that another holds is looked at again and again, and not taken", async () => {
  const { election, asked, lease, thrice } = stored({ holderIdentity: "other", leaseDurationSeconds: 3600 });
  const stop = new AbortController();
  const acquired = election.acquire(stop.signal);
  await thrice;
  stop.abort(new Error("enough"));
  await assert.rejects(acquired, /enough/);
  assert.deepEqual([...new Set(asked)], ["GET"]);
  assert.equal(lease.spec.holderIdentity, "other");
  assert.equal(election.isLeader, false);
  assert.equal(election.remaining(), 0);
});

Deno.test("a lease that nobody holds, that is ours, or whose time is over is taken", async () => {
  for (
    const spec of [
      { holderIdentity: "", leaseDurationSeconds: 3600 },
      { holderIdentity: "me", leaseDurationSeconds: 3600 },
      { holderIdentity: "other", leaseDurationSeconds: 0 },
    ]
  ) {
    const { election, lease } = stored(spec);
    await election.acquire(new AbortController().signal);
    assert.equal(lease.spec.holderIdentity, "me");
    assert.equal(lease.spec.leaseDurationSeconds, 15);
    assert.ok(election.isLeader && election.remaining() > 0);
  }
});
