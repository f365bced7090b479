import assert from "node:assert/strict";
import { DrivenTime } from "../cli/rehearsal/driven_time.ts";
import { through } from "../cli/rehearsal/driven_time_fixture.ts";
import { delay } from "./backoff.ts";
import { ApiError, NetworkError } from "./errors.ts";
import { keepLease, LeaderElection, type LeaderElectionOptions } from "./lease.ts";
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
    lookSeconds: 0.001,
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

interface Kept {
  lease?: { metadata: Record<string, unknown>; spec: Record<string, unknown> };
  version: number;
}

/**
 * A process before a server that keeps a lease, checks versions, and does with each request what `fault` says. Two of them
 * share what is kept.
 */
function keeping(options: Partial<LeaderElectionOptions> = {}, kept: Kept = { version: 0 }) {
  const puts: string[] = [];
  const world = {
    /** `unanswered`: done, but the caller hears nothing. */
    fault: (_method: string): "none" | "unanswered" | "refused" => "none",
    clocks: { now: 1_000_000, set: 0, stopped: undefined as number | undefined },
    /** So long each write is on its way, in milliseconds. */
    late: 0,
    /** What its API server still answers to reads, though writes are judged by what is stored. */
    past: undefined as Kept["lease"],
    puts,
    holder: () => kept.lease?.spec.holderIdentity,
    give: (identity: string) => {
      kept.lease = {
        metadata: { ...kept.lease!.metadata, resourceVersion: `${++kept.version}` },
        spec: { ...kept.lease!.spec, holderIdentity: identity },
      };
    },
  };
  const refuse = (status: number, method: string) => {
    throw new ApiError({ status, message: `status ${status}`, method, path: "/" });
  };
  const transport = {
    performRequest: async ({ method, bodyJson, abortSignal }: RequestOptions) => {
      await Promise.resolve();
      const fault = world.fault(method);
      if (fault === "refused") refuse(503, method);
      if (method === "GET" && kept.lease === undefined) refuse(404, method);
      if (method !== "GET") {
        if (world.late > 0) await delay(world.late);
        const body = structuredClone(bodyJson) as NonNullable<Kept["lease"]>;
        const before = body.metadata.resourceVersion;
        puts.push(fault);
        if (kept.lease !== undefined && before !== kept.lease.metadata.resourceVersion) refuse(409, method);
        kept.lease = {
          ...body,
          metadata: { ...body.metadata, uid: "u", resourceVersion: `${++kept.version}` },
        };
      }
      if (fault === "unanswered") {
        // It takes all the time that the caller gives it.
        await new Promise((resolve) => abortSignal!.addEventListener("abort", resolve));
        throw new NetworkError("NetworkTimeout", "no answer", { sent: true, method, path: "/" });
      }
      return structuredClone(method === "GET" ? world.past ?? kept.lease : kept.lease);
    },
  } as unknown as Transport;
  const election = new LeaderElection({
    transport,
    namespace: "n",
    name: "l",
    identity: "me",
    fieldManager: "test",
    durationSeconds: 3,
    renewDeadlineSeconds: 2,
    retrySeconds: 0.4,
    clocks: {
      monotonic: () => performance.now(),
      wall: () => (world.clocks.stopped ?? performance.now()) + world.clocks.now + world.clocks.set,
    },
    ...options,
  });
  return { ...world, world, election, kept };
}

/** Time of this thread, moved by the test: what else the machine does is no part of it. */
const driven = () => new DrivenTime(() => 0.5, Date.UTC(2026, 0, 1));

/** A process that has begun to hold the lease, until `stop`. */
async function holding(time: DrivenTime, options?: Partial<LeaderElectionOptions>) {
  const process = keeping(options);
  const stop = new AbortController();
  await through(time, process.election.acquire(stop.signal));
  return { ...process, stop, held: process.election.hold(stop.signal) };
}

Deno.test("a renewal that lands but is not answered is ours: the lease is renewed at once, and kept", async () => {
  using time = driven();
  const { world, puts, holder, stop, held } = await holding(time);
  let ended = false;
  held.then(() => ended = true);
  let n = 0;
  world.fault = (method) => method === "PUT" && n++ % 2 === 0 ? "unanswered" : "none";
  await time.pass(7_000);
  assert.equal(ended, false, "the lease is not lost");
  assert.ok(puts.filter((fault) => fault === "unanswered").length >= 2, `${puts}`);
  assert.equal(holder(), "me");
  world.fault = () => "none";
  stop.abort();
  assert.equal(await through(time, held), "released");
  assert.equal(holder(), "");
});

Deno.test("a renewal that landed without an answer counts from when it was sent, once it is seen", async () => {
  using time = driven();
  const { world, election, puts, stop, held } = await holding(time);
  // Sent after 0.4 s, given up after 1.4 s, seen after 1.8 s; the next one is refused.
  world.fault = (method) => method !== "PUT" ? "none" : puts.length === 1 ? "unanswered" : "refused";
  await time.pass(1_900);
  assert.equal(election.remaining(), 3_000 - (1_900 - 400));
  world.fault = () => "none";
  stop.abort();
  assert.equal(await through(time, held), "released");
});

Deno.test("a renewal that lands after it was given up meets the next one, which is sent once more", async () => {
  using time = driven();
  const { world, puts, stop, held } = await holding(time);
  // Our own late request: the version has moved on, the holder has not.
  world.give("me");
  await time.pass(900);
  assert.equal(puts.length, 4, "the first one, one that met the newer version, and two that did not");
  stop.abort();
  assert.equal(await through(time, held), "released");
});

Deno.test("a lease that another has taken meanwhile is lost", async () => {
  using time = driven();
  const { world, election, holder, held } = await holding(time);
  world.give("other");
  const began = time.clock.now();
  assert.equal(await through(time, held), "lost");
  assert.equal(time.clock.now() - began, 400, "at the first renewal");
  assert.equal(election.remaining(), 0);
  assert.equal(holder(), "other");
});

Deno.test("a lease that cannot be renewed in time is lost", async () => {
  using time = driven();
  const { world, election } = keeping();
  await through(time, election.acquire(new AbortController().signal));
  world.fault = () => "refused";
  const began = time.clock.now();
  assert.equal(await through(time, election.hold(new AbortController().signal)), "lost");
  assert.equal(
    time.clock.now() - began,
    2_000,
    "at the renewal that is due then, a second before others may take it",
  );
});

Deno.test("a renewal that is answered late counts from when it was sent", async () => {
  using time = driven();
  const { world, election } = keeping();
  const stop = new AbortController();
  world.late = 300;
  await through(time, election.acquire(stop.signal));
  assert.equal(election.remaining(), 3_000 - 300);
  const held = election.hold(stop.signal);
  await time.pass(400 + 300);
  assert.equal(election.remaining(), 3_000 - 300, "sent after 400 ms, answered after 300 more");
  // The other clock stands still.
  world.clocks.stopped = performance.now();
  world.fault = () => "refused";
  await time.pass(1_000);
  assert.equal(election.remaining(), 3_000 - 1_300);
  stop.abort(keepLease);
  assert.equal(await through(time, held), "released");
});

Deno.test("a suspended machine may not write until it has renewed; its lease may be another's", async () => {
  using time = driven();
  const { world, election } = keeping();
  await through(time, election.acquire(new AbortController().signal));
  assert.ok(election.remaining() > 1_000);
  world.clocks.set = 3_600_000; // the monotonic clock stood still
  assert.equal(election.remaining(), 0);
  world.give("other");
  assert.equal(await through(time, election.hold(new AbortController().signal)), "lost");
});

Deno.test("a clock that is set, forward or back, costs no lease", async () => {
  using time = driven();
  for (const step of [3_600_000, -3_600_000]) {
    const { world, election, holder, stop, held } = await holding(time);
    world.clocks.set = step;
    assert.equal(election.remaining() > 0, step < 0, "nobody can tell it from a suspension at first");
    await time.pass(900);
    assert.ok(election.remaining() > 1_500);
    assert.equal(holder(), "me");
    stop.abort();
    assert.equal(await through(time, held), "released");
  }
});

/** A lease of another on a server; each request takes 100 ms of a clock that nothing else moves. */
function othersLease(renewedUntil: number) {
  const told: string[] = [];
  let [now, version] = [0, 1];
  const lease = {
    holderIdentity: "other",
    leaseDurationSeconds: 10,
    leaseTransitions: 4,
    acquireTime: "then",
  };
  let spec: Record<string, unknown> = lease;
  const transport = {
    performRequest: ({ method, bodyJson }: RequestOptions) => {
      now += 100;
      if (method === "PUT") spec = structuredClone(bodyJson as { spec: typeof spec }).spec;
      // The other renews every second.
      else if (now <= renewedUntil && now % 1000 === 0) version++;
      const metadata = { name: "l", namespace: "n", uid: "u", resourceVersion: String(version) };
      return Promise.resolve({ metadata, spec: structuredClone(spec) });
    },
  } as unknown as Transport;
  const election = new LeaderElection({
    transport,
    namespace: "n",
    name: "l",
    identity: "me",
    fieldManager: "test",
    retrySeconds: 0.0001,
    lookSeconds: 0.0001,
    clocks: { monotonic: () => now, wall: () => now },
    log: (message) => told.push(message),
  });
  return { election, now: () => now, spec: () => spec, told };
}

Deno.test("a lease of another is taken once it has not changed for its whole duration, not before", async () => {
  for (const renewedUntil of [0, 5_000]) {
    const { election, now, spec, told } = othersLease(renewedUntil);
    await election.acquire(new AbortController().signal);
    // It was first seen, or last seen to change, at the latest 100 ms after that; the write takes 100 ms more.
    assert.ok(now() > renewedUntil + 10_000 && now() <= renewedUntil + 10_400, `after ${now()} ms`);
    assert.equal(spec().leaseTransitions, 5, "another holder");
    assert.deepEqual(told, ["the lease is held by other"], "once, however often it is renewed");
  }
});

Deno.test("the next look comes as soon as the other's time is over, however seldom one looks", async () => {
  using time = driven();
  const { election, kept } = keeping({ durationSeconds: 0.5, identity: "other" });
  await through(time, election.acquire(new AbortController().signal));
  const standby = keeping({ lookSeconds: 3_600 }, kept);
  await through(time, standby.election.acquire(new AbortController().signal));
  assert.equal(standby.holder(), "me");
});

Deno.test("a standby whose API server answers from the past takes nothing: its write names a version that is gone", async () => {
  using time = driven();
  const short = { durationSeconds: 0.3, renewDeadlineSeconds: 0.2, retrySeconds: 0.05 };
  const { stop, held, ...leader } = await holding(time, short);
  const standby = keeping({ durationSeconds: 0.3, lookSeconds: 0.05, identity: "other" }, leader.kept);
  standby.world.past = structuredClone(leader.kept.lease);
  const waiting = standby.election.acquire(stop.signal);
  await time.pass(1_000);
  assert.ok(standby.puts.length > 0, "it took the lease for expired, and tried");
  assert.deepEqual([leader.holder(), standby.election.isLeader, leader.election.isLeader], [
    "me",
    false,
    true,
  ]);
  stop.abort(new Error("enough"));
  await assert.rejects(through(time, waiting), /enough/);
  assert.equal(await through(time, held), "released");
});

Deno.test("two processes whose wall clocks are an hour apart hold the lease in turn, never both at once", async () => {
  using time = driven();
  const short = { durationSeconds: 0.6, renewDeadlineSeconds: 0.4, retrySeconds: 0.1, lookSeconds: 0.05 };
  const first = keeping(short);
  const second = keeping({ ...short, identity: "other" }, first.kept);
  first.world.clocks.set = 3_600_000;
  second.world.clocks.set = -3_600_000;
  await through(time, first.election.acquire(new AbortController().signal));
  const waiting = second.election.acquire(new AbortController().signal);
  let overlapped = false;
  const watching = setInterval(() => {
    if (first.election.remaining() > 0 && second.election.remaining() > 0) overlapped = true;
  }, 1);
  // The first renews for a while, then it cannot be reached any more: it must have stopped before the second begins.
  const held = first.election.hold(new AbortController().signal);
  await time.pass(1_000);
  assert.equal(second.election.isLeader, false, "as long as the first renews");
  first.world.fault = () => "refused";
  assert.equal(await through(time, held), "lost");
  await through(time, waiting);
  clearInterval(watching);
  assert.equal(overlapped, false);
  assert.equal(second.election.isLeader, true);
});

Deno.test("who renews its own lease is no new holder", async () => {
  const { election, lease } = stored({
    holderIdentity: "me",
    leaseDurationSeconds: 15,
    leaseTransitions: 4,
    acquireTime: "2026-01-01T00:00:00.000000Z",
  });
  await election.acquire(new AbortController().signal);
  assert.equal(lease.spec.leaseTransitions, 4);
  assert.equal(lease.spec.acquireTime, "2026-01-01T00:00:00.000000Z");
});

Deno.test("a lease that is kept on purpose is neither renewed nor given back", async () => {
  const { election, lease, asked } = stored({ holderIdentity: "me", leaseDurationSeconds: 15 });
  await election.acquire(new AbortController().signal);
  const before = asked.length;
  const stop = new AbortController();
  stop.abort(keepLease);
  assert.equal(await election.hold(stop.signal), "released");
  assert.equal(asked.length, before);
  assert.equal(lease.spec.holderIdentity, "me");
  assert.equal(election.isLeader, false);
});
