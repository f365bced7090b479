import assert from "node:assert/strict";
import { ApiError } from "../kube/errors.ts";
import type { RequestOptions, Transport } from "../kube/transport.ts";
import { secretVersionSource, unreadableSecret } from "./secret_version.ts";

/** What the source says of Secret `ml/hf` when the API server answers so; and the paths that were asked. */
async function asked(answer: () => unknown): Promise<{ version: string; paths: string[] }> {
  const paths: string[] = [];
  const performRequest = (request: RequestOptions) => {
    paths.push(`${request.method} ${request.path}`);
    return Promise.resolve().then(answer);
  };
  const source = secretVersionSource({ performRequest } as unknown as Transport);
  const version = await source.fetch({ namespace: "ml", name: "hf" }, new AbortController().signal);
  return { version, paths };
}

const refused = (status: number) => () => {
  throw new ApiError({ status, message: "no", method: "GET", path: "/" });
};

Deno.test("a Secret is read by name, and nothing but its version is told", async () => {
  const secret = { metadata: { name: "hf", resourceVersion: "77" }, data: { token: "c2VjcmV0" } };
  assert.deepEqual(await asked(() => secret), {
    version: "77",
    paths: ["GET /api/v1/namespaces/ml/secrets/hf"],
  });
});

Deno.test("a Secret that is not there has no version, one that may not be read is told apart; an outage is an error", async () => {
  assert.equal((await asked(refused(404))).version, "");
  assert.equal((await asked(refused(403))).version, unreadableSecret);
  assert.notEqual(unreadableSecret, "");
  await assert.rejects(asked(refused(500)));
});

Deno.test("a mended Secret is noticed within half a minute", () => {
  assert.equal(secretVersionSource({} as Transport).freshFor, 30_000);
});
