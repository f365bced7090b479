/** The HTTPRoute of a service, and what `HTTPRouteReady` says (services.md §9, §11.3 "HTTPRoute"). */

import assert from "node:assert/strict";
import type { AIMServiceSpec, Routing } from "../../../lib/api/mod.ts";
import type { HTTPRoute } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  clusterConfig,
  config,
  endpoint,
  model,
  owner,
  pass,
  ready,
  route,
  routed,
  service,
  template,
  uid,
} from "../service_sample.ts";

/** The route that the operator wants, with nothing else in the cluster. */
function wanted(routing: Routing, ...objects: KubeObject[]): HTTPRoute {
  const made = pass(service({ spec: { routing } }), [model(), ...objects]);
  const desired = made.desired<HTTPRoute>("HTTPRoute");
  assert.ok(desired !== undefined, made.conditions.join("; "));
  return desired;
}
// deno-lint-ignore no-explicit-any
const ruleOf = ({ spec }: HTTPRoute) => spec!.rules![0] as any;

Deno.test("a route of the default path, in full, before model and template are there", () => {
  const made = pass(service({ spec: { routing: routed } }), [model({ status: { status: "Progressing" } })]);
  assert.deepEqual(made.desired("HTTPRoute"), {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name: "s-e2c6bafc",
      namespace: "ns",
      labels: {
        "app.kubernetes.io/component": "routing",
        "app.kubernetes.io/managed-by": "aim-engine",
        "aim.eai.amd.com/service": "s",
        "aim.eai.amd.com/service.name": "s",
      },
      ownerReferences: [owner],
    },
    spec: {
      parentRefs: [{
        group: "gateway.networking.k8s.io",
        kind: "Gateway",
        name: "gw",
        namespace: "gateways",
      }],
      rules: [{
        matches: [{ path: { type: "PathPrefix", value: `/ns/${uid}` } }],
        filters: [{
          type: "URLRewrite",
          urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
        }],
        // `group` and `weight` are the defaults that the server would add inside an atomic list.
        backendRefs: [{
          group: "",
          kind: "Service",
          name: "s-e2c6bafc-predictor",
          namespace: "ns",
          port: 80,
          weight: 1,
        }],
      }],
    },
  });
});

/** Whether there is a route, by service and config. */
const switches: [own: boolean | undefined, inherited: boolean | undefined, on: boolean][] = [
  [undefined, undefined, false],
  [true, undefined, true],
  [undefined, true, true],
  [false, true, false],
  [true, false, true],
];
for (const [own, inherited, on] of switches) {
  Deno.test(`routing ${own} on the service, ${inherited} in the config: ${on ? "a route" : "none"}`, () => {
    const { gatewayRef } = routed;
    const configs = inherited === undefined ? [] : [config({ routing: { enabled: inherited, gatewayRef } })];
    const made = pass(service({ spec: { routing: { enabled: own, gatewayRef } } }), [model(), ...configs]);
    assert.equal(made.desired("HTTPRoute") !== undefined, on);
    assert.equal(made.condition("HTTPRouteReady"), on ? "False HTTPRouteCreating" : undefined);
  });
}

Deno.test("each field is the service's, else the config's", () => {
  const inherited = config({
    routing: {
      enabled: true,
      gatewayRef: { name: "other", namespace: "ns", sectionName: "https", port: 443 },
      pathTemplate: "/config",
      requestTimeout: "30s",
    },
  });
  const all = wanted({}, inherited);
  assert.deepEqual(all.spec?.parentRefs, [{
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    name: "other",
    namespace: "ns",
    sectionName: "https",
    port: 443,
  }]);
  assert.equal(ruleOf(all).matches[0].path.value, "/config");
  assert.deepEqual(ruleOf(all).timeouts, { request: "30s" });

  const own = wanted(
    { gatewayRef: { name: "gw", group: "g", kind: "K" }, pathTemplate: "", requestTimeout: "90m" },
    inherited,
  );
  assert.deepEqual(own.spec?.parentRefs, [{ name: "gw", group: "g", kind: "K" }]);
  assert.equal(ruleOf(own).matches[0].path.value, `/ns/${uid}`);
  assert.deepEqual(ruleOf(own).timeouts, { request: "1h30m0s" });
});

Deno.test("a plain path template", () => {
  assert.equal(
    ruleOf(wanted({ ...routed, pathTemplate: "/V1.0/Foo_Bar//x/" })).matches[0].path.value,
    "/v1-0/foo-bar/x",
  );
  const named = wanted({ ...routed, pathTemplate: "/{.metadata.namespace}/{.metadata.name}" });
  assert.equal(ruleOf(named).matches[0].path.value, "/ns/s");
});

for (
  const [written, rendered] of [["180s", "3m0s"], ["90m", "1h30m0s"], ["500ms", "500ms"], ["0", "0s"], [
    "0s",
    "0s",
  ]]
) {
  Deno.test(`timeout ${written} as ${rendered}`, () => {
    assert.deepEqual(ruleOf(wanted({ ...routed, requestTimeout: written })).timeouts, { request: rendered });
  });
}

Deno.test("Better §9: a timeout that Go writes with a fraction", () => {
  assert.deepEqual(ruleOf(wanted({ ...routed, requestTimeout: "1500ms" })).timeouts, { request: "1s500ms" });
});

Deno.test("Better §9: annotations are the config's overlaid by the service's", () => {
  const inherited = config({ routing: { annotations: { a: "config", b: "config" } } });
  const made = wanted({ ...routed, annotations: { b: "service", c: "" } }, inherited);
  assert.deepEqual(made.metadata?.annotations, { a: "config", b: "service", c: "" });
});

Deno.test("model-sources-and-config.md §10.2 Better: the namespace's config switches the cluster's routing off", () => {
  const configs = [
    clusterConfig({ routing: { ...routed, pathTemplate: "/cluster" } }),
    config({ routing: { enabled: false } }),
  ];
  assert.equal(pass(service(), [model(), ...configs]).desired("HTTPRoute"), undefined);
  const merged = wanted({ enabled: true }, ...configs);
  assert.equal(ruleOf(merged).matches[0].path.value, "/cluster");
});

const pending =
  "HTTPRoute is waiting for gateway acceptance; Gateway gateways/gw must exist, a controller of its " +
  "class must run, and one of its listeners must admit routes of namespace ns (allowedRoutes.namespaces)";
/** Rows of §11.3 for the conditions of a route's one parent; generation of the route: 2. */
const rows: [title: string, conditions: Record<string, unknown>[], condition: string, message: string][] = [
  [
    "accepted",
    [{ type: "Accepted", status: "True" }],
    "True HTTPRouteAccepted",
    "HTTPRoute is accepted by gateway",
  ],
  [
    "rejected",
    [{ type: "Accepted", status: "False", reason: "NoMatchingParent", message: "no listener" }],
    "False NoMatchingParent",
    "HTTPRoute rejected: no listener; Gateway gateways/gw must have a listener of the sectionName and port that " +
    "routing.gatewayRef names",
  ],
  [
    "rejected by the listeners",
    [{ type: "Accepted", status: "False", reason: "NotAllowedByListeners", message: "no" }],
    "False NotAllowedByListeners",
    "HTTPRoute rejected: no; Gateway gateways/gw is not open to this route: one of its listeners must admit routes of " +
    "namespace ns (allowedRoutes.namespaces)",
  ],
  [
    "backend not resolved",
    [{ type: "ResolvedRefs", status: "False", reason: "BackendNotFound", message: "no Service" }],
    "False BackendNotFound",
    "HTTPRoute backend not resolved: no Service; said by the controller of Gateway gateways/gw",
  ],
  [
    "resolved, not judged yet",
    [{ type: "ResolvedRefs", status: "True" }],
    "False HTTPRoutePending",
    pending,
  ],
  ["nothing said", [], "False HTTPRoutePending", pending],
];
for (const [title, conditions, condition, message] of rows) {
  Deno.test(`a route: ${title}`, () => {
    const made = pass(service({ spec: { routing: routed } }), [...ready, route(conditions)]);
    assert.equal(made.condition("HTTPRouteReady"), condition);
    assert.equal(made.message("HTTPRouteReady"), message);
  });
}

Deno.test("a gateway without a namespace is looked for in the service's own, and the message says so", () => {
  const made = pass(service({ spec: { routing: { enabled: true, gatewayRef: { name: "gw" } } } }), [
    ...ready,
    route([]),
  ]);
  assert.ok(
    made.message("HTTPRouteReady")!.includes(
      "Gateway ns/gw (routing.gatewayRef has no namespace, so it is looked for in ns) must exist",
    ),
  );
});

Deno.test("a kind of gateway that takes no routes is named, with the kinds that do", () => {
  const gatewayRef = { name: "gw", namespace: "gateways", kind: "Gatway" };
  const made = pass(service({ spec: { routing: { enabled: true, gatewayRef } } }), [...ready, route([])]);
  assert.match(
    made.message("HTTPRouteReady")!,
    /; Gatway gateways\/gw is no kind of group "gateway\.networking\.k8s\.io" that a route attaches to; write Gateway/,
  );
});

/** A route of service `other` in namespace `b`, with the path /shared at the gateway unless a row says otherwise. */
function rival(
  created: string,
  { path = "/shared", parent = {}, metadata = {}, conditions = [] }: {
    path?: string;
    parent?: Record<string, unknown>;
    metadata?: { name?: string; namespace?: string };
    conditions?: Record<string, unknown>[];
  } = {},
): HTTPRoute {
  return {
    ...route(conditions, {
      name: "other-1",
      namespace: "b",
      creationTimestamp: created,
      ownerReferences: [{ ...owner, name: "other", uid: "other" }],
      ...metadata,
    }),
    spec: {
      parentRefs: [{ name: "gw", namespace: "gateways", ...parent }],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: path } }] }],
    },
  };
}

const noon = "2026-01-01T12:00:00Z", before = "2026-01-01T11:00:00Z", after = "2026-01-01T13:00:00Z";
/** Whether the other route has the requests that ours asks for, ours being of noon and accepted. */
const rivals: [title: string, other: HTTPRoute, has: boolean][] = [
  ["an older one", rival(before), true],
  ["a younger one", rival(after), false],
  ["one of the same second that comes first by namespace", rival(noon), true],
  [
    "one of the same second that comes last by namespace",
    rival(noon, { metadata: { name: "other-1", namespace: "z" } }),
    false,
  ],
  ["another path", rival(before, { path: "/shared/more" }), false],
  ["another gateway", rival(before, { parent: { name: "gw2" } }), false],
  ["a gateway of the same name elsewhere", rival(before, { parent: { namespace: "elsewhere" } }), false],
  ["an older one at one listener", rival(before, { parent: { sectionName: "https" } }), true],
  [
    "the same gateway with its defaults written out",
    rival(before, { parent: { group: "gateway.networking.k8s.io", kind: "Gateway" } }),
    true,
  ],
  [
    "an older one that the gateway has turned away",
    rival(before, { conditions: [{ type: "Accepted", status: "False", reason: "X" }] }),
    false,
  ],
];
for (const [title, other, has] of rivals) {
  Deno.test(`issue 10 §6: two routes with one gateway and path: ${title}${has ? ": it is named" : ": nothing"}`, () => {
    const spec = { routing: { ...routed, pathTemplate: "/shared" } };
    const own = route(undefined, { creationTimestamp: noon });
    const made = pass(service({ spec }), [...ready, own, other]);
    assert.equal(made.condition("HTTPRouteReady"), has ? "False PathConflict" : "True HTTPRouteAccepted");
    if (!has) return;
    assert.equal(
      made.message("HTTPRouteReady"),
      "AIMService b/other has path /shared at Gateway gateways/gw already and gets its requests; " +
        "give one of the two another spec.routing.pathTemplate",
    );
    assert.equal(made.status.status, "Degraded");
    const fresh = pass(service({ spec }), [model(), template(), own, other]);
    assert.equal(fresh.status.status, "Starting", "nothing serves yet");
    assert.deepEqual(
      made.children.slice(0, 1),
      [`apply HTTPRoute ${endpoint}`],
      "it goes on when the older goes",
    );
  });
}

Deno.test("issue 10 §6: two listeners of a gateway are two places", () => {
  const gatewayRef = { ...routed.gatewayRef, sectionName: "http" };
  const spec = { routing: { enabled: true, gatewayRef, pathTemplate: "/shared" } };
  const own = route(undefined, { creationTimestamp: noon });
  const condition = (sectionName?: string) =>
    pass(service({ spec }), [...ready, own, rival(before, { parent: { sectionName } })]).condition(
      "HTTPRouteReady",
    );
  assert.equal(condition("https"), "True HTTPRouteAccepted");
  assert.equal(condition("http"), "False PathConflict");
  assert.equal(condition(), "False PathConflict");
});

Deno.test("the service's state follows the route's", () => {
  const state = (conditions: Record<string, unknown>[]) =>
    pass(service({ spec: { routing: routed } }), [...ready, route(conditions)]).status.status;
  assert.equal(state([{ type: "Accepted", status: "True" }]), "Running");
  assert.equal(state([{ type: "Accepted", status: "False", reason: "X" }]), "Degraded");
  assert.equal(state([{ type: "ResolvedRefs", status: "False", reason: "X" }]), "Starting");
  assert.equal(state([]), "Starting");
});

Deno.test("Better §11.3: conditions of an earlier generation of the route do not count", () => {
  const before = { type: "Accepted", status: "False", reason: "X", message: "x" };
  const condition = (observedGeneration?: number) =>
    pass(service({ spec: { routing: routed } }), [...ready, route([{ ...before, observedGeneration }])])
      .condition("HTTPRouteReady");
  assert.equal(condition(1), "False HTTPRoutePending");
  assert.equal(condition(2), "False X");
  assert.equal(condition(undefined), "False X");
});

Deno.test("a route that is being deleted is told of, though the gateway still goes by it", () => {
  const accepted = route([{ type: "Accepted", status: "True" }]);
  const { metadata } = accepted;
  const going = {
    ...accepted,
    metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["example.com/hold"] },
  };
  const made = pass(service({ spec: { routing: routed } }), [...ready, going]);
  assert.equal(made.condition("HTTPRouteReady"), "False HTTPRouteCreating");
  assert.match(made.message("HTTPRouteReady")!, /^HTTPRoute \S+ is being deleted.*example\.com\/hold$/);
});

Deno.test("Better §11.3: Ready if any parent accepted", () => {
  const twice = {
    ...route(),
    status: {
      parents: [
        { conditions: [{ type: "Accepted", status: "False", reason: "X" }] },
        { conditions: [{ type: "Accepted", status: "True" }] },
      ],
    },
  };
  const made = pass(service({ spec: { routing: routed } }), [...ready, twice]);
  assert.equal(made.condition("HTTPRouteReady"), "True HTTPRouteAccepted");
});

Deno.test("Better §11.3: a rejected route under an endpoint that serves blocks no apply: a corrected gateway reaches it", () => {
  const rejected = route([{ type: "Accepted", status: "False", reason: "X", message: "x" }]);
  const made = pass(service({ spec: { routing: routed } }), [...ready, rejected]);
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children, [`apply HTTPRoute ${endpoint}`, `apply InferenceService ${endpoint}`]);
});

Deno.test("routing on, no gateway: InvalidSpec, nothing applied", () => {
  const made = pass(service({ spec: { routing: { enabled: true } } }), [...ready]);
  assert.equal(made.condition("HTTPRouteReady"), "False GatewayNotConfigured");
  assert.equal(
    made.message("HTTPRouteReady"),
    "Routing is enabled but no gatewayRef is configured in service or runtime config",
  );
  assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
});

const switchedOff: [string, Partial<AIMServiceSpec>][] = [
  ["routing switched off", { routing: { enabled: false } }],
  ["routing taken out", {}],
  ["its gateway taken away", { routing: { enabled: true } }],
];
for (const [title, spec] of switchedOff) {
  Deno.test(`Better §9: ${title}: the route goes`, () => {
    const before = service({
      spec,
      status: {
        routing: { path: `/ns/${uid}` },
        conditions: [{
          type: "HTTPRouteReady",
          status: "True",
          reason: "HTTPRouteAccepted",
          message: "",
          lastTransitionTime: "2025-12-31T00:00:00Z",
        }],
      },
    });
    const made = pass(before, [...ready, route()]);
    assert.deepEqual(made.removals, [`HTTPRoute ${endpoint}`]);
    assert.equal(made.plan.removals[0].uid, `uid-HTTPRoute-ns-${endpoint}`);
    assert.equal(made.status.routing, undefined);
    const gone = spec.routing?.enabled ? "False GatewayNotConfigured" : undefined;
    assert.equal(made.condition("HTTPRouteReady"), gone);
  });
}

Deno.test("Better §9: routing switched off before its status was written: the route goes as well", () => {
  const made = pass(service(), [...ready, route()]);
  assert.deepEqual(made.removals, [`HTTPRoute ${endpoint}`]);
});

Deno.test("Better §9: a route of somebody else is not removed", () => {
  const before = service({ status: { routing: { path: "/x" } } });
  const former = route([], { ownerReferences: [{ ...owner, uid: "former" }] });
  assert.deepEqual(pass(before, [...ready, former]).removals, []);
});

for (const [requestTimeout, why] of [["soon", /soon/], ["900us", /900us/], ["-5s", /-5s/]] as const) {
  Deno.test(`Better §9: the timeout ${requestTimeout} is InvalidSpec, of this service only`, () => {
    const made = pass(service({ spec: { routing: { ...routed, requestTimeout } } }), [...ready, route()]);
    assert.equal(made.condition("HTTPRouteReady"), "False InvalidRequestTimeout");
    assert.match(made.message("HTTPRouteReady")!, why);
    assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
    assert.equal(made.status.status, "Degraded");
    assert.deepEqual(made.children, [`keep HTTPRoute ${endpoint}`, `keep InferenceService ${endpoint}`]);
  });
}

Deno.test("Better §9.1: a path template that does not evaluate: Degraded, no route, everything else goes on", () => {
  const spec = { routing: { ...routed, pathTemplate: "/{.metadata.labels['nope']}" } };
  const made = pass(service({ spec }), [...ready]);
  assert.equal(made.condition("HTTPRouteReady"), "False PathTemplateInvalid");
  assert.match(
    made.message("HTTPRouteReady")!,
    /failed to evaluate route template ".metadata.labels\['nope'\]": jsonpath evaluation error: label "nope" not found/,
  );
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children, [`apply InferenceService ${endpoint}`]);
  const existing = pass(service({ spec }), [...ready, route()]);
  assert.deepEqual(existing.children, [`keep HTTPRoute ${endpoint}`, `apply InferenceService ${endpoint}`]);
  assert.deepEqual(existing.removals, []);
  assert.deepEqual(existing.status.routing, { path: `/ns/${uid}` });
});

Deno.test("Better §9.1: a template that renders to / is accepted, with one Warning", () => {
  const spec = { routing: { ...routed, pathTemplate: "/{.metadata.annotations['x']}" } };
  const metadata = { annotations: { x: "" } };
  const rooted: HTTPRoute = {
    ...route(),
    spec: { rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }] }] },
  };
  const made = pass(service({ metadata, spec }), [...ready, rooted]);
  assert.equal(ruleOf(made.desired("HTTPRoute")!).matches[0].path.value, "/");
  assert.equal(made.status.status, "Running");
  assert.deepEqual(made.events().filter((each) => each.startsWith("Warning")), [
    "Warning PathCapturesGateway: routing.pathTemplate renders to /, so this service takes all requests of the gateway",
  ]);
  assert.deepEqual(pass(service({ metadata, spec, status: made.status }), [...ready, rooted]).events(), []);
});

for (const [pathTemplate, why] of [["/{.spec.routing}", "an object"], ["/{.spec.env}", "a list"]]) {
  Deno.test(`Better §9.1: ${pathTemplate} yields ${why}, which is an error`, () => {
    const spec = { env: [{ name: "A", value: "1" }], routing: { ...routed, pathTemplate } };
    const made = pass(service({ spec }), [model()]);
    assert.equal(made.condition("HTTPRouteReady"), "False PathTemplateInvalid");
    assert.match(made.message("HTTPRouteReady")!, new RegExp(why));
  });
}

Deno.test("Better §9.1: fields at the top of the spec resolve", () => {
  const spec = {
    runtimeConfigName: "rc",
    routing: { ...routed, pathTemplate: "/{.spec.runtimeConfigName}" },
  };
  const made = pass(service({ spec }), [model(), config({}, "rc")]);
  assert.equal(ruleOf(made.desired("HTTPRoute")!).matches[0].path.value, "/rc");
});

Deno.test("the Gateway API is not installed: the rest goes on, and the status says so", () => {
  const made = pass(service({ spec: { routing: routed } }), ready, { uninstalled: ["httproutes"] });
  assert.equal(made.condition("HTTPRouteReady"), "False GatewayAPINotInstalled");
  assert.equal(
    made.message("HTTPRouteReady"),
    "The Gateway API (gateway.networking.k8s.io/v1) is not installed, which Gateway gateways/gw needs; " +
      "install its CRDs and a controller for it, or switch routing off; the route follows then",
  );
  assert.deepEqual(made.children, [`apply InferenceService ${endpoint}`]);
  assert.equal(made.status.status, "Starting");
  const off = pass(service(), ready, { uninstalled: ["httproutes"] });
  assert.equal(off.status.status, "Running");
});

Deno.test("Better §1.1: a route of a service of another name: the name with the own name hashed", () => {
  const stranger = route([], { ownerReferences: [{ ...owner, name: "s.other", uid: "other" }] });
  const made = pass(service({ spec: { routing: routed } }), [model(), stranger]);
  assert.deepEqual(made.children, ["apply HTTPRoute s-0561b24a"]);
});

Deno.test("Better §1.1: a route of a former service of the same name is waited for", () => {
  const former = route([], { ownerReferences: [{ ...owner, uid: "former" }] });
  const made = pass(service({ spec: { routing: routed } }), [model(), former]);
  assert.deepEqual(made.children, []);
  assert.equal(made.condition("HTTPRouteReady"), "False ResourceNotReady");
});

Deno.test("the backend is the InferenceService's own name where the route's is another one", () => {
  const name = "1x";
  const made = pass(service({ metadata: { name }, spec: { routing: routed } }), [model()]);
  const desired = made.desired<HTTPRoute>("HTTPRoute")!;
  assert.equal(desired.metadata?.name, "1x-e2c6bafc");
  assert.equal(ruleOf(desired).backendRefs[0].name, "s-1x-e2c6bafc-predictor");
});

Deno.test("a runtime config that is gone tells nothing of routing: the route and its path stay as they are", () => {
  const spec = { runtimeConfigName: "rc" };
  const before = pass(service({ spec }), [...ready, config({ routing: routed }, "rc"), route()]).status;
  const made = pass(service({ spec, status: before }), [...ready, route()]);
  assert.equal(made.condition("RuntimeConfigReady"), "False ReferenceNotFound");
  assert.deepEqual(made.removals, []);
  assert.deepEqual(made.status.routing, { path: `/ns/${uid}` });
  const off = pass(service({ spec: { ...spec, routing: { enabled: false } }, status: before }), [
    ...ready,
    route(),
  ]);
  assert.deepEqual(off.removals, [`HTTPRoute ${endpoint}`], "switched off in the service itself");
});
