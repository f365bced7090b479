import assert from "node:assert/strict";
import { DrivenTime } from "../cli/rehearsal/driven_time.ts";
import { inTheBackground } from "../surroundings/mod.ts";
import { DrivenClock, realClock, timestamp } from "./clock.ts";
import { ApiServer } from "./server.ts";

Deno.test("a driven clock makes the calls that are due in the order of their moments", () => {
  const clock = new DrivenClock(0);
  const made: string[] = [];
  clock.after(30, () => made.push(`third at ${clock.now()}`));
  clock.after(10, () => {
    made.push(`first at ${clock.now()}`);
    clock.after(10, () => made.push(`second at ${clock.now()}`));
  });
  clock.after(5, () => made.push("never"))();
  clock.advance(25);
  assert.deepEqual(made, ["first at 10", "second at 20"]);
  assert.equal(clock.next(), 30);
  clock.advance(5);
  assert.deepEqual(made.at(-1), "third at 30");
  assert.equal(clock.next(), undefined);
});

Deno.test("times are written in whole seconds", () => {
  assert.equal(timestamp(Date.UTC(2024, 0, 2, 3, 4, 5, 678)), "2024-01-02T03:04:05Z");
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("the real clock is not driven: what is asked of it while a plan is rehearsed in its thread comes after that", async () => {
  const before = Date.now();
  let called = false;
  {
    using _time = new DrivenTime(() => 0.5, 0);
    realClock.after(1, () => called = true);
    assert.ok(realClock.now() >= before);
  }
  for (let turns = 0; turns < 2_000 && !called; turns++) await turn();
  assert.ok(called);
});

Deno.test("the neighbours of a live cluster work on after a plan was rehearsed in its thread", async () => {
  const server = new ApiServer();
  const ask = (method: string, path: string, body?: Record<string, unknown>) =>
    server.handle({ method, path, query: new URLSearchParams(), body: body as never, userAgent: "kubectl" });
  const neighbours = inTheBackground(server);
  do await turn(); while (!neighbours.isSettled);
  {
    using _time = new DrivenTime(() => 0.5, 0);
    ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
  }
  const account = "/api/v1/namespaces/team/serviceaccounts/default";
  for (let turns = 0; turns < 2_000 && ask("GET", account).code === 404; turns++) await turn();
  neighbours.stop();
  assert.equal(ask("GET", account).code, 200);
});
