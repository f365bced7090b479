import assert from "node:assert/strict";
import { DrivenClock } from "../apiserver/clock.ts";
import { ApiServer } from "../apiserver/server.ts";
import { InMemoryCluster } from "./in_memory.ts";
import { nodes } from "./resources.ts";
import { Surroundings } from "./run.ts";

Deno.test("a controller is told once of each object of its kind that is gone", () => {
  const server = new ApiServer({ clock: new DrivenClock(0) });
  const [seen, gone]: string[][] = [[], []];
  const surroundings = new Surroundings(new InMemoryCluster(server), [{
    name: "watcher",
    resource: nodes,
    reconcile: ({ metadata }) => (seen.push(metadata.name), []),
    gone: ({ metadata }) => void gone.push(metadata.name),
  }], {});
  const ask = (method: string, path: string, body?: object) => {
    const { code } = server.handle(
      { method, path, query: new URLSearchParams(), body, userAgent: "test" } as never,
    );
    assert.ok(code! < 300);
    surroundings.settle();
  };
  const node = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });
  for (const name of ["a", "b"]) ask("POST", "/api/v1/nodes", node(name));
  ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
  ask("DELETE", "/api/v1/nodes/a");
  ask("DELETE", "/api/v1/namespaces/other");
  assert.deepEqual([seen, gone], [["a", "b"], ["a"]]);
  surroundings.stop();
});
