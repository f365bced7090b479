/**
 * Who is in the API server's process may hand over objects that are frozen, for they are those of its store; and what
 * stands there has not always come by a request that was read. Reading writes into neither.
 */
import assert from "node:assert/strict";
import { DrivenClock } from "../../lib/apiserver/clock.ts";
import { frozen, thawed } from "../../lib/apiserver/json.ts";
import { shelfOf } from "../../lib/apiserver/kinds/kind.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import type { StoredObject } from "../../lib/apiserver/store/store.ts";
import { builtIn, type Subject } from "./conversations/subjects.ts";

/** A part of each status that reading takes away or completes. */
const unread = { conditions: [{ type: "Ready", status: "True", lastProbeTime: null, message: "" }] };

function pathOf({ apiVersion, plural, cluster }: Subject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return cluster ? `${root}/${plural}` : `${root}/namespaces/default/${plural}`;
}

for (const subject of builtIn) {
  const { apiVersion, kind, plural, cluster, good, before = [], status } = subject;
  Deno.test(`${plural}: what is stored is handed over as it is, whoever has stored it`, () => {
    const server = new ApiServer({ clock: new DrivenClock(Date.parse("2026-01-01T00:00:00Z")) });
    const ask = (method: string, path: string, body: unknown) => {
      const { code, body: answer } = server.handle({
        method,
        path,
        query: new URLSearchParams(),
        body: frozen(body),
        contentType: "application/json",
      }) as { code: number; body: StoredObject };
      assert.ok(code < 300, `${method} ${path}: ${JSON.stringify(answer)}`);
      return answer;
    };
    const here = (body: object) => JSON.parse(JSON.stringify(body).replaceAll("$ns", "default"));
    for (const [at, body] of before) ask("POST", at.replaceAll("$ns", "default"), here(body));
    const path = pathOf(subject);
    const name = "one";
    ask("POST", path, { apiVersion, kind, metadata: { name }, ...here(good) });
    const { store } = server.cluster;
    const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
    const shelf = shelfOf({ group, plural });
    const stored = () => store.get(shelf, cluster ? undefined : "default", name)!;

    // As the scheduler's binding does, and a snapshot: nobody reads it as a request is read.
    const hasConditions = status !== undefined;
    store.put(shelf, { ...thawed(stored()), ...hasConditions ? { status: { ...unread } } : {} });
    const [{ metadata, ...was }, version] = [stored(), stored().metadata.resourceVersion];
    const labelled = { ...was, metadata: { ...metadata, labels: { changed: "yes" } } };
    ask("PUT", `${path}/${name}`, labelled);
    const { metadata: after, ...is } = stored();
    assert.equal(after.labels?.changed, "yes");
    assert.notEqual(after.resourceVersion, version);
    assert.deepEqual(is.spec, was.spec);
    ask("PUT", `${path}/${name}`, stored());
    assert.equal(stored().metadata.resourceVersion, after.resourceVersion, "nothing has changed");
  });
}
