/** What must hold of the operator's cluster: whenever it has come to rest, and at the end, when everything is mended. */

import { equalJson } from "../../../lib/kube/json/equal.ts";
import { isObject } from "../../../lib/kube/json/json.ts";
import { untrueCode } from "./codes.ts";
import type { History } from "./history.ts";
import type { AnyObject } from "./whole_cluster.ts";
import { aimPlurals, everything, type Plural, type Wanted } from "./users_objects.ts";

const condition = ({ status }: AnyObject, type: string): AnyObject | undefined =>
  status?.conditions?.find((each: AnyObject) => each.type === type);
const isTrue = (object: AnyObject | undefined, type: string) =>
  object !== undefined && condition(object, type)?.status === "True";
const isGoing = ({ metadata }: AnyObject) => metadata.deletionTimestamp !== undefined;
const isPaused = ({ metadata }: AnyObject) =>
  metadata.annotations?.["aim.eai.amd.com/reconciliation-paused"] === "true";
const nameOf = ({ kind, metadata }: AnyObject) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

/** Objects of a kind that an object owns. */
function ownedBy(history: History, { metadata: { uid } }: AnyObject, plural: Plural): AnyObject[] {
  return history.list(plural).filter(({ metadata }) =>
    metadata.ownerReferences?.some((owner: AnyObject) => owner.uid === uid)
  );
}

/** Whether a gateway that the route names has accepted it as it is now. */
const isAccepted = ({ metadata, spec, status }: AnyObject) =>
  status?.parents?.some(({ parentRef, conditions }: AnyObject) =>
    spec.parentRefs.some((named: AnyObject) => equalJson(named, parentRef)) &&
    conditions.some(({ type, status, observedGeneration }: AnyObject) =>
      type === "Accepted" && status === "True" && observedGeneration === metadata.generation
    )
  );

/** What is untrue of the statuses: what they say is compared with what there is. */
export function untruths(history: History): string[] {
  const wrong: string[] = [];
  const judged = aimPlurals.flatMap((plural) => history.list(plural)).filter((object) =>
    !isGoing(object) && !isPaused(object)
  );
  for (const object of judged) {
    const say = (what: string) => wrong.push(`${nameOf(object)} ${what}`);
    const { status, metadata, kind } = object;
    if (status?.status === "Running" !== isTrue(object, "Ready") && kind === "AIMService") {
      say(`is ${status?.status} and Ready ${condition(object, "Ready")?.status}`);
    }
    if (kind === "AIMService") {
      for (const wrongOf of [untoldTroubles, untoldKinds, untrueCode]) wrongOf(history, object).forEach(say);
    }
    if (!isTrue(object, "Ready")) continue;
    // What is not carried out yet is not told of as if it were.
    if (status.observedGeneration !== metadata.generation) {
      say(`is Ready of generation ${status.observedGeneration}, and has ${metadata.generation}`);
    }
    if (kind === "AIMService") brokenBelow(history, object).forEach((part) => say(`is Ready over ${part}`));
    if (kind === "AIMTemplateCache") {
      for (const { name } of Object.values(status.artifacts ?? {}) as AnyObject[]) {
        const artifact = history.get("aimartifacts", name, metadata.namespace);
        if (artifact === undefined || !isPaused(artifact) && !isTrue(artifact, "Ready")) {
          say(`is Ready over the artifact ${name}, which is ${artifact?.status?.status}`);
        }
      }
    }
    if (kind.endsWith("RuntimeConfig")) {
      const name = object.spec?.storage?.defaultStorageClassName;
      if (name && history.get("storageclasses", name) === undefined) {
        say(`is Ready over a class ${name} that is not there`);
      }
      if (object.spec?.env?.some((entry: AnyObject) => entry.name === "A=B")) {
        say("is Ready with the variable A=B");
      }
    }
    if (kind === "AIMArtifact") {
      const claim = history.get("persistentvolumeclaims", status.persistentVolumeClaim, metadata.namespace);
      if (claim?.status?.phase !== "Bound") say(`is Ready over a claim that is ${claim?.status?.phase}`);
    }
  }
  return wrong;
}

/** What is said of pods that are on their way. */
const onTheWay = ["PodsStarting", "PodsPending", "PodsProgressing", "NoPods"];

/** Containers that cannot start: with pods of such only, an endpoint's service says why. */
function untoldTroubles(history: History, service: AnyObject): string[] {
  const [endpoint, ...others] = ownedBy(history, service, "inferenceservices");
  if (endpoint === undefined || others.length > 0 || isGoing(endpoint)) return [];
  const pods = podsOf(history, endpoint).filter((pod) => !isGoing(pod));
  const causes = pods.map(({ status }) =>
    (status?.containerStatuses ?? []).map(({ state }: AnyObject) => state?.waiting?.reason)
      .find((reason: string | undefined) => /BackOff|^ErrImage/.test(reason ?? ""))
  );
  if (causes.length === 0 || causes.includes(undefined)) return [];
  const { status, reason } = condition(service, "InferenceServicePodsReady") ?? {};
  if (status === "False" && !onTheWay.includes(reason)) return [];
  return [`does not say ${causes[0]} of its pods, but ${status} ${reason}`];
}

/** Conditions of what a service needs, and how they say that its kind is not installed. */
const needed: readonly (readonly ["inferenceservices" | "httproutes", string, readonly string[]])[] = [
  ["inferenceservices", "InferenceServiceReady", ["KServeNotInstalled"]],
  // What is wrong with the service's own routing is said first (services.md §11.3).
  ["httproutes", "HTTPRouteReady", [
    "GatewayNotConfigured",
    "InvalidRequestTimeout",
    "PathTemplateInvalid",
    "GatewayAPINotInstalled",
  ]],
];

/** What a service says of objects whose kind is not installed, and does not say that. */
function untoldKinds(history: History, service: AnyObject): string[] {
  return needed.flatMap(([plural, type, wanted]) => {
    const { reason } = condition(service, type) ?? {};
    if (reason === undefined || wanted.includes(reason) || history.isInstalled(plural)) return [];
    return [`says ${type} ${reason}, and ${plural} are not installed`];
  });
}

function podsOf(history: History, endpoint: AnyObject): AnyObject[] {
  return history.list("pods").filter(({ metadata }) =>
    metadata.labels?.["serving.kserve.io/inferenceservice"] === endpoint.metadata.name
  );
}

/** What does not work below a service that says it is Ready. */
function brokenBelow(history: History, service: AnyObject): string[] {
  const endpoints = ownedBy(history, service, "inferenceservices");
  if (endpoints.length !== 1) return [`${endpoints.length} endpoints`];
  const [endpoint] = endpoints;
  if (!isTrue(endpoint, "Ready")) return [`an endpoint that is not`];
  if (!podsOf(history, endpoint).some((pod) => isTrue(pod, "Ready"))) return ["no pod that is ready"];
  if (service.spec.routing?.enabled === true && !ownedBy(history, service, "httproutes").some(isAccepted)) {
    return ["a route that nobody accepts"];
  }
  const { resolvedTemplate: template } = service.status;
  const found = template?.scope === "Cluster"
    ? history.get("aimclusterservicetemplates", template.name)
    : history.get("aimservicetemplates", template?.name ?? "");
  return found === undefined ? [`a template ${template?.name} that is not there`] : [];
}

/** What is there twice, or for nobody any more. */
export function leftovers(history: History): string[] {
  const wrong: string[] = [];
  const services = history.list("aimservices");
  for (const service of services) {
    const endpoints = ownedBy(history, service, "inferenceservices").filter((each) => !isGoing(each));
    if (endpoints.length > 1) wrong.push(`${nameOf(service)} has ${endpoints.length} endpoints`);
  }
  for (const plural of ["inferenceservices", "httproutes", "jobs", "persistentvolumeclaims"] as const) {
    for (const object of history.list(plural)) {
      const { metadata } = object;
      if (history.robbed.has(metadata.uid) || isGoing(object)) continue;
      const owners = (metadata.ownerReferences ?? []) as AnyObject[];
      const ofOurs = owners.filter(({ apiVersion }) => apiVersion.startsWith("aim.eai.amd.com/"));
      if (ofOurs.length === 0) {
        if (plural !== "persistentvolumeclaims") wrong.push(`${nameOf(object)} has no owner`);
      } else if (!ofOurs.some((owner) => exists(history, owner))) {
        wrong.push(`${nameOf(object)} outlives its owner`);
      }
    }
  }
  wrong.push(...doubles(history));
  for (const cache of history.list("aimtemplatecaches")) {
    const owners = (cache.metadata.ownerReferences ?? []) as AnyObject[];
    if (cache.spec.mode === "Dedicated" && owners.length === 0 && !history.robbed.has(cache.metadata.uid)) {
      wrong.push(`${nameOf(cache)} is Dedicated to nobody`);
    }
  }
  return wrong;
}

/** What the operator has made twice of what is there for all of the namespace, or for one owner. */
function doubles(history: History): string[] {
  const madeFor = (object: AnyObject): string | undefined => {
    const { kind, metadata, spec } = object;
    const [owner] = (metadata.ownerReferences ?? []) as AnyObject[];
    switch (kind) {
      case "HTTPRoute":
        return owner && `${kind} of ${owner.name} ${owner.uid}`;
      case "AIMTemplateCache":
        return history.isUsers(object)
          ? undefined
          : `${kind} of ${spec.templateScope} ${spec.templateName} ${owner?.uid}`;
      case "AIMArtifact":
        return history.isUsers(object)
          ? undefined
          : `${kind} of ${spec.sourceUri} ${spec.storageClassName} ${owner?.uid}`;
    }
  };
  const seen = new Map<string, string>();
  return (["httproutes", "aimtemplatecaches", "aimartifacts"] as const).flatMap((plural) =>
    history.list(plural)
  )
    .filter((object) => !isGoing(object) && !history.robbed.has(object.metadata.uid))
    .flatMap((object) => {
      const what = madeFor(object);
      if (what === undefined) return [];
      const other = seen.get(what);
      seen.set(what, object.metadata.name);
      return other === undefined ? [] : [`${what}: both ${other} and ${object.metadata.name}`];
    });
}

function exists(history: History, { uid }: AnyObject): boolean {
  return aimPlurals.some((plural) => history.list(plural).some(({ metadata }) => metadata.uid === uid));
}

/** What is not as it is in a cluster to which nothing ever happened. */
export function differencesFrom(calm: ReadonlyMap<string, string>, history: History): string[] {
  const now = endStateOf(history);
  return [...calm].filter(([name]) => now.has(name)).flatMap(([name, state]) =>
    differingPaths(JSON.parse(state), JSON.parse(now.get(name)!)).slice(0, 3)
      .map((path) => `${name} is not as in a calm cluster: ${path}`)
  );
}

/** Where two values differ, and how. */
function differingPaths(calm: unknown, now: unknown, at = ""): string[] {
  if (!isObject(calm) && !Array.isArray(calm) || !isObject(now) && !Array.isArray(now)) {
    return equalJson(calm, now) ? [] : [`${at}: ${JSON.stringify(now)}, not ${JSON.stringify(calm)}`];
  }
  const [a, b] = [calm, now] as AnyObject[];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differingPaths(a[key], b[key], `${at}.${key}`)
  );
}

/** What became of each of the users' objects, less what differs from run to run: names with UIDs in them, times, counts. */
export function endStateOf(history: History): Map<string, string> {
  const states = new Map<string, string>();
  for (const { plural, name } of everything) {
    const object = history.get(plural, name);
    if (object === undefined || !plural.startsWith("aim")) continue;
    const { status = {} } = object;
    const state: AnyObject = {
      status: status.status,
      ready: condition(object, "Ready")?.status,
      why: isTrue(object, "Ready") ? undefined : condition(object, "Ready")?.message,
      model: reference(status.resolvedModel),
      template: reference(status.resolvedTemplate),
    };
    if (plural === "aimservices") {
      state.endpoints = ownedBy(history, object, "inferenceservices").map(({ metadata, spec }) => ({
        labels: metadata.labels,
        spec,
      }));
      state.routes = ownedBy(history, object, "httproutes").map(({ spec }) => spec);
    }
    states.set(`${plural} ${name}`, unnamed(JSON.stringify(state)));
  }
  return states;
}

const reference = (to: AnyObject | undefined) => to && `${to.scope} ${to.name}`;

/** UIDs, what is named by them, and what is named by a hash of them. */
function unnamed(text: string): string {
  return text.replaceAll(/"claimName":"[^"]*"/g, '"claimName":"…"')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…")
    .replaceAll(/(hf---[a-z-]+-)[0-9a-f]{10}/g, "$1…");
}

/** Whether everything that users want works. */
export function isFine(history: History, unwanted: readonly Wanted[]): boolean {
  return everything.every((wanted) => {
    const object = history.get(wanted.plural, wanted.name);
    if (unwanted.includes(wanted)) return object === undefined;
    if (wanted.plural === "aimservices") return object?.status?.status === "Running";
    return object !== undefined && (object.status?.conditions === undefined || isTrue(object, "Ready") ||
      wanted.plural === "aimclustermodelsources");
  });
}
