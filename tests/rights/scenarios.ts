/**
 * What the operator needs each of its rights for, acted out: every scenario runs in a namespace of its own, as often as
 * one likes, and says which rights it takes. A right that no scenario takes is one too many.
 */

import assert from "node:assert/strict";
import type { Cluster } from "../control_plane/cluster.ts";
import { until } from "../control_plane/until.ts";
import {
  apiVersion,
  clusterModel,
  clusterRuntimeConfig,
  clusterTemplate,
  model,
  runtimeConfig,
  service,
  template,
} from "../e2e/catalogue.ts";
import type { AnyObject, User } from "../e2e/user.ts";

/** Where a scenario takes place. */
export interface Stage {
  readonly user: User;
  readonly plane: Cluster;
  /** A namespace that nothing else uses; names of cluster objects begin with it. */
  readonly namespace: string;
  /** Asks for the metrics with a token that the API server knows; returns the status code. */
  readonly scrape: () => Promise<number>;
}

export type Scenario = (stage: Stage) => Promise<void>;

/** A model with weights of its own, which makes a template for each entry. */
const withTemplates = (object: AnyObject, names: readonly string[]): AnyObject => ({
  ...object,
  spec: {
    image: object.spec.image,
    imageMetadata: object.spec.imageMetadata,
    modelSources: [{ modelId: "example/own", sourceUri: "hf://example/own", size: "1Gi" }],
    custom: { hardware: { gpu: { requests: 1, model: "MI300X" } } },
    customTemplates: names.map((name) => ({ name, type: "optimized" })),
  },
});

const chat = (namespace: string, more: AnyObject = {}) =>
  service("chat", namespace, { model: { name: namespace }, ...more });
const routing = { enabled: true, gatewayRef: { name: "inference" } };

/** A quota by which Jobs get no pods. */
const noPods = (namespace: string) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "no-pods", namespace },
  spec: { hard: { pods: "0" } },
});

async function catalogue({ user, namespace }: Stage): Promise<void> {
  await user.namespace(namespace);
  await user.apply([clusterModel(namespace), clusterTemplate(`${namespace}-latency`, namespace)]);
}

const gone = (what: string, list: () => Promise<readonly AnyObject[]>) =>
  until(`no ${what}`, async () => (await list()).length === 0, { everyMilliseconds: 200 });

export const scenarios = {
  "a service by the name of a model runs, with a route": async (stage) => {
    const { user, namespace } = stage;
    await catalogue(stage);
    await user.apply([chat(namespace, { routing })]);
    await user.reaches("aimservice", "chat", "Running", namespace);
    assert.equal((await user.list("httproutes", namespace)).length, 1);
    await until("its user is told", async () => {
      const events = await user.list("events", namespace);
      return events.some(({ source, reason }) =>
        source?.component === "aim-service-controller" && reason === "Resolved"
      );
    });
  },

  "a route goes when routing is switched off": async (stage) => {
    const { user, namespace } = stage;
    await catalogue(stage);
    await user.apply([chat(namespace, { routing })]);
    await user.reaches("aimservice", "chat", "Running", namespace);
    await user.apply([chat(namespace, { routing: { enabled: false } })]);
    await gone("route", () => user.list("httproutes", namespace));
  },

  "a service by image makes a model, and hands it its pull secret": async ({ user, namespace }) => {
    await user.namespace(namespace);
    const image = "127.0.0.1:1/no/where:1";
    const made = async () =>
      (await user.list("aimmodels", namespace)).find(({ spec, status }) =>
        spec.image === image && status !== undefined
      );
    await user.apply([service("imaged", namespace, { model: { image } })]);
    await until("the model of the image", made);
    await user.apply([
      service("imaged", namespace, { model: { image }, imagePullSecrets: [{ name: "regcred" }] }),
    ]);
    await until("its pull secret", async () => (await made())?.spec.imagePullSecrets?.[0].name === "regcred");
  },

  "models make templates, and take back what they no longer want": async ({ user, namespace }) => {
    await user.namespace(namespace);
    const both = (names: readonly string[]) =>
      user.apply([
        withTemplates(clusterModel(`${namespace}-many`), names),
        withTemplates(model("many", namespace), names),
      ]);
    const templates = async (name: RegExp) =>
      [
        ...await user.list("aimservicetemplates", namespace),
        ...await user.list("aimclusterservicetemplates", "default"),
      ].filter(({ metadata, spec }) =>
        [`${namespace}-many`, "many"].includes(spec.modelName) && name.test(metadata.name) &&
        (spec.modelName !== "many" || metadata.namespace === namespace)
      );
    await both(["one", "two"]);
    await until("four templates", async () => (await templates(/./)).length === 4);
    await both(["one"]);
    await gone("second template", () => templates(/two/));
  },

  "a template fills a cache ahead of its services": async ({ user, namespace }) => {
    await user.namespace(namespace);
    await user.apply([
      model("own", namespace),
      template("ahead", namespace, "own", { caching: { enabled: true } }),
    ]);
    await user.condition("aimservicetemplate", "ahead", "CacheReady", "Ready", namespace);
  },

  "a model source makes a model, and hands it its pull secret": async ({ user, namespace }) => {
    const source = (spec: AnyObject) => ({
      apiVersion,
      kind: "AIMClusterModelSource",
      metadata: { name: namespace },
      spec: { filters: [{ image: `registry.example.com:5000/${namespace}/pinned:2.0.0` }], ...spec },
    });
    const made = async () =>
      (await user.list("aimclustermodels", "default"))
        .find(({ metadata }) => metadata.labels?.["aim.eai.amd.com/model-source"] === namespace);
    await user.apply([source({})]);
    await user.reaches("aimclustermodelsource", namespace, "Ready");
    assert.ok(await made());
    await user.apply([source({ imagePullSecrets: [{ name: "regcred" }] })]);
    await until("its pull secret", async () => (await made())?.spec.imagePullSecrets?.[0].name === "regcred");
  },

  "a model is read with its pull secret": async ({ user, namespace }) => {
    await user.namespace(namespace);
    const { image } = clusterModel(namespace).spec;
    await user.apply([
      model("private", namespace, { image, imageMetadata: undefined, imagePullSecrets: [{ name: "none" }] }),
    ]);
    await user.condition("aimmodel", "private", "ImageMetadataReady", "SecretNotFound", namespace);
  },

  "an image is asked by a Job for its profiles, which its pod tells": async ({ user, namespace }) => {
    await user.namespace(namespace);
    await user.apply([
      model("own", namespace),
      template("mute", namespace, "own", { modelSources: undefined }),
    ]);
    // It has nothing to say here: so much its log tells.
    await user.reaches("aimservicetemplate", "mute", "Failed", namespace);
  },

  "a Job whose answer nobody needs any more is ended": async ({ user, namespace }) => {
    await user.namespace(namespace);
    await user.apply([noPods(namespace)]);
    await user.apply([
      model("own", namespace),
      template("mute", namespace, "own", { modelSources: undefined }),
    ]);
    const jobs = () => user.list("jobs", namespace, "app.kubernetes.io/component=discovery");
    await until("a Job that waits for its pod", async () => (await jobs()).length === 1);
    await user.apply([template("mute", namespace, "own")]);
    await gone("discovery Job", jobs);
  },

  "a template is derived for a service's overrides, and goes with it": async (stage) => {
    const { user, namespace } = stage;
    await catalogue(stage);
    const asked = { template: { name: `${namespace}-latency` }, overrides: { metric: "throughput" } };
    await user.apply([chat(namespace, asked)]);
    const derived = () => user.list("aimservicetemplates", namespace);
    await until("the derived template", async () => (await derived()).length === 1);
    await user.kubectl("delete", "aimservice", "chat", "-n", namespace, "--timeout=60s");
    await gone("derived template", derived);
  },

  "what never got Ready goes with its service": async (stage) => {
    const { user, namespace } = stage;
    await catalogue(stage);
    await user.apply([noPods(namespace)]);
    await user.apply([chat(namespace)]);
    await until("an artifact", async () => (await user.list("aimartifacts", namespace)).length === 1);
    await user.kubectl("delete", "aimservice", "chat", "-n", namespace, "--timeout=60s");
    await gone("cache", () => user.list("aimtemplatecaches", namespace));
    await gone("artifact", () => user.list("aimartifacts", namespace));
  },

  "runtime configs say whether they are sound": async ({ user, namespace }) => {
    await user.namespace(namespace);
    await user.apply([clusterRuntimeConfig(namespace, {}), runtimeConfig("own", namespace, {})]);
    await user.condition("aimclusterruntimeconfig", namespace, "Ready", "ConfigurationValid");
    await user.condition("aimruntimeconfig", "own", "Ready", "ConfigurationValid", namespace);
  },

  "a volume is taken back after a restore": async (stage) => {
    const { user, namespace } = stage;
    await catalogue(stage);
    await user.apply([chat(namespace)]);
    await user.reaches("aimservice", "chat", "Running", namespace);
    const [{ metadata: { name, ownerReferences } }] = await user.list("persistentvolumeclaims", namespace);
    assert.equal(ownerReferences.length, 1);
    const lost = '{"metadata":{"ownerReferences":null}}';
    await user.kubectl("patch", "pvc", name, "-n", namespace, "--type=merge", "-p", lost);
    await until("its owner", async () => {
      const { metadata } = await user.get("persistentvolumeclaim", name, namespace);
      return metadata.ownerReferences?.length === 1;
    });
  },

  "who reads the metrics is asked for": async ({ scrape }) => {
    await until("an answer", async () => await scrape() === 200, { everyMilliseconds: 500 });
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;
