import assert from "node:assert/strict";
import fc from "fast-check";
import type { ErrorCategory } from "../errors/errors.ts";
import type { ComponentHealth } from "./health.ts";
import type { Reason } from "../errors/reasons.ts";
import { applyGate, type Evidence, summarize, type Summary } from "./status.ts";
import { serviceStatus, statusWords } from "./status_words.ts";

const never = () => false;
const error = (category: ErrorCategory, reason: Reason = "Timeout", message = "why") => ({
  category,
  reason,
  message,
});
const look = (components: readonly ComponentHealth[], more: Partial<Evidence> = {}) =>
  summarize({ components, reached: never, ...more });
/** `True/Reason`, or undefined if there is no such condition. */
const short = (summary: Summary, type: string) => {
  const found = summary.conditions.find((condition) => condition.type === type);
  return found && `${found.status}/${found.reason}`;
};
const frameworkOf = (summary: Summary) =>
  Object.fromEntries(
    ["DependenciesReachable", "AuthValid", "ConfigValid"]
      .map((type) => [type, short(summary, type)]).filter(([, value]) => value !== undefined),
  );

Deno.test("one error, no earlier conditions: the table of conventions.md §5.2", () => {
  const rows: {
    category: ErrorCategory;
    dependency?: ComponentHealth["dependency"];
    extra: Record<string, string>;
    ready: string;
    status: string;
    apply: boolean;
  }[] = [
    {
      category: "Infrastructure",
      extra: { DependenciesReachable: "False/InfrastructureError" },
      ready: "False/Timeout",
      status: "Degraded",
      apply: false,
    },
    {
      category: "Unknown",
      extra: { DependenciesReachable: "False/InfrastructureError" },
      ready: "False/InfrastructureError",
      status: "Degraded",
      apply: false,
    },
    {
      category: "Auth",
      extra: { AuthValid: "False/AuthError" },
      ready: "False/AuthError",
      status: "Failed",
      apply: false,
    },
    {
      category: "InvalidSpec",
      extra: { ConfigValid: "False/InvalidSpec" },
      ready: "False/InvalidSpec",
      status: "Failed",
      apply: false,
    },
    {
      category: "MissingUpstream",
      extra: { ConfigValid: "False/ReferenceNotFound" },
      ready: "False/ReferenceNotFound",
      status: "Failed",
      apply: false,
    },
    {
      category: "MissingDownstream",
      extra: {},
      ready: "False/Progressing",
      status: "Progressing",
      apply: true,
    },
    {
      category: "MissingDownstream",
      dependency: "Upstream",
      extra: {},
      ready: "False/Progressing",
      status: "Pending",
      apply: true,
    },
    {
      category: "ResourceExhaustion",
      extra: {},
      ready: "False/Timeout",
      status: "Failed",
      apply: true,
    },
  ];
  for (const { category, dependency, extra, ready, status, apply } of rows) {
    const components: ComponentHealth[] = [{ component: "X", dependency, errors: [error(category)] }];
    const summary = look(components);
    assert.equal(short(summary, "XReady"), "False/Timeout", category);
    assert.deepEqual(frameworkOf(summary), extra, category);
    assert.equal(short(summary, "Ready"), ready, category);
    assert.equal(summary.status, status, category);
    assert.deepEqual(applyGate(components), { open: apply }, category);
  }
});

Deno.test("an Unknown error with an explicit error state gives Ready the component's reason", () => {
  const summary = look([{ component: "X", state: "Failed", errors: [error("Unknown", "UnknownError")] }]);
  assert.equal(short(summary, "Ready"), "False/UnknownError");
  assert.equal(summary.status, "Degraded");
});

Deno.test("errors of several classes together (conventions.md §5.2 combinations)", () => {
  const of = (...categories: ErrorCategory[]) =>
    categories.map((category, at): ComponentHealth => ({ component: `C${at}`, errors: [error(category)] }));
  const all = look(of("Infrastructure", "MissingUpstream", "InvalidSpec", "Auth"));
  assert.equal(all.status, "Failed");
  assert.equal(short(all, "Ready"), "False/AuthError");
  assert.deepEqual(frameworkOf(all), {
    DependenciesReachable: "False/InfrastructureError",
    AuthValid: "False/AuthError",
    ConfigValid: "False/InvalidSpec",
  });
  assert.equal(short(look(of("MissingUpstream", "InvalidSpec")), "Ready"), "False/InvalidSpec");

  const mixed = of("Infrastructure", "MissingUpstream");
  assert.equal(look(mixed).status, "Failed");
  assert.equal(short(look(mixed), "Ready"), "False/ReferenceNotFound");
  assert.deepEqual(applyGate(mixed), { open: false });
});

Deno.test("only errors of inputs close the gate", () => {
  const pods: ComponentHealth = { component: "Pods", role: "child", errors: [error("Auth")] };
  const route: ComponentHealth = {
    component: "Route",
    dependency: "Downstream",
    errors: [error("InvalidSpec")],
  };
  assert.deepEqual(applyGate([pods, route]), { open: true });
  const ownSpec = { ...error("InvalidSpec"), role: "input" as const };
  assert.equal(applyGate([{ ...route, errors: [ownSpec] }]).open, false);
  assert.equal(
    applyGate([{ component: "Model", dependency: "Upstream", errors: [error("Auth")] }]).open,
    false,
  );
});

Deno.test("defaults of a component without state, reason or message (conventions.md §4)", () => {
  const rows: [ErrorCategory[], string][] = [
    [[], "Ready"],
    [["Infrastructure", "Auth"], "Failed"],
    [["MissingDownstream", "InvalidSpec"], "Failed"],
    [["ResourceExhaustion"], "Failed"],
    [["Unknown", "MissingUpstream"], "Degraded"],
    [["Infrastructure"], "Degraded"],
    [["MissingDownstream"], "Progressing"],
    [["Unknown"], "Progressing"],
  ];
  for (const [categories, state] of rows) {
    const summary = look([{ component: "X", errors: categories.map((each) => error(each)) }]);
    const condition = summary.conditions.find(({ type }) => type === "XReady")!;
    assert.equal(condition.status, state === "Ready" ? "True" : "False", categories.join());
    assert.equal(condition.reason, categories.length === 0 ? "Ready" : "Timeout");
    assert.equal(condition.message, categories.length === 0 ? "" : "why");
  }
});

Deno.test("what a component's state counts as (conventions.md §6.2 rule 2)", () => {
  const rows: [ComponentHealth["state"], ComponentHealth["dependency"], string][] = [
    ["Ready", "Upstream", "Ready"],
    ["Failed", "Upstream", "Failed"],
    ["Degraded", "Downstream", "Degraded"],
    ["NotAvailable", "Upstream", "NotAvailable"],
    ["Pending", "Downstream", "Pending"],
    ["Pending", "none", "Pending"],
    ["Progressing", "Upstream", "Pending"],
    ["Progressing", "Downstream", "Progressing"],
    ["Progressing", "none", "Progressing"],
    ["Starting", "Downstream", "Progressing"],
    ["Starting", "Upstream", "Pending"],
    ["Running", "none", "Progressing"],
  ];
  for (const [state, dependency, status] of rows) {
    const summary = look([{ component: "X", dependency, state, reason: "JobRunning" }]);
    assert.equal(summary.status, status, `${state} ${dependency}`);
    assert.equal(short(summary, "XReady"), `${state === "Ready" ? "True" : "False"}/JobRunning`);
  }
});

Deno.test("the worst state wins (conventions.md §6.3)", () => {
  const order = ["Failed", "NotAvailable", "Degraded", "Pending", "Progressing", "Ready"] as const;
  for (let at = 0; at < order.length; at++) {
    for (const better of order.slice(at)) {
      const components = [better, order[at]].map((state, index): ComponentHealth => ({
        component: `C${index}`,
        state,
      }));
      assert.equal(look(components).status, order[at]);
      assert.equal(look(components.toReversed()).status, order[at]);
    }
  }
  assert.equal(look([]).status, "Ready");
  assert.equal(short(look([]), "Ready"), "True/AllComponentsReady");
});

/** Which component `Ready` quotes: after "Component" or "Waiting for components to become ready:". */
const quoted = (components: readonly ComponentHealth[]) =>
  /^(?:Component|Waiting for components to become ready:) (\w+)/.exec(
    look(components).conditions.at(-1)!.message,
  )?.[1];

Deno.test("Ready quotes the worst component, of equals the first (spec/README)", () => {
  const summary = look([
    { component: "Model", state: "Progressing", reason: "ModelNotReady" },
    { component: "Cache", state: "Degraded", reason: "CacheLost", message: "gone" },
    { component: "HPA", state: "Failed", reason: "MetricsFailed", message: "none" },
  ]);
  assert.equal(summary.status, "Failed");
  assert.equal(short(summary, "Ready"), "False/MetricsFailed");
  assert.equal(summary.conditions.at(-1)!.message, "Component HPA is not ready: none");
  assert.deepEqual([...summary.failing].sort(), ["CacheReady", "HPAReady", "Ready"]);

  const waiting = look([{
    component: "Cache",
    state: "Progressing",
    reason: "CacheNotReady",
    message: "wait",
  }]);
  assert.equal(short(waiting, "Ready"), "False/Progressing");
  assert.equal(
    waiting.conditions.at(-1)!.message,
    "Waiting for components to become ready: Cache: wait",
  );
  assert.deepEqual([...waiting.failing], []);

  const words = ["Failed", "NotAvailable", "Degraded", "Pending", "Progressing"] as const;
  for (const [rank, one] of words.entries()) {
    for (const [otherRank, other] of words.entries()) {
      const wanted = otherRank < rank ? "B" : "A";
      assert.equal(quoted([{ component: "A", state: one }, { component: "B", state: other }]), wanted);
    }
  }
});

Deno.test("a component that follows another one leaves it the word in Ready", () => {
  const follower = { component: "A", state: "Progressing", follows: "B", message: "not made" } as const;
  const awaited = (state: ComponentHealth["state"]) => ({ component: "B", state } as const);
  const rows: [title: string, components: ComponentHealth[], speaker: string][] = [
    ["the other is awaited", [follower, awaited("Progressing")], "B"],
    ["the other is worse", [follower, awaited("Failed")], "B"],
    [
      "it follows with a worse word of waiting",
      [{ ...follower, state: "Pending" }, awaited("Progressing")],
      "B",
    ],
    ["the other is ready", [follower, awaited("Ready")], "A"],
    ["the other is not reported", [follower], "A"],
    ["something is wrong with it itself", [{ ...follower, state: "Degraded" }, awaited("Progressing")], "A"],
    ["a third is as bad", [follower, { component: "C", state: "Progressing" }, awaited("Progressing")], "C"],
  ];
  for (const [title, components, speaker] of rows) assert.equal(quoted(components), speaker, title);
  // It is not ready all the same.
  assert.equal(look([{ ...follower, state: "Pending" }, awaited("Progressing")]).status, "Pending");
});

Deno.test("a fault that retries by itself is told by its reason, in the words of waiting (spec/README)", () => {
  const pods = { component: "Pods", reason: "ImagePullBackOff", message: "toomanyrequests" } as const;
  const summary = look([{ ...pods, state: "Progressing", retries: true }]);
  assert.equal(summary.status, "Progressing");
  assert.equal(short(summary, "Ready"), "False/ImagePullBackOff");
  assert.equal(short(look([{ ...pods, state: "Progressing" }]), "Ready"), "False/Progressing");
});

Deno.test("framework messages keep their fixed text and name component and cause", () => {
  const rows: [ErrorCategory, string, string][] = [
    ["Infrastructure", "DependenciesReachable", "Cannot reach dependencies: X: why"],
    ["Auth", "AuthValid", "Authentication or authorization failure: X: why"],
    ["InvalidSpec", "ConfigValid", "Configuration validation failed: X: why"],
    ["MissingUpstream", "ConfigValid", "Referenced resource not found: X: why"],
  ];
  for (const [category, type, message] of rows) {
    const summary = look([{ component: "X", errors: [error(category)] }]);
    assert.equal(summary.conditions.find((each) => each.type === type)?.message, message);
  }
});

Deno.test("conditions that were False recover, and stay (conventions.md §5.4)", () => {
  const previous = {
    status: "Failed",
    conditions: [
      { type: "DependenciesReachable", status: "False", reason: "InfrastructureError" },
      { type: "AuthValid", status: "False", reason: "AuthError" },
      { type: "ConfigValid", status: "False", reason: "InvalidSpec" },
    ],
  };
  const recovered = {
    DependenciesReachable: "True/Reachable",
    AuthValid: "True/AuthenticationValid",
    ConfigValid: "True/ConfigurationValid",
  };
  const summary = look([{ component: "X" }], { previous });
  assert.deepEqual(frameworkOf(summary), recovered);
  assert.equal(summary.status, "Ready");
  const later = { status: summary.status, conditions: [...summary.conditions] };
  assert.deepEqual(frameworkOf(look([{ component: "X" }], { previous: later })), recovered);
});

Deno.test("conditions: order, generation, removal, length (conventions.md §6.1)", () => {
  const summary = look(
    [{ component: "Model" }, { component: "Cache", errors: [error("Auth", "AuthError", "m".repeat(2000))] }, {
      component: "Route",
      errors: [error("Infrastructure")],
    }],
    {
      generation: 7,
      extra: [{ type: "Discovered", status: "False", reason: "AwaitingDiscovery", message: "" }],
      previous: {
        conditions: [
          { type: "HPAReady", status: "False", reason: "HPANotFound" },
          { type: "Ready", status: "False", reason: "Progressing" },
          { type: "example.com/Audited", status: "True", reason: "Seen", observedGeneration: 2 },
          { type: "ConfigValid", status: "True", reason: "ConfigurationValid" },
        ],
      },
    },
  );
  assert.deepEqual(summary.conditions.map(({ type }) => type), [
    "DependenciesReachable",
    "ModelReady",
    "CacheReady",
    "RouteReady",
    "AuthValid",
    "ConfigValid",
    "Discovered",
    "example.com/Audited",
    "Stalled",
    "Ready",
  ]);
  for (const { type, message, observedGeneration } of summary.conditions) {
    assert.equal(observedGeneration, type === "example.com/Audited" ? 2 : 7, type);
    assert.ok((message ?? "").length <= 1024, type);
  }
});

Deno.test("a message that is too long loses its middle: what, cause and remedy stay", () => {
  const chain = `Component Cache is not ready: ${"deep ".repeat(500)}secret "hub" is missing; create it`;
  const cut = look([{ component: "X", state: "Failed", message: chain }]).conditions.at(-1)!.message;
  assert.ok(cut.length <= 1024 && cut.length > 900, String(cut.length));
  assert.match(
    cut,
    /^Component X is not ready: Component Cache is not ready: deep .* deep … deep .* deep secret/,
  );
  assert.ok(cut.endsWith('secret "hub" is missing; create it'));
});

Deno.test("a message is cut between characters", () => {
  for (const text of ["😀".repeat(1000), `a${"😀".repeat(1000)}`]) {
    const { message } = look([{ component: "X", message: text }]).conditions[0];
    assert.ok(message.length <= 1024 && message.isWellFormed() && /😀 … 😀/u.test(message));
  }
  const half = look([{ component: "X", message: "\ud83d" }]).conditions[0].message;
  assert.equal(half, "\ufffd");
});

Deno.test("conditions of the kind count if their type ends in Ready", () => {
  const extra = (type: string) => [{ type, status: "False", reason: "Downloading", message: "" } as const];
  assert.equal(look([{ component: "X" }], { extra: extra("DownloadComplete") }).status, "Ready");
  assert.equal(look([{ component: "X" }], { extra: extra("FooReady") }).status, "Progressing");
});

Deno.test("an AIMService's words (services.md §11.5 rule 5, api.md §10.3)", () => {
  const rows = [
    ["Progressing", "Starting"],
    ["Ready", "Running"],
    ["Pending", "Pending"],
    ["Degraded", "Degraded"],
    ["Starting", "Starting"],
    ["Running", "Running"],
  ] as const;
  for (const [word, shown] of rows) {
    assert.equal(serviceStatus(word, true), shown);
    assert.equal(serviceStatus(word, false), shown);
  }
  assert.equal(serviceStatus("NotAvailable", false), "Pending");
  assert.equal(serviceStatus("Failed", false), "Failed");
  // Something serves and something is wrong (spec/README "Degraded of a service").
  for (const word of ["NotAvailable", "Failed"] as const) assert.equal(serviceStatus(word, true), "Degraded");
});

const since = "2026-01-02T03:04:05Z";
const anyHealth: fc.Arbitrary<ComponentHealth[]> = fc.uniqueArray(
  fc.record({
    component: fc.constantFrom("A", "B", "C", "D", "E"),
    dependency: fc.constantFrom("Upstream", "Downstream", "none"),
    state: fc.option(fc.constantFrom(...statusWords), { nil: undefined }),
    errors: fc.array(
      fc.constantFrom<ErrorCategory>(
        "Infrastructure",
        "Unknown",
        "Auth",
        "InvalidSpec",
        "MissingUpstream",
        "MissingDownstream",
        "ResourceExhaustion",
      ).map((category) => error(category)),
      { maxLength: 2 },
    ),
  }) as fc.Arbitrary<ComponentHealth>,
  { selector: (health) => health.component },
);

Deno.test("property: what was stored does not change the next summary on the same world", () => {
  fc.assert(fc.property(anyHealth, fc.boolean(), (components, late) => {
    const first = summarize({ components, reached: () => late });
    const previous = {
      status: first.status,
      conditions: first.conditions.map((each) => ({ ...each, lastTransitionTime: since })),
    };
    const second = summarize({ components, previous, reached: () => true });
    const third = summarize({
      components,
      previous: {
        status: second.status,
        conditions: second.conditions.map((each) => ({ ...each, lastTransitionTime: since })),
      },
      reached: () => true,
    });
    assert.deepEqual(third, second);
    assert.equal(new Set(second.conditions.map(({ type }) => type)).size, second.conditions.length);
    const ready = second.conditions.at(-1)!;
    assert.equal(ready.type, "Ready");
    assert.equal(ready.status === "True", second.status === "Ready");
  }));
});

/** The message of `Ready` where causes are told. */
const coded = (components: readonly ComponentHealth[], more: Partial<Evidence> = {}) =>
  look(components, { coded: true, ...more }).conditions.find(({ type }) => type === "Ready")!.message;

Deno.test("Ready names the cause of the component that speaks: its own code, its error's, its reason's", () => {
  const failed = { component: "A", state: "Failed", reason: "CacheFailed", message: "m" } as const;
  assert.match(coded([failed]), /^Component A is not ready: m\. AIM-0301: /);
  assert.match(coded([{ ...failed, code: "AIM-0312" }]), /\. AIM-0312: /);
  const refused = { ...error("InvalidSpec", "FailedCreate"), code: "AIM-0803" } as const;
  assert.match(
    coded([{ component: "A", errors: [refused] }]),
    /^Configuration validation failed: .*\. AIM-0803: /,
  );
  assert.match(coded([{ component: "A", errors: [error("Infrastructure")] }]), /\. AIM-0810: /);
  const waits = { component: "B", state: "Pending", reason: "FailedScheduling", message: "w" } as const;
  assert.match(coded([waits]), /^Waiting for components to become ready: B: w\. AIM-0409: /);
  // The worst speaks, and so does its cause.
  assert.match(coded([waits, failed]), /\. AIM-0301: /);
});

Deno.test("who is Ready, or merely on the way, names no cause; nor does an object that tells none", () => {
  assert.equal(coded([{ component: "A" }]), "All components are ready");
  const onTheWay = { component: "A", state: "Progressing", reason: "CreatingRuntime", message: "m" } as const;
  assert.doesNotMatch(coded([onTheWay]), /AIM-/);
  const unknown = { ...onTheWay, reason: "CacheFailed", code: "none" } as const;
  assert.doesNotMatch(coded([unknown]), /AIM-/);
  const failed = { component: "A", state: "Failed", reason: "CacheFailed" } as const;
  assert.doesNotMatch(coded([failed], { coded: false }), /AIM-/);
});

Deno.test("however long a message is, the code and what helps stand at its end", () => {
  const failed = {
    component: "A",
    state: "Failed",
    reason: "CacheFailed",
    message: "x ".repeat(2_000),
  } as const;
  const said = coded([failed]);
  assert.ok(said.length <= 1024);
  assert.match(said, /^Component A is not ready: .*\. AIM-0301: Look at the cache [^`]*\.$/);
});
