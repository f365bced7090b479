/** What happens in a history, as data: it can be printed, left out, and played again. */

import type { Troubles } from "../../../lib/apiserver/unkindness.ts";
import type { Random } from "../random.ts";
import type { Mood } from "./played_registry.ts";
import { aimPlurals, everything, images, type Plural } from "./users_objects.ts";

/** What pods do that ask an image, that download, or that serve. */
export type Work = "discovery" | "download" | "serving";
export type Fate = "well" | "fail" | "out of memory" | "babble" | "unpullable" | "never start" | "hang";

/** `wait` is how many milliseconds pass before it. */
export type Action =
  & { readonly wait: number }
  & (
    | { readonly do: "make"; readonly which: number }
    /** The nth object of the kind is deleted, by somebody who may. */
    | { readonly do: "delete"; readonly plural: Plural; readonly nth: number }
    /** A merge patch on a user's object or, by its number, on any of a kind. */
    | { readonly do: "edit"; readonly plural: Plural; readonly of: string | number; readonly patch: object }
    /** A finalizer of somebody else's is put on the nth object of a kind; it goes at the end. */
    | { readonly do: "hold"; readonly plural: Plural; readonly nth: number }
    | { readonly do: "fate"; readonly work: Work; readonly fate: Fate }
    | { readonly do: "registry"; readonly mood: Mood }
    /** The kind of others, or the storage class, comes or goes. */
    | {
      readonly do: "install" | "uninstall";
      readonly what: "inferenceservices" | "httproutes" | "storageclass";
    }
    | { readonly do: "troubles"; readonly troubles: Troubles }
    /** The operator is killed after so many more writes; 0 is now. */
    | { readonly do: "crash"; readonly after: number }
    | { readonly do: "terminate" }
    /** Its requests hang for so long, and land then: another one leads meanwhile. */
    | { readonly do: "stall"; readonly milliseconds: number }
    | { readonly do: "second" }
  );

/** A storage class that nobody has. */
export const missingClass = "none";

export type What = Action extends infer A ? A extends { readonly wait: number } ? Omit<A, "wait"> : never
  : never;

const children: readonly Plural[] = [
  "inferenceservices",
  "httproutes",
  "persistentvolumeclaims",
  "pods",
  "jobs",
];

/** So many things that happen, by seed. */
export function actionsOf(random: Random, count: number): Action[] {
  return Array.from({ length: count }, () => {
    // Often at once, so that it meets the operator at work; sometimes after a rest.
    const wait = random.weighted([[4, 0], [4, random.below(500)], [3, random.below(5_000)], [
      1,
      random.below(60_000),
    ]]);
    return { ...whatOf(random), wait } as Action;
  });
}

function whatOf(random: Random): What {
  const nth = random.below(20);
  return random.weighted<() => What>([
    [8, () => ({ do: "make", which: random.below(everything.length) })],
    [4, () => ({ do: "delete", plural: random.pick(aimPlurals), nth })],
    [3, () => ({ do: "delete", plural: random.pick([...children, "nodes"]), nth })],
    [14, () => edit(random)],
    [5, () => meddle(random, nth)],
    [1, () => ({ do: "hold", plural: random.pick([...aimPlurals, ...children]), nth })],
    [4, () => ({
      do: "fate",
      work: random.pick<Work>(["discovery", "download", "serving"]),
      fate: random.pick<Fate>([
        "well",
        "well",
        "fail",
        "out of memory",
        "babble",
        "unpullable",
        "never start",
        "hang",
      ]),
    })],
    [2, () => ({ do: "registry", mood: random.pick<Mood>(["well", "well", "away", 401, 404, 429, 503]) })],
    [2, () => ({
      do: random.pick(["install", "install", "uninstall"]),
      what: random.pick(["inferenceservices", "httproutes", "storageclass"]),
    })],
    [5, () => ({ do: "troubles", troubles: troubles(random) })],
    [2, () => ({ do: "crash", after: random.below(12) })],
    [0.5, () => ({ do: "terminate" })],
    [0.7, () => ({ do: "stall", milliseconds: 1_000 * random.below(40) })],
    [1, () => ({ do: "second" })],
  ])();
}

function troubles(random: Random): Troubles {
  if (random.chance(0.2)) return {};
  const often = () => random.chance(0.4) ? random.pick([0.02, 0.1, 0.3]) : 0;
  return {
    tooManyRequests: often(),
    serverErrors: often(),
    conflicts: often(),
    lostAnswers: often(),
    droppedStreams: often(),
    forgottenVersions: often(),
    late: random.pick([0, 0, 50, 3_000]),
    lateEvents: random.pick([0, 0, 200, 5_000, 20_000]),
  };
}

/** A user's edit, to a good value or a bad one. */
function edit(random: Random): What {
  const service = random.pick(everything.filter(({ plural }) => plural === "aimservices")).name;
  const word = random.pick(["x", "y"]);
  const env = [{ name: "E", value: word }];
  const few = 1 + random.below(3);
  const on = (plural: Plural, of: string, patch: object): What => ({ do: "edit", plural, of, patch });
  const paused = random.pick(["true", null]);
  return random.pick<() => What>([
    () => on("aimservices", service, { spec: { replicas: few } }),
    () => on("aimservices", service, { spec: { env } }),
    () => on("aimservices", service, { spec: { model: { name: random.pick(["m", "cm", "nowhere"]) } } }),
    () => on("aimservices", service, { spec: { model: { image: random.pick(Object.values(images)) } } }),
    () =>
      on("aimservices", service, { spec: { template: { name: random.pick(["by-hand", "nowhere", null]) } } }),
    () => on("aimservices", service, { spec: { caching: { mode: random.pick(["Shared", "Dedicated"]) } } }),
    () =>
      on("aimservices", service, { spec: { runtimeConfigName: random.pick(["default", "nowhere", null]) } }),
    () =>
      on("aimservices", service, {
        spec: {
          routing: random.pick([
            null,
            { enabled: true, gatewayRef: { name: "public", namespace: "gateways" } },
            // Of a gateway of that name nobody knows anything (lib/surroundings/network/routes.ts).
            { enabled: true, gatewayRef: { name: "missing", namespace: "gateways" } },
            { enabled: true, pathTemplate: "/{.metadata.labels['none']}" },
          ]),
        },
      }),
    () =>
      on("aimservices", service, {
        spec: { resources: { limits: { memory: random.pick(["8Gi", "much"]) } } },
      }),
    () => on("aimservices", service, { metadata: { labels: { team: random.pick(["a", "b", null]) } } }),
    () =>
      on(random.pick(["aimservices", "aimmodels", "aimservicetemplates"]), service, {
        metadata: { annotations: { "aim.eai.amd.com/reconciliation-paused": paused } },
      }),
    () => on("aimmodels", "m", { spec: { image: random.pick([images.a1, images.a2, `${images.a1}9`]) } }),
    () => on("aimmodels", "m", { spec: { env } }),
    () => on("aimmodels", "m", { spec: { imagePullSecrets: random.pick([null, [{ name: "nowhere" }]]) } }),
    () => on("aimclustermodels", "cm", { spec: { env } }),
    () => on("aimservicetemplates", "by-hand", { spec: { env } }),
    () => on("aimservicetemplates", "by-hand", { spec: { caching: { enabled: few > 1 } } }),
    () => on("aimtemplatecaches", "warm", { spec: { env } }),
    () => on("aimtemplatecaches", "warm", { spec: { storageClassName: random.pick([missingClass, null]) } }),
    () => on("aimartifacts", "alone", { spec: { env } }),
    () => on("aimartifacts", "alone", { spec: { size: random.pick(["1Gi", "2Gi"]) } }),
    () => on("aimruntimeconfigs", "default", { spec: { env } }),
    () => on("aimruntimeconfigs", "default", { spec: { env: [{ name: "A=B", value: word }] } }),
    () => on("aimclusterruntimeconfigs", "default", { spec: { env: [{ name: "C", value: word }] } }),
    () =>
      on("aimclusterruntimeconfigs", "default", {
        spec: { labelPropagation: { enabled: few > 1, match: ["team"] } },
      }),
    () => on("aimclustermodelsources", "src", { spec: { maxModels: few } }),
    () =>
      on("aimclustermodelsources", "src", {
        spec: { filters: [{ image: random.pick(["team/x:1", "team/*"]) }] },
      }),
    () =>
      on("nodes", "n1", {
        metadata: { labels: { "amd.com/gpu.device-id": random.pick(["74a1", "74a5", null]) } },
      }),
    () => on("nodes", "n1", { metadata: { annotations: { beat: word } } }),
  ])();
}

/** Somebody writes to what is the operator's, or takes its ownership away. */
function meddle(random: Random, nth: number): What {
  const plural = random.pick<Plural>([
    ...children,
    "aimtemplatecaches",
    "aimartifacts",
    "aimservicetemplates",
  ]);
  const on = (plural: Plural, patch: object): What => ({ do: "edit", plural, of: nth, patch });
  return random.pick<() => What>([
    () => on(plural, { metadata: { annotations: { note: random.pick(["x", "y"]) } } }),
    () =>
      on(plural, { metadata: { labels: { "app.kubernetes.io/managed-by": random.pick(["thief", null]) } } }),
    () =>
      on(plural, { metadata: { labels: { "aim.eai.amd.com/service.name": random.pick(["thief", null]) } } }),
    () => on(plural, { metadata: { ownerReferences: null } }),
    () => on("inferenceservices", { spec: { predictor: { minReplicas: 3 } } }),
    () => on("inferenceservices", { spec: { predictor: { model: null, containers: null } } }),
    () => on("httproutes", { spec: { rules: [] } }),
    () => on(random.pick(aimPlurals), { metadata: { finalizers: null } }),
  ])();
}
