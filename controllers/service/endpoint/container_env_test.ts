/** Environment of the inference container: the eight sources of services.md §8.4, and how they add up. */

import assert from "node:assert/strict";
import type { AIMService, EnvVar, RuntimeConfigSpec, ServiceTemplateSpec } from "../../../lib/api/mod.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { liveObject } from "../../../lib/operator/runner/view_fixture.ts";
import { containerEnv } from "./container_env.ts";
import { contextOf } from "../context.ts";
import { service, template } from "../service_sample.ts";

function env(
  { config, spec, own }: { config?: EnvVar[]; spec?: Partial<ServiceTemplateSpec>; own?: EnvVar[] },
): EnvVar[] {
  const object: Live<AIMService> = service({ spec: { env: own } });
  const merged: RuntimeConfigSpec | undefined = config && { env: config };
  return containerEnv(contextOf(object, merged), {
    object: liveObject(template({ spec })),
    scope: "Namespace",
  });
}
const defaults = [
  { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
  { name: "VLLM_ENABLE_METRICS", value: "true" },
];
const valueOf = (name: string, list: EnvVar[]) => list.find((each) => each.name === name)?.value;

Deno.test("nothing given: the defaults", () => {
  assert.deepEqual(env({}), defaults);
});

Deno.test("what the template says becomes variables; empty ones do not", () => {
  const spec: Partial<ServiceTemplateSpec> = {
    profileId: "vllm-x",
    metric: "latency",
    precision: "auto",
    modelSources: [{ modelId: "org/a", sourceUri: "hf://org/a" }, {
      modelId: "org/b",
      sourceUri: "hf://org/b",
    }],
  };
  assert.deepEqual(env({ spec }), [
    defaults[0],
    { name: "AIM_METRIC", value: "latency" },
    { name: "AIM_MODEL_ID", value: "org/a" },
    { name: "AIM_PRECISION", value: "auto" },
    { name: "AIM_PROFILE_ID", value: "vllm-x" },
    defaults[1],
  ]);
  assert.deepEqual(env({ spec: { profileId: "", modelSources: [] } }), defaults);
});

Deno.test("AIM_MODEL_ID comes of the template's spec, not of what was discovered", () => {
  // The sample template has sources in its status only.
  assert.equal(valueOf("AIM_MODEL_ID", env({})), undefined);
});

Deno.test("spec/README: a variable stands behind those that it refers to", () => {
  const own = [{ name: "A_URL", value: "http://$(HOST):$(PORT)" }, { name: "PORT", value: "1" }];
  const config = [{ name: "HOST", value: "h" }];
  assert.deepEqual(env({ own, config }).map(({ name }) => name), [
    "AIM_CACHE_PATH",
    "HOST",
    "PORT",
    "A_URL",
    "VLLM_ENABLE_METRICS",
  ]);
});

Deno.test("spec/README: an InferenceService that is there keeps AIM Engine's order until its service is edited", () => {
  const own = [{ name: "A", value: "$(B)" }, { name: "B", value: "1" }];
  const order = (generation: number, standing?: EnvVar[]) => {
    const edited = service({
      spec: { env: own },
      metadata: { generation },
      status: { observedGeneration: 1 },
    });
    const resolved = { object: liveObject(template()), scope: "Namespace" as const };
    return containerEnv(contextOf(edited, undefined), resolved, standing).map(({ name }) => name).slice(0, 3);
  };
  const sorted = [...own, ...defaults].sort((a, b) => a.name < b.name ? -1 : 1);
  const withAddition = sorted.map((entry) => ({ ...entry, added: "by a webhook" }));
  assert.deepEqual(order(1), ["AIM_CACHE_PATH", "B", "A"]);
  assert.deepEqual(order(1, sorted), ["A", "AIM_CACHE_PATH", "B"]);
  assert.deepEqual(order(1, withAddition), ["A", "AIM_CACHE_PATH", "B"]);
  assert.deepEqual(order(2, sorted), ["AIM_CACHE_PATH", "B", "A"]);
});

Deno.test("sorted by name in byte order", () => {
  const own = ["b", "A_B", "AB", "B", "_", "a"].map((name) => ({ name, value: "x" }));
  assert.deepEqual(env({ own }).map(({ name }) => name), [
    "AB",
    "AIM_CACHE_PATH",
    "A_B",
    "B",
    "VLLM_ENABLE_METRICS",
    "_",
    "a",
    "b",
  ]);
});

/** Each source with one above it; the later row wins. */
const spec = { profileId: "said", metric: "latency", precision: "fp8" } as const;
const precedence: [title: string, sources: Parameters<typeof env>[0], name: string, value: string][] = [
  ["config over defaults", { config: [{ name: "AIM_CACHE_PATH", value: "c" }] }, "AIM_CACHE_PATH", "c"],
  [
    "template env over config",
    {
      config: [{ name: "X", value: "c" }],
      spec: { env: [{ name: "X", value: "t" }] },
    },
    "X",
    "t",
  ],
  [
    "service over template env",
    {
      spec: { env: [{ name: "X", value: "t" }] },
      own: [{ name: "X", value: "s" }],
    },
    "X",
    "s",
  ],
  [
    "template env over what the template says",
    {
      spec: { ...spec, env: [{ name: "AIM_METRIC", value: "throughput" }] },
    },
    "AIM_METRIC",
    "throughput",
  ],
  [
    "the model id over template env",
    {
      spec: {
        env: [{ name: "AIM_MODEL_ID", value: "t" }],
        modelSources: [{ modelId: "org/a", sourceUri: "hf://org/a" }],
      },
    },
    "AIM_MODEL_ID",
    "org/a",
  ],
  [
    "service over the model id",
    {
      spec: { modelSources: [{ modelId: "org/a", sourceUri: "hf://org/a" }] },
      own: [{ name: "AIM_MODEL_ID", value: "s" }],
    },
    "AIM_MODEL_ID",
    "s",
  ],
  [
    "service over defaults",
    { own: [{ name: "VLLM_ENABLE_METRICS", value: "false" }] },
    "VLLM_ENABLE_METRICS",
    "false",
  ],
];
for (const [title, sources, name, value] of precedence) {
  Deno.test(title, () => assert.equal(valueOf(name, env(sources)), value));
}

for (
  const [name, value] of [
    ["AIM_PROFILE_ID", "said"],
    ["AIM_METRIC", "latency"],
    ["AIM_PRECISION", "fp8"],
    ["AIM_MODEL_ID", "org/a"],
  ]
) {
  Deno.test(`Better §8.4: ${name} of the template replaces the config's, once`, () => {
    const sources = [{ modelId: "org/a", sourceUri: "hf://org/a" }];
    const list = env({ config: [{ name, value: "config" }], spec: { ...spec, modelSources: sources } });
    assert.deepEqual(list.filter((each) => each.name === name), [{ name, value }]);
  });
}

Deno.test("an empty value replaces and is written as the mere name", () => {
  const list = env({ config: [{ name: "X", value: "c" }], own: [{ name: "X", value: "" }] });
  assert.deepEqual(list.filter(({ name }) => name === "X"), [{ name: "X" }]);
});

Deno.test("a reference replaces a value, and a value a reference", () => {
  const valueFrom = { secretKeyRef: { name: "hf", key: "token" } };
  assert.deepEqual(
    env({ config: [{ name: "X", value: "c" }], own: [{ name: "X", valueFrom }] }).filter(({ name }) =>
      name === "X"
    ),
    [{ name: "X", valueFrom }],
  );
  assert.deepEqual(
    env({ config: [{ name: "X", valueFrom }], own: [{ name: "X", value: "s" }] }).filter(({ name }) =>
      name === "X"
    ),
    [{ name: "X", value: "s" }],
  );
});

const args = "AIM_ENGINE_ARGS";
const engineArgs = (config: string | undefined, template?: string, own?: string) =>
  valueOf(
    args,
    env({
      config: config === undefined ? undefined : [{ name: args, value: config }],
      spec: template === undefined ? {} : { env: [{ name: args, value: template }] },
      own: own === undefined ? undefined : [{ name: args, value: own }],
    }),
  );

Deno.test("AIM_ENGINE_ARGS adds up over config, template and service; compact, keys sorted", () => {
  assert.equal(
    engineArgs('{"b": {"x": 1, "y": [1]}, "a": 0.9}', '{"b": {"y": [2]}}', '{"c": null}'),
    '{"a":0.9,"b":{"x":1,"y":[2]},"c":null}',
  );
  assert.equal(engineArgs("", '{"a":1}'), '{"a":1}');
  assert.equal(engineArgs('{"a":1}', ""), '{"a":1}');
  assert.equal(engineArgs("--flag", '{"a":1}'), '{"a":1}');
  assert.equal(engineArgs('{"a":1}', "--flag"), "--flag");
  assert.equal(engineArgs("[1]", '{"a":1}'), '{"a":1}');
});

Deno.test("Better §1.3: a reference always replaces AIM_ENGINE_ARGS, and null is no object", () => {
  const valueFrom = { configMapKeyRef: { name: "c", key: "k" } };
  const list = env({ config: [{ name: args, value: '{"a":1}' }], own: [{ name: args, valueFrom }] });
  assert.deepEqual(list.filter(({ name }) => name === args), [{ name: args, valueFrom }]);
  assert.equal(engineArgs("null", '{"a":1}'), '{"a":1}');
  assert.equal(engineArgs('{"a":1}', "null"), "null");
});

Deno.test("model-sources-and-config.md §10.3 Better: large integers stay exact", () => {
  assert.equal(engineArgs('{"seed":9007199254740993}', '{"x":1}'), '{"seed":9007199254740993,"x":1}');
});
