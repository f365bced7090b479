/**
 * The floor of a mix: as many writes of each verb and kind as the operator was measured to send, with bodies of
 * the kind, sent blindly by a bare client. What is created first is changed after.
 */

import type { Transport } from "../../lib/kube/transport.ts";
import { create, inParallel, patch } from "./bare_client.ts";
import { mixedService } from "./mix.ts";
import { floorNamespaces, namespaces } from "./scenario.ts";

type Body = Record<string, unknown> & { metadata: Record<string, unknown>; status?: Record<string, unknown> };

const groups: Readonly<Record<string, string>> = {
  aimservices: "/apis/aim.eai.amd.com/v1alpha1",
  aimtemplatecaches: "/apis/aim.eai.amd.com/v1alpha1",
  aimartifacts: "/apis/aim.eai.amd.com/v1alpha1",
  inferenceservices: "/apis/serving.kserve.io/v1beta1",
  httproutes: "/apis/gateway.networking.k8s.io/v1",
  jobs: "/apis/batch/v1",
  persistentvolumeclaims: "/api/v1",
  serviceaccounts: "/api/v1",
  rolebindings: "/apis/rbac.authorization.k8s.io/v1",
  events: "/api/v1",
};
/** Kinds that the operator makes with a server-side apply. */
const applied = ["inferenceservices", "httproutes"];

/**
 * @param writes what was measured, `patch aimservices/status` → how many; refused ones do not count
 * @returns the seconds that `count` services and all those writes took
 */
export async function mixedFloor(
  transport: Transport,
  count: number,
  writes: Readonly<Record<string, number>>,
): Promise<number> {
  const counted = Object.entries(writes).filter(([key]) => !key.includes("("));
  const samples = new Map<string, Body[]>();
  for (const [key] of counted) {
    const plural = pluralOf(key);
    if (groups[plural] === undefined) throw new Error(`the floor knows no ${plural} (${key})`);
    if (!samples.has(plural)) samples.set(plural, await samplesOf(transport, plural));
  }
  const made = new Map<string, number>([["aimservices", count]]);
  const creating = counted.filter(([key]) => isCreating(key));
  for (const [key, number] of creating) made.set(pluralOf(key), number);
  const began = performance.now();
  await inParallel(numbers(count), (n) => {
    const { object } = mixedService(n);
    const body = { ...object, metadata: placed("aimservices", n) };
    return create(transport, collection("aimservices", n), body);
  });
  const sends = [...creating, ...counted.filter(([key]) => !isCreating(key))];
  for (const [key, number] of sends) {
    const plural = pluralOf(key);
    const bodies = samples.get(plural)!;
    await inParallel(
      numbers(number),
      (n) => send(transport, key, n, n % (made.get(plural) ?? number), bodies[n % bodies.length]),
    );
  }
  return (performance.now() - began) / 1000;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const pluralOf = (key: string) => key.split(" ")[1].split("/")[0];
const isCreating = (key: string) =>
  key.startsWith("create ") || (applied.includes(pluralOf(key)) && !key.endsWith("/status"));
const namespaceOf = (n: number) => floorNamespaces[n % floorNamespaces.length];
const nameOf = (plural: string, n: number) => `floor-${plural}-${n}`;
const collection = (plural: string, n: number) => `${groups[plural]}/namespaces/${namespaceOf(n)}/${plural}`;
const placed = (plural: string, n: number) => ({ name: nameOf(plural, n), namespace: namespaceOf(n) });

async function samplesOf(transport: Transport, plural: string): Promise<Body[]> {
  const path = `${groups[plural]}/namespaces/${namespaces[0]}/${plural}`;
  const list = await transport.performRequest({ method: "GET", path, expectJson: true }) as {
    apiVersion: string;
    kind: string;
    items: Body[];
  };
  const kind = list.kind.replace(/List$/, "");
  const made = list.items.filter(({ metadata }) =>
    // Not what stood there before.
    !String(metadata.name).startsWith("bench-") && metadata.name !== "default"
  );
  return made.slice(0, 50).map((item) => ({ ...item, apiVersion: list.apiVersion, kind }));
}

/** The nth write of a kind, to the `target`th object of it. */
function send(transport: Transport, key: string, n: number, target: number, body: Body): Promise<unknown> {
  const plural = pluralOf(key);
  const path = `${collection(plural, target)}/${nameOf(plural, target)}`;
  if (isCreating(key)) {
    const { status: _, metadata: { labels, annotations, ownerReferences }, ...rest } = body;
    const metadata = { ...placed(plural, n), labels, annotations, ownerReferences };
    const object: Record<string, unknown> = { ...rest, metadata };
    if (plural === "events") {
      object.involvedObject = { ...object.involvedObject as object, namespace: namespaceOf(n) };
    }
    if (plural === "persistentvolumeclaims") delete (object.spec as Record<string, unknown>).volumeName;
    if (plural === "jobs") object.spec = unassigned(object.spec as Record<string, unknown>);
    if (!key.startsWith("patch ")) return create(transport, collection(plural, n), object);
    const query = { fieldManager: "floor", force: "true" };
    return patch(transport, `${collection(plural, n)}/${nameOf(plural, n)}`, object, {
      contentType: "application/apply-patch+yaml",
      query,
    });
  }
  if (!key.endsWith("/status")) {
    return patch(transport, path, { metadata: { finalizers: [`floor.example.com/${n}`] } });
  }
  // Each follows another of the same object, which it must change.
  return patch(transport, `${path}/status`, { status: { ...body.status, observedGeneration: n + 2 } });
}

/** A Job without what the API server has put into it. */
function unassigned(spec: Record<string, unknown>): Record<string, unknown> {
  const { selector: _, template, ...rest } = spec as { selector: unknown; template: { spec: unknown } };
  return { ...rest, template: { spec: template.spec } };
}
