/**
 * The floor: the writes of a measured run, sent blindly by a bare client to the same API server, as fast as it takes
 * them: those of the operator and those of everybody else (users, and who plays KServe and the pods). Nobody waits for
 * anything; what is left is the price of the writes.
 *
 * A program of its own, so that its CPU can be told: `floor_client.ts <FloorTask as JSON>` prints a {@link Floor}.
 */

import process from "node:process";
import { ApiError } from "../../lib/kube/errors.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { bareClient, create, inParallel, patch } from "./bare_client.ts";
import { mixedService } from "./mix.ts";
import { floorNamespaces, namespaces, service } from "./scenario.ts";

/** Writes by verb and kind, `patch aimservices/status` → how many. */
type Writes = Readonly<Record<string, number>>;

export interface FloorTask {
  readonly kubeconfig: string;
  readonly services: number;
  readonly mix: boolean;
  readonly operator: Writes;
  readonly others: Writes;
}

export interface Floor {
  readonly seconds: number;
  /** Of this client, for the writes of the operator. */
  readonly cpuSeconds: number;
}

type Body = Record<string, unknown> & { metadata: Record<string, unknown>; status?: Record<string, unknown> };

const groups: Readonly<Record<string, string>> = {
  aimservices: "/apis/aim.eai.amd.com/v1alpha1",
  aimtemplatecaches: "/apis/aim.eai.amd.com/v1alpha1",
  aimartifacts: "/apis/aim.eai.amd.com/v1alpha1",
  inferenceservices: "/apis/serving.kserve.io/v1beta1",
  httproutes: "/apis/gateway.networking.k8s.io/v1",
  horizontalpodautoscalers: "/apis/autoscaling/v2",
  jobs: "/apis/batch/v1",
  pods: "/api/v1",
  persistentvolumeclaims: "/api/v1",
  serviceaccounts: "/api/v1",
  rolebindings: "/apis/rbac.authorization.k8s.io/v1",
  events: "/api/v1",
};
/** Kinds that the operator makes with a server-side apply. */
const applied = ["inferenceservices", "httproutes"];

/** Sends all writes; those of kinds that stand once in the cluster are few and left out. */
async function floor({ kubeconfig, services, mix, operator, others }: FloorTask): Promise<Floor> {
  const transport = await bareClient(kubeconfig);
  const known = (writes: Writes) =>
    Object.entries(writes).filter(([key]) => !key.includes("(") && groups[pluralOf(key)] !== undefined);
  const samples = new Map<string, Body[]>();
  for (const [key] of [...known(operator), ...known(others)]) {
    const plural = pluralOf(key);
    if (!samples.has(plural)) samples.set(plural, await samplesOf(transport, plural));
  }
  const made = new Map<string, number>([["aimservices", services]]);
  const sendAll = async (writes: [string, number][]) => {
    for (const [key, number] of writes) {
      const plural = pluralOf(key);
      if (isCreating(key)) made.set(plural, Math.max(made.get(plural) ?? 0, number));
      const bodies = samples.get(plural)!;
      if (bodies.length === 0) continue;
      const targets = made.get(plural) ?? number;
      await inParallel(
        numbers(number),
        (n) => send(transport, key, n, n % targets, bodies[n % bodies.length]).catch(refused),
      );
    }
  };
  const began = performance.now();
  await inParallel(numbers(services), (n) => {
    const { object } = mix ? mixedService(n) : service(n);
    return create(transport, collection("aimservices", n), {
      ...object,
      metadata: paused(placed("aimservices", n)),
    });
  });
  const before = process.cpuUsage();
  const creating = (writes: [string, number][]) => writes.filter(([key]) => isCreating(key));
  const changing = (writes: [string, number][]) => writes.filter(([key]) => !isCreating(key));
  await sendAll([...creating(known(operator)), ...changing(known(operator))]);
  const { user, system } = process.cpuUsage(before);
  const rest = known(others).filter(([key]) => key !== "create aimservices");
  await sendAll([...creating(rest), ...changing(rest)]);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Others' writes follow one another (a Job begins, then ends), which blind ones cannot: a refused one was sent, too. */
function refused(error: unknown): void {
  if (!(error instanceof ApiError) || error.status >= 500) throw error;
  refusals++;
}

let refusals = 0;

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const pluralOf = (key: string) => key.split(" ")[1].split("/")[0];
const isCreating = (key: string) =>
  key.startsWith("create ") || (applied.includes(pluralOf(key)) && !key.endsWith("/status"));
const namespaceOf = (n: number) => floorNamespaces[n % floorNamespaces.length];
const nameOf = (plural: string, n: number) => `floor-${plural}-${n}`;
const collection = (plural: string, n: number) => `${groups[plural]}/namespaces/${namespaceOf(n)}/${plural}`;
const placed = (plural: string, n: number) => ({ name: nameOf(plural, n), namespace: namespaceOf(n) });
const paused = (metadata: object) => ({
  ...metadata,
  annotations: { "aim.eai.amd.com/reconciliation-paused": "true" },
});

async function samplesOf(transport: Transport, plural: string): Promise<Body[]> {
  const path = `${groups[plural]}/namespaces/${namespaces[0]}/${plural}`;
  const list = await transport.performRequest({ method: "GET", path, expectJson: true }) as {
    apiVersion: string;
    kind: string;
    items: Body[];
  };
  const kind = list.kind.replace(/List$/, "");
  // Not what stood there before.
  const made = list.items.filter(({ metadata }) =>
    metadata.name !== "default" &&
    !Object.hasOwn(metadata.annotations as object ?? {}, "aim.eai.amd.com/reconciliation-paused")
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
  const changed = plural === "pods" ? { message: `floor ${n}` } : { observedGeneration: n + 2 };
  return patch(transport, `${path}/status`, { status: { ...body.status, ...changed } });
}

/** A Job without what the API server has put into it. */
function unassigned(spec: Record<string, unknown>): Record<string, unknown> {
  const { selector: _, template, ...rest } = spec as { selector: unknown; template: { spec: unknown } };
  return { ...rest, template: { spec: template.spec } };
}

if (import.meta.main) {
  console.log(JSON.stringify(await floor(JSON.parse(Deno.args[0]))));
  if (refusals > 0) console.error(`  ${refusals} writes of the floor were refused`);
  Deno.exit(0);
}
