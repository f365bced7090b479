import assert from "node:assert/strict";
import * as z from "zod";
import { crdOf } from "../../api/crd.ts";
import { kinds } from "../../api/mod.ts";
import { ApiError } from "../../kube/errors.ts";
import type { Transport } from "../../kube/transport.ts";
import { missingFields, olderKinds } from "./older_kinds.ts";

type Schema = Record<string, unknown> & { properties: Record<string, Schema> };

/** An API server that serves these kinds as we define them, but for what is changed. */
function serverOf(change: (schemas: Record<string, Schema>) => void = () => {}): Transport {
  const schemas = Object.fromEntries(kinds.map((kind) => [kind.kind, {
    ...structuredClone(crdOf(kind).spec.versions[0].schema.openAPIV3Schema) as unknown as Schema,
    "x-kubernetes-group-version-kind": [{ kind: kind.kind }],
  }]));
  change(schemas);
  return {
    performRequest: ({ path }: { path: string }) => {
      assert.equal(path, "/openapi/v3/apis/aim.eai.amd.com/v1alpha1");
      return Promise.resolve({ components: { schemas } });
    },
  } as unknown as Transport;
}

Deno.test("kinds as old as the operator", async () => {
  assert.equal(await olderKinds(serverOf(), kinds), undefined);
});

Deno.test("a newer one has more, and that is no fault", async () => {
  const newer = serverOf(({ AIMService }) => {
    AIMService.properties.spec.properties.shiny = { type: "string" } as unknown as Schema;
  });
  assert.equal(await olderKinds(newer, kinds), undefined);
});

Deno.test("an older one: the line names kind and fields, and what to do", async () => {
  const older = serverOf(({ AIMService, AIMModel }) => {
    delete AIMService.properties.status.properties.observedGeneration;
    for (const name of ["model", "template", "caching", "routing"]) {
      delete AIMService.properties.spec.properties[name];
    }
    delete (AIMModel.properties as Record<string, unknown>).status;
  });
  assert.equal(
    await olderKinds(older, kinds),
    "the installed CRDs are older than this operator: what they lack would be lost " +
      "(aimservices.aim.eai.amd.com spec.model, spec.template, spec.caching and 2 more; " +
      "aimmodels.aim.eai.amd.com status); " +
      "install its own first (kubectl apply -k manifests/crds)",
  );
});

Deno.test("fields in lists and maps are looked at, and what takes everything takes ours", () => {
  const ours = z.object({
    list: z.array(z.object({ a: z.string(), b: z.string().optional() })).optional(),
    map: z.record(z.string(), z.object({ c: z.string() })),
  });
  const text = { type: "string" };
  const same = {
    properties: {
      list: { items: { properties: { a: text, b: text } } },
      map: { additionalProperties: { properties: { c: text } } },
    },
  };
  const rows: [unknown, string[]][] = [
    [same, []],
    [{ properties: { list: { items: { properties: { a: text } } }, map: {} } }, ["x.list[].b", "x.map.*"]],
    [{
      properties: {
        list: { "x-kubernetes-preserve-unknown-fields": true },
        map: { additionalProperties: true },
      },
    }, []],
    [undefined, ["x"]],
  ];
  for (const [served, missing] of rows) {
    assert.deepEqual(missingFields(ours, served as Parameters<typeof missingFields>[1], "x"), missing);
  }
});

Deno.test("an API server that does not say it is believed, one that is broken is not", async () => {
  const answering = (status: number) =>
    ({
      performRequest: () => Promise.reject(new ApiError({ status, message: "no", method: "GET", path: "/" })),
    }) as unknown as Transport;
  assert.equal(await olderKinds(answering(403), kinds), undefined);
  assert.equal(await olderKinds(answering(404), kinds), undefined);
  await assert.rejects(olderKinds(answering(500), kinds));
});
