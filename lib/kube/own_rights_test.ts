/** What this process asks the API server about its own rights, and what it makes of the answers. */

import assert from "node:assert/strict";
import { ApiError } from "./errors.ts";
import type { Resource } from "./object.ts";
import { mayDo, mayRead } from "./own_rights.ts";
import type { RequestOptions, Transport } from "./transport.ts";

const apples: Resource = { group: "fruit", version: "v1", kind: "Apple", plural: "apples", namespaced: true };

interface Review {
  readonly spec: { readonly resourceAttributes: Readonly<Record<string, string | undefined>> };
}

/** An API server that answers each review with what `allowed` says of its verb, and notes what is asked. */
function reviewer(allowed: Readonly<Record<string, boolean | undefined>>) {
  const asked: unknown[] = [];
  const performRequest = ({ method, path, bodyJson }: RequestOptions) => {
    const { resourceAttributes } = (bodyJson as Review).spec;
    asked.push([`${method} ${path}`, JSON.parse(JSON.stringify(resourceAttributes))]);
    const answer = allowed[resourceAttributes.verb!];
    return Promise.resolve({
      ...(bodyJson as object),
      ...(answer === undefined ? {} : { status: { allowed: answer } }),
    });
  };
  return { transport: { performRequest } as unknown as Transport, asked };
}

const path = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

for (const namespace of ["orchard", undefined]) {
  Deno.test(`it asks for both verbs in ${namespace ?? "the cluster"}`, async () => {
    const { transport, asked } = reviewer({ list: true, watch: true });
    assert.equal(await mayRead(transport, apples, namespace), true);
    const where = { group: "fruit", resource: "apples", ...(namespace === undefined ? {} : { namespace }) };
    assert.deepEqual(asked, ["list", "watch"].map((verb) => [path, { ...where, verb }]));
  });
}

for (
  const allowed of [
    { list: true, watch: false },
    { list: false, watch: true },
    { list: false, watch: false },
    { list: true },
  ]
) {
  Deno.test(`${JSON.stringify(allowed)} is no right to read`, async () => {
    assert.equal(await mayRead(reviewer(allowed).transport, apples, "orchard"), false);
  });
}

Deno.test("once one verb is refused the other is not asked", async () => {
  const { transport, asked } = reviewer({ list: false, watch: true });
  await mayRead(transport, apples, "orchard");
  assert.equal(asked.length, 1);
});

Deno.test("a right may be one on a part of objects, or on one object", async () => {
  const { transport, asked } = reviewer({ get: true, bind: true });
  const log = { verb: "get", group: "", resource: "pods/log", namespace: "orchard" };
  const bind = {
    verb: "bind",
    group: "rbac.authorization.k8s.io",
    resource: "clusterroles",
    name: "updater",
  };
  assert.deepEqual([await mayDo(transport, log), await mayDo(transport, bind)], [true, true]);
  assert.deepEqual(asked, [
    [path, { ...log, resource: "pods", subresource: "log" }],
    [path, bind],
  ]);
});

Deno.test("no answer is no refusal", async () => {
  const failure = new ApiError({ status: 500, message: "fault", method: "POST", path });
  const transport = { performRequest: () => Promise.reject(failure) } as unknown as Transport;
  await assert.rejects(mayRead(transport, apples, "orchard"), failure);
});
