/** What the users of services read that cannot work as they are (issue: AIMService complete, bad input). */

import assert from "node:assert/strict";
import { type Installation, uninstall } from "../e2e/installation.ts";
import { clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import { until } from "../control_plane/until.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { startSmallCluster } from "./small_cluster.ts";

const namespace = "ml-team";
const apiVersion = "aim.eai.amd.com/v1alpha1";

let installation: Installation;
let user: User;

interface Row {
  readonly what: string;
  readonly name: string;
  readonly spec: AnyObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status: string;
  /** Condition type → reason, and what its message must say, piece by piece. */
  readonly says: Readonly<Record<string, readonly [reason: string, ...texts: string[]]>>;
  /** What to change for it to run; a merge patch of the service. */
  readonly mend?: AnyObject;
}

const named = (more: AnyObject) => ({ model: { name: "good" }, ...more });
const routed = (pathTemplate: string) => ({ enabled: true, gatewayRef: { name: "g" }, pathTemplate });
const invalid = (...texts: string[]) => ["InvalidSpec", "Configuration validation failed", ...texts] as const;
const unparsable = (image: string, cause: string): Row["says"] => ({
  ModelReady: ["InvalidImageReference", `invalid image URI "${image}": ${cause}`],
  ConfigValid: invalid("Model", cause),
  Ready: invalid(cause),
});
const metric = (target: AnyObject) => ({
  minReplicas: 1,
  maxReplicas: 3,
  autoScaling: { metrics: [{ type: "PodMetric", podmetric: { metric: { query: "q" }, target } }] },
});

const rows: readonly Row[] = [
  {
    what: "an image with an empty tag",
    name: "no-tag",
    spec: { model: { image: "reg.io/chat:" } },
    status: "Failed",
    says: unparsable("reg.io/chat:", "malformed tag reference (empty tag)"),
  },
  {
    what: "an image with half a digest",
    name: "half-digest",
    spec: { model: { image: "reg.io/chat@sha256" } },
    status: "Failed",
    says: unparsable("reg.io/chat@sha256", "malformed digest (missing colon): sha256"),
  },
  {
    what: "an image whose digest has no hash",
    name: "no-hash",
    spec: { model: { image: "reg.io/chat@sha256:" } },
    status: "Failed",
    says: unparsable("reg.io/chat@sha256:", "malformed digest (no hash after colon)"),
  },
  {
    what: "an empty image",
    name: "no-image",
    spec: { model: { image: " " } },
    status: "Failed",
    says: unparsable("", "image reference is empty"),
  },
  {
    what: "an image that several models have",
    name: "several",
    spec: { model: { image: "reg.io/twice:1" } },
    status: "Failed",
    says: {
      ModelReady: [
        "MultipleModelsFound",
        'multiple models found with the same image with image "reg.io/twice:1"',
        "ml-team/twice-here (namespace)",
        "twice-there (cluster)",
      ],
      ConfigValid: invalid("twice-there (cluster)"),
      Ready: invalid("twice-here"),
    },
  },
  {
    what: "templates that tie",
    name: "tied",
    spec: { model: { name: "tied" } },
    status: "Failed",
    says: {
      TemplateReady: [
        "TemplateSelectionAmbiguous",
        'Multiple templates (2) satisfy model "tied"',
        "tied-a, tied-b",
      ],
      Ready: ["TemplateSelectionAmbiguous", "tied-a, tied-b"],
    },
    mend: { spec: { template: { name: "tied-b" } } },
  },
  {
    what: "overrides that no template satisfies",
    name: "unmatched",
    spec: named({ overrides: { metric: "throughput" } }),
    status: "Pending",
    says: {
      ModelReady: ["ModelResolved"],
      TemplateReady: [
        "TemplateNotFound",
        'No available templates match requirements for model "good"',
        "good-latency: ServiceOverridesNotMatched",
        "throughput",
      ],
    },
    mend: { spec: { overrides: null } },
  },
  {
    what: "a minimum above the maximum",
    name: "upside-down",
    spec: named({ minReplicas: 4, maxReplicas: 2 }),
    status: "Failed",
    says: {
      InferenceServiceReady: ["InvalidScaling", "spec.minReplicas 4 is above spec.maxReplicas 2"],
      ConfigValid: invalid("InferenceService", "spec.minReplicas 4"),
      Ready: invalid("spec.maxReplicas 2"),
    },
    mend: { spec: { minReplicas: null, maxReplicas: null } },
  },
  {
    what: "replicas below nothing",
    name: "negative",
    spec: named({ replicas: -1 }),
    status: "Failed",
    says: {
      InferenceServiceReady: ["InvalidScaling", "spec.replicas is -1"],
      Ready: invalid("spec.replicas is -1"),
    },
    mend: { spec: { replicas: 1 } },
  },
  {
    what: "a metric whose value does not parse",
    name: "metric-value",
    spec: named(metric({ type: "Value", value: "lots" })),
    status: "Failed",
    says: {
      InferenceServiceReady: [
        "InvalidScaling",
        'spec.autoScaling.metrics[0].podmetric.target.value "lots" is no quantity',
      ],
      Ready: invalid('"lots"'),
    },
    mend: { spec: { minReplicas: null, maxReplicas: null, autoScaling: null } },
  },
  {
    what: "a metric whose average does not parse",
    name: "metric-average",
    spec: named(metric({ type: "AverageValue", averageValue: "1 2" })),
    status: "Failed",
    says: { InferenceServiceReady: ["InvalidScaling", 'podmetric.target.averageValue "1 2" is no quantity'] },
  },
  {
    what: "a path template that does not evaluate",
    name: "no-label",
    spec: named({ routing: routed("/{.metadata.labels['team']}") }),
    status: "Degraded",
    says: {
      HTTPRouteReady: [
        "PathTemplateInvalid",
        "failed to evaluate route template \".metadata.labels['team']\"",
        'jsonpath evaluation error: label "team" not found',
      ],
      InferenceServiceReady: ["RuntimeReady"],
      Ready: ["PathTemplateInvalid", 'label "team" not found'],
    },
    mend: { metadata: { labels: { team: "nlp" } } },
  },
  {
    what: "a path template with a mistake",
    name: "bad-syntax",
    spec: named({ routing: routed("/{.metadata[}") }),
    status: "Degraded",
    says: {
      HTTPRouteReady: ["PathTemplateInvalid", "invalid jsonpath expression"],
      InferenceServiceReady: ["RuntimeReady"],
    },
    mend: { spec: { routing: { pathTemplate: "/mended" } } },
  },
  {
    what: "a path template that yields several values",
    name: "several-values",
    spec: named({
      env: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
      routing: routed("/{.spec.env[*].name}"),
    }),
    status: "Degraded",
    says: { HTTPRouteReady: ["PathTemplateInvalid", "jsonpath returned multiple results"] },
    mend: { spec: { routing: { pathTemplate: "/{.spec.env[1].name}" } } },
  },
  {
    what: "a path template that yields a list",
    name: "yields-list",
    spec: named({ env: [{ name: "A", value: "1" }], routing: routed("/{.spec.env}") }),
    status: "Degraded",
    says: {
      HTTPRouteReady: ["PathTemplateInvalid", 'failed to evaluate route template ".spec.env"', "list"],
    },
    mend: { spec: { routing: { pathTemplate: "" } } },
  },
];

Deno.test.beforeAll(async () => {
  installation = await startSmallCluster();
  user = installation.user;
  await user.namespace(namespace);
  await user.apply([
    clusterModel("good"),
    clusterTemplate("good-latency", "good"),
    clusterModel("tied"),
    clusterTemplate("tied-a", "tied"),
    clusterTemplate("tied-b", "tied"),
    clusterModel("twice-there", { image: "reg.io/twice:1" }),
    model("twice-here", namespace, { image: "reg.io/twice:1" }),
    template("twice-latency", namespace, "twice-here"),
    runtimeConfig("empty-pattern", ["", "team"]),
    runtimeConfig("bad-pattern", ["[", "team"]),
    runtimeConfig("no-pattern", []),
  ]);
  await until("all templates Ready", async () => {
    const templates = await user.list("aimclusterservicetemplates", namespace);
    return templates.every(({ status }) => status?.status === "Ready");
  });
  await user.apply(rows.map(({ name, spec }) => service(name, namespace, spec)));
});

function runtimeConfig(name: string, match: readonly string[]): AnyObject {
  const spec = { labelPropagation: { enabled: true, match } };
  return { apiVersion, kind: "AIMRuntimeConfig", metadata: { name, namespace }, spec };
}

Deno.test.afterAll(() => uninstall(installation));

const positive = ["ModelResolved", "RuntimeReady"];

for (const { what, name, status, says } of rows) {
  Deno.test(`${what}: the service is ${status} and says why`, async () => {
    for (const [type, [reason, ...texts]] of Object.entries(says)) {
      const condition = await user.condition("aimservice", name, type, reason, namespace);
      assert.equal(condition.status, positive.includes(reason) ? "True" : "False", type);
      for (const text of texts) {
        assert.ok(condition.message.includes(text), `${type} says "${condition.message}", not "${text}"`);
      }
    }
    await user.reaches("aimservice", name, status, namespace);
    const line = await user.kubectl("get", "aimsvc", name, "-n", namespace, "--no-headers");
    assert.equal(line.split(/\s+/)[1], status);
  });
}

Deno.test("no model, no endpoint and no route was made of any mistake", async () => {
  const models = await user.list("aimmodels", namespace);
  assert.deepEqual(models.map(({ metadata }) => metadata.name), ["twice-here"]);
  assert.deepEqual(await user.list("httproutes", namespace), []);
  const endpoints = await user.list("inferenceservices", namespace);
  const served = endpoints.map(({ metadata }) => metadata.labels["aim.eai.amd.com/service.name"]).sort();
  // A path that cannot be made keeps nobody from serving (services.md §9.1 Better).
  assert.deepEqual(served, rows.filter(({ status }) => status === "Degraded").map(({ name }) => name).sort());
});

Deno.test("events warn of each mistake, of each condition that tells of it once", async () => {
  const expected = [["several", "MultipleModelsFound", 1], ["no-label", "PathTemplateInvalid", 2]] as const;
  for (const [name, reason, conditions] of expected) {
    const events = (await user.list("events", namespace)).filter(({ involvedObject }) =>
      involvedObject.name === name
    );
    const warnings = events.filter((event) => event.reason === reason);
    assert.deepEqual(
      warnings.map(({ type, count = 1 }) => [type, count]),
      Array(conditions).fill(["Warning", 1]),
      name,
    );
    assert.equal(new Set(warnings.map(({ message }) => message)).size, conditions);
  }
});

for (
  const [config, labelled] of [["empty-pattern", true], ["bad-pattern", true], ["no-pattern", false]] as const
) {
  Deno.test(`label propagation, ${config}: harms nobody, and matches nothing`, async () => {
    const labels = { team: "nlp", other: "x" };
    await user.apply([
      service(config, namespace, named({ runtimeConfigName: config }), { labels }),
    ]);
    await user.reaches("aimservice", config, "Running", namespace);
    const selector = `aim.eai.amd.com/service.name=${config}`;
    const [isvc] = await user.list("inferenceservices", namespace, selector);
    assert.equal(isvc.metadata.labels.team, labelled ? "nlp" : undefined);
    assert.equal(isvc.metadata.labels.other, undefined);
  });
}

Deno.test("beside all of them a good service runs", async () => {
  await user.apply([service("fine", namespace, named({}))]);
  await user.reaches("aimservice", "fine", "Running", namespace);
});

for (const { what, name, mend } of rows.filter(({ mend }) => mend !== undefined)) {
  Deno.test(`${what}, mended: the service runs`, async () => {
    const body = JSON.stringify(mend);
    await user.kubectl("patch", "aimservice", name, "-n", namespace, "--type=merge", "-p", body);
    await user.reaches("aimservice", name, "Running", namespace);
  });
}

Deno.test("an image that several models have, one of them deleted: the service runs", async () => {
  await user.kubectl("delete", "aimclustermodel", "twice-there");
  await user.reaches("aimservice", "several", "Running", namespace);
});
