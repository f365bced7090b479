/** Of what an API server answers only the entries of `managedFields` are parsed that somebody looks at. */

import assert from "node:assert/strict";
import type { RequestOptions, Transport } from "../kube/transport.ts";
import { KubeWriter } from "../operator/apply/kube_writer.ts";
import { jobs, services, watchedKinds } from "./kinds.ts";

Deno.test("answers to writes keep what the cache keeps, and a look at an object keeps all", async () => {
  const asked: RequestOptions[] = [];
  const transport = {
    performRequest(options: RequestOptions) {
      asked.push(options);
      return Promise.resolve({ metadata: { name: "a", namespace: "ns" } });
    },
  } as unknown as Transport;
  const writer = new KubeWriter(transport, watchedKinds);
  assert.ok(jobs.managers.length > 0, "somebody applies Jobs");
  for (const { resource, managers } of [jobs, services]) {
    asked.length = 0;
    const object = {
      apiVersion: `${resource.group}/${resource.version}`,
      kind: resource.kind,
      metadata: { name: "a", namespace: "ns" },
    };
    await writer.apply(resource, object, "me");
    await writer.create(resource, object, "me");
    await writer.patch(resource, "ns", "a", { status: {} }, { manager: "me", subresource: "status" });
    await writer.get(resource, "ns", "a");
    assert.deepEqual(asked.map((options) => options.managers), [managers, managers, managers, undefined]);
  }
});
