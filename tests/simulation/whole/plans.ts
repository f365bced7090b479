/**
 * What `kubectl aim plan` foresees, against what comes: a random cluster at rest, a random change of what users want, rehearsed
 * on a copy, and then made.
 */

import { madeOf, plainOf } from "../../../lib/cli/plan/changes.ts";
import { rehearse } from "../../../lib/cli/plan/plan.ts";
import type { Cluster } from "../../../lib/apiserver/cluster.ts";
import type { Objects } from "../../../lib/cli/rehearsal/rehearsal.ts";
import { manifestsIn } from "../../../lib/cli/files/manifests.ts";
import { isObject } from "../../../lib/kube/json/json.ts";
import { Random } from "../random.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";
import { discoveryImages, profiled } from "../../node_agent/discovery_images.ts";
import {
  everything,
  images,
  namespace,
  pathOf,
  type Plural,
  pushImages,
  type Wanted,
} from "./users_objects.ts";

const aim = "aim.eai.amd.com/v1alpha1";
const hardware = { gpu: { requests: 1, model: "MI300X" } };

/** What a user may write next. */
export function newWish(random: Random, n: number): AnyObject {
  const service = (spec: AnyObject, name = `new-${n}`) => ({
    apiVersion: aim,
    kind: "AIMService",
    metadata: { name, namespace },
    spec,
  });
  const template = (kind: string, spec: AnyObject, name = `tuned-${n}`) => ({
    apiVersion: aim,
    kind,
    metadata: { name, ...(kind === "AIMServiceTemplate" && { namespace }) },
    spec: { hardware, ...spec },
  });
  const env = [{ name: "N", value: String(n) }];
  const replicas = 1 + random.below(3);
  const sources = [{ modelId: `org/w${n}`, sourceUri: `hf://org/w${n}`, size: `${1 + random.below(9)}Gi` }];
  return random.pick<() => AnyObject>([
    () => service({ model: { name: "m" }, replicas }),
    () => service({ model: { name: "cm" }, replicas, env }),
    () => service({ model: { name: "cm" }, caching: { mode: "Dedicated" } }),
    () => service({ model: { name: "cm" }, template: { name: "nowhere" } }),
    () =>
      service({ model: { name: "m" }, template: { name: "by-hand" }, resources: { limits: { cpu: "4" } } }),
    () =>
      service({
        model: { name: "cm" },
        routing: { enabled: true, gatewayRef: { name: "public", namespace: "gateways" } },
      }),
    () => service({ model: { name: "m" }, replicas, env }, "by-name"),
    () => service({ model: { name: "cm" }, replicas }, "routed"),
    () => service({ model: { name: "m" }, overrides: { metric: "throughput" } }),
    () => template("AIMServiceTemplate", { modelName: "m", modelSources: sources, metric: "latency" }),
    () => template("AIMClusterServiceTemplate", { modelName: "bare", modelSources: sources }),
    () =>
      template(
        "AIMServiceTemplate",
        { modelName: "m", modelSources: [{ modelId: "org/a", sourceUri: "hf://org/a", size: "2Gi" }], env },
        "by-hand",
      ),
    () => ({
      apiVersion: aim,
      kind: "AIMTemplateCache",
      metadata: { name: `warm-${n}`, namespace },
      spec: { templateName: "by-hand-too", templateScope: "Cluster" },
    }),
    () => ({
      apiVersion: aim,
      kind: "AIMRuntimeConfig",
      metadata: { name: "default", namespace },
      spec: { env: [...env, { name: "TEAM", value: "ml" }] },
    }),
    () => ({
      apiVersion: aim,
      kind: "AIMArtifact",
      metadata: { name: `weights-${n}`, namespace },
      spec: { sourceUri: `hf://org/extra${n}`, size: "3Gi" },
    }),
    () => ({
      apiVersion: aim,
      kind: "AIMModel",
      metadata: { name: `model-${n}`, namespace },
      spec: {
        image: "registry.example.com/org/base:1",
        discovery: { extractMetadata: false },
        modelSources: sources,
        custom: { hardware, type: "optimized" },
      },
    }),
  ])();
}

/** Users' objects that a cluster begins with: all that services stand on, and some services. */
function beginning(random: Random): Wanted[] {
  return everything.filter(({ plural }) => plural !== "aimservices" || random.chance(0.6));
}

const profiles = new Map(
  Object.entries({ [images.a1]: "org/a", [images.a2]: "org/a", [images.b1]: "org/b" })
    .map(([image, model]) => [image, profiled(model, 16)]),
);

/** Longer than anything takes that is on its way. */
const settling = 20 * 60_000;

/** What is not as it was foreseen, of one seed. */
export async function unforeseen(seed: number): Promise<string[]> {
  const random = new Random(seed);
  using cluster = new WholeCluster(seed, { behaviourOf: discoveryImages(profiles) });
  pushImages(cluster.registry);
  for (const name of [namespace, "aim-system"]) {
    cluster.ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const { plural, object } of beginning(random)) cluster.ask("POST", pathOf(plural as Plural), object);
  cluster.start();
  // A change may come while everything is still on its way.
  await cluster.time.pass(random.chance(0.3) ? random.below(30_000) : settling);
  const wishes = Array.from({ length: 1 + random.below(3) }, (_, n) => newWish(random, n));
  const files = manifestsIn("wishes.json", JSON.stringify({ kind: "List", items: wishes }), (fault) => {
    throw new Error(fault);
  });
  const before = objectsOf(cluster.server.cluster);
  const plan = await rehearse({
    cluster: cluster.server.cluster,
    manifests: [],
    at: cluster.time.clock.now(),
    unseen: [],
    remarks: [],
    knowsSecrets: true,
    source: "the cluster",
  }, { files, namespace });
  const untouched = objectsOf(cluster.server.cluster);
  const wrong = [...before].filter(([key, object]) => untouched.get(key) !== object).map(([key]) =>
    `${key} was changed by planning`
  );
  for (const { object } of files) apply(cluster, object);
  await cluster.time.pass(settling);
  return [
    ...wrong,
    ...differences(plan.foreseen, objectsOf(cluster.server.cluster), plan.unknown.length > 0),
  ];
}

function apply(cluster: WholeCluster, object: AnyObject): void {
  const kind = cluster.server.cluster.kinds.byKind(object.apiVersion, object.kind)!;
  const within = kind.namespaced ? `/namespaces/${object.metadata.namespace}` : "";
  cluster.ask(
    "PATCH",
    `/apis/${object.apiVersion}${within}/${kind.plural}/${object.metadata.name}?fieldManager=kubectl&force=true`,
    object,
    "application/apply-patch+yaml",
  );
}

/** Kinds that the operator writes, without Jobs: those go by themselves when they have ended. */
const written = [
  "aimservices.aim.eai.amd.com",
  "aimmodels.aim.eai.amd.com",
  "aimclustermodels.aim.eai.amd.com",
  "aimservicetemplates.aim.eai.amd.com",
  "aimclusterservicetemplates.aim.eai.amd.com",
  "aimtemplatecaches.aim.eai.amd.com",
  "aimartifacts.aim.eai.amd.com",
  "inferenceservices.serving.kserve.io",
  "httproutes.gateway.networking.k8s.io",
  "persistentvolumeclaims",
  "serviceaccounts",
  "rolebindings.rbac.authorization.k8s.io",
];

/** What of them is there. */
export function objectsOf({ store }: Cluster): Objects {
  return new Map(
    written.flatMap((shelf) =>
      store.list(shelf).map((object) =>
        [`${shelf} ${object.metadata.namespace ?? ""}/${object.metadata.name}`, object] as const
      )
    ),
  );
}

/**
 * What was foreseen and has not come, and the other way round.
 *
 * @param open whether more may come than could be foreseen
 */
export function differences(foreseen: Objects, came: Objects, open: boolean): string[] {
  const [expected, is] = [textsOf(foreseen), textsOf(came)];
  const lacking = (all: readonly string[], others: readonly string[]) => {
    const left = [...others];
    return all.filter((each) => {
      const at = left.indexOf(each);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  return [
    ...lacking(expected, is).map((each) => `foreseen: ${each}`),
    // What follows from what nobody knows comes all the same.
    ...(open ? [] : lacking(is, expected).map((each) => `came: ${each}`)),
  ];
}

/** Objects as text, without identities, times and versions; of a status what was chosen. */
function textsOf(objects: Objects): string[] {
  const made = new Map([...objects.values()].flatMap(madeOf));
  const texts: string[] = [];
  for (const [key, object] of objects) {
    const [shelf] = key.split(" ");
    if (!written.includes(shelf)) continue;
    const { resolvedModel, resolvedTemplate } = (object.status ?? {}) as AnyObject;
    const chosen = [resolvedModel, resolvedTemplate].map((each) => each && [each.scope, each.name]);
    const plain = plainOf(object, made) as AnyObject;
    // Not the operator's: the volume that a claim was given, and marks of others.
    delete plain.spec?.volumeName;
    const annotations = Object.entries(plain.metadata.annotations ?? {}).filter(([key]) =>
      !othersMarks.test(key)
    );
    plain.metadata.annotations = Object.fromEntries(annotations);
    if (plain.metadata.finalizers?.join() === "inferenceservice.finalizers") delete plain.metadata.finalizers;
    texts.push(JSON.stringify([plain, chosen], inOrder));
  }
  return texts;
}

/** Annotations of KServe, of the volume binder and of provisioners. */
const othersMarks =
  /^serving\.kserve\.io\/deploymentMode$|^pv\.kubernetes\.io\/|^volume\.(beta\.)?kubernetes\.io\//;

/** Keys by name: each API server has an order of its own. */
function inOrder(_: string, value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
}

/** How many are played in `deno task test`; `AIM_PLANS` asks for others. */
export const planSeeds = Number(Deno.env.get("AIM_PLANS") ?? 16);
