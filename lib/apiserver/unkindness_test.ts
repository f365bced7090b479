import assert from "node:assert/strict";
import { Random } from "../../tests/simulation/random.ts";
import { DrivenClock } from "./clock.ts";
import { ApiServer } from "./server.ts";
import type { Answer, Request } from "./request.ts";
import { type Troubles, UnkindServer } from "./unkindness.ts";

function seeded(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}

function request(method: string, name: string, body?: unknown, query = ""): Request {
  const path = `/api/v1/namespaces/default/configmaps${name === "" ? "" : `/${name}`}`;
  return { method, path, query: new URLSearchParams(query), body, contentType: "application/json" };
}

const configMap = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

async function codes(troubles: Troubles, seed: number): Promise<(number | undefined)[]> {
  const server = new UnkindServer(new ApiServer({ clock: new DrivenClock(0) }), troubles, seeded(seed));
  const answers: (Answer | undefined)[] = [];
  for (let i = 0; i < 60; i++) answers.push(await server.handle(request("POST", "", configMap(`a${i}`))));
  return answers.map((answer) => answer?.code);
}

Deno.test("the same seed makes the same trouble, another seed another", async () => {
  const troubles = { tooManyRequests: 0.1, serverErrors: 0.1, lostAnswers: 0.1 };
  const first = await codes(troubles, 1);
  assert.deepEqual(await codes(troubles, 1), first);
  assert.notDeepEqual(await codes(troubles, 2), first);
  for (const code of [201, 429, 500, undefined]) assert.ok(first.includes(code), `${code} among them`);
});

Deno.test("what is refused is not done; what is lost is", async () => {
  const refusing = new ApiServer({ clock: new DrivenClock(0) });
  await new UnkindServer(refusing, { serverErrors: 1 }, seeded(1)).handle(
    request("POST", "", configMap("a")),
  );
  assert.equal(refusing.cluster.store.get("configmaps", "default", "a"), undefined);
  const losing = new ApiServer({ clock: new DrivenClock(0) });
  const answer = await new UnkindServer(losing, { lostAnswers: 1 }, seeded(1)).handle(
    request("POST", "", configMap("a")),
  );
  assert.equal(answer, undefined);
  assert.ok(losing.cluster.store.get("configmaps", "default", "a"));
});

Deno.test("conflicts come to updates only, worded as real ones", async () => {
  const server = new ApiServer({ clock: new DrivenClock(0) });
  const unkind = new UnkindServer(server, { conflicts: 1 }, seeded(1));
  assert.equal((await unkind.handle(request("POST", "", configMap("a"))))?.code, 201);
  const answer = await unkind.handle(request("PUT", "a", configMap("a"))) as {
    code: number;
    body: { message: string };
  };
  assert.equal(answer.code, 409);
  assert.match(
    answer.body.message,
    /^Operation cannot be fulfilled on configmaps "a": the object has been modified/,
  );
});

Deno.test("watches are cut within half a minute, or told that their version is forgotten; answers are late", async () => {
  const clock = new DrivenClock(0);
  const server = new ApiServer({ clock });
  const watchWith = async (troubles: Troubles) => {
    const answer = await new UnkindServer(server, troubles, seeded(3)).handle(
      request("GET", "", undefined, "watch=true"),
    );
    return (answer as Extract<Answer, { watch: unknown }>).watch;
  };
  const dropped = await watchWith({ droppedStreams: 1 });
  assert.equal(dropped.ended, false);
  clock.advance(31_000);
  assert.equal(dropped.ended, true);
  const forgotten = await watchWith({ forgottenVersions: 1 });
  assert.equal(((await forgotten.next())?.object as { code: number }).code, 410);
  const late = new UnkindServer(server, { late: 1000 }, seeded(3)).handle(request("GET", "nobody"));
  clock.advance(1000);
  assert.equal((await late)?.code, 404);
});

Deno.test("events are late, each watch in its own order, so that kinds overtake one another", async () => {
  const clock = new DrivenClock(0);
  const server = new ApiServer({ clock });
  const unkind = new UnkindServer(server, { lateEvents: 1_000 }, seeded(1));
  const told: string[] = [];
  for (const kind of ["configmaps", "serviceaccounts"]) {
    const answer = await unkind.handle({
      method: "GET",
      path: `/api/v1/namespaces/default/${kind}`,
      query: new URLSearchParams("watch=true"),
    }) as Extract<Answer, { watch: unknown }>;
    (async () => {
      for (let event = await answer.watch.next(); event !== undefined; event = await answer.watch.next()) {
        told.push((event.object as { metadata: { name: string } }).metadata.name);
      }
    })();
  }
  const made: string[] = [];
  for (let i = 0; i < 10; i++) {
    for (const kind of ["ConfigMap", "ServiceAccount"]) {
      const name = `${kind.toLowerCase()}-${i}`;
      const body = { apiVersion: "v1", kind, metadata: { name } };
      server.handle({
        ...request("POST", "", body),
        path: `/api/v1/namespaces/default/${kind.toLowerCase()}s`,
      });
      made.push(name);
    }
  }
  for (let passed = 0; passed < 1_000; passed += 10) {
    clock.advance(10);
    for (let turns = 0; turns < 20; turns++) await null;
  }
  const ofKind = (names: string[], kind: string) => names.filter((name) => name.startsWith(`${kind}-`));
  for (const kind of ["configmap", "serviceaccount"]) {
    assert.deepEqual(ofKind(told, kind), ofKind(made, kind));
  }
  assert.notDeepEqual(told, made);
});
