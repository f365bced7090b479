/** What limits, quotas, standards of pods and policies add to objects or refuse of them. No controller counts: the tests do. */
import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

type Fields = Record<string, unknown>;

const space = "/api/v1/namespaces/$ns";
const pods = `${space}/pods`;
const claims = `${space}/persistentvolumeclaims`;
const services = `${space}/services`;
const deployments = "/apis/apps/v1/namespaces/$ns/deployments";
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";

/** What is written a moment ago is known to admission then. */
const known = 700;

const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `POST ${path}${path.includes("?") ? "&" : "?"}fieldManager=maker`, body, ...more };
};
const tried = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return post(`${path}?dryRun=All`, body, more);
};
const merge = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/merge-patch+json", ...more };
};

const account = post(`${space}/serviceaccounts`, {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default" },
});

const container = (resources?: Fields, more: Fields = {}) => ({
  name: "c",
  image: "x:1",
  resources,
  ...more,
});
const resources = (requests?: Fields, limits?: Fields) => ({ requests, limits });

function pod(name: string, containers: readonly Fields[], more: Fields = {}): Fields {
  const spec = { containers, automountServiceAccountToken: false, ...more };
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
}

function claim(name: string, storage: string, more: Fields = {}): Fields {
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec };
}

function service(name: string, spec: Fields): Fields {
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

function range(name: string, limits: readonly Fields[]): Fields {
  return { apiVersion: "v1", kind: "LimitRange", metadata: { name }, spec: { limits } };
}

const limits: Conversation = {
  name: "limits",
  alone: true,
  rows: [
    account,
    post(
      `${space}/limitranges`,
      range("few", [
        {
          type: "Container",
          default: { cpu: "500m", memory: "1Gi" },
          defaultRequest: { cpu: "100m" },
          min: { cpu: "50m" },
          max: { cpu: "2", memory: "4Gi" },
          maxLimitRequestRatio: { cpu: "10" },
        },
        { type: "Pod", max: { memory: "5Gi" } },
        { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "5Gi" } },
      ]),
    ),
    tried(pods, pod("silent", [container()]), { pause: known }),
    tried(pods, pod("partly", [container(resources({ memory: "512Mi" }))])),
    tried(
      pods,
      pod("two", [container(), container(resources(undefined, { cpu: "1" }), { name: "d" })], {
        initContainers: [container(undefined, { name: "i" })],
      }),
    ),
    tried(pods, pod("large", [container(resources({ cpu: "1" }, { cpu: "3" }))])),
    tried(pods, pod("larger", [container(resources({ cpu: "1" }, { cpu: "3", memory: "4097Mi" }))])),
    tried(pods, pod("small", [container(resources({ cpu: "10m" }, { cpu: "40m" }))])),
    tried(pods, pod("steep", [container(resources({ cpu: "50m" }, { cpu: "2" }))])),
    tried(
      pods,
      pod("sum", [
        container(resources(undefined, { memory: "3Gi" })),
        container(resources(undefined, { memory: "3Gi" }), { name: "d" }),
      ]),
    ),
    tried(claims, claim("large", "10Gi")),
    tried(claims, claim("small", "500Mi")),
    tried(claims, claim("right", "5Gi")),
    // Of several ranges the original takes the defaults in any order, and names those of the last in the annotation.
    { request: `DELETE ${space}/limitranges/few` },
    post(
      `${space}/limitranges`,
      range("strict", [{
        type: "Container",
        min: { "ephemeral-storage": "1Gi" },
        max: { "example.com/gpu": "2" },
      }]),
    ),
    tried(pods, pod("strict", [container()]), { pause: known }),
  ],
};

function quota(name: string, hard: Fields, more: Fields = {}): Fields {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name }, spec: { hard, ...more } };
}

const quotas = `${space}/resourcequotas`;
const counted = (name: string, hard: Fields, used: Fields): Row =>
  merge(`${quotas}/${name}/status?fieldManager=counter`, { status: { hard, used } });
const nothing = (hard: Fields) => Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));

const hard = {
  pods: "2",
  "requests.cpu": "1",
  "limits.memory": "2Gi",
  "requests.amd.com/gpu": "2",
  "count/configmaps": "2",
  services: "2",
  "services.nodeports": "1",
  "requests.storage": "10Gi",
  "fast.storageclass.storage.k8s.io/requests.storage": "1Gi",
  "count/widgets.conversation.test": "1",
};
const fit = resources({ cpu: "500m" }, { memory: "1Gi" });
const ports = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `p${i}`, port: 80 + i }));

const quotasConversation: Conversation = {
  name: "quotas",
  alone: true,
  rows: [
    account,
    post(quotas, quota("all", hard)),
    tried(pods, pod("uncounted", [container()]), { pause: known }),
    counted("all", hard, nothing(hard)),
    tried(pods, pod("silent", [container(), container(undefined, { name: "d" })]), { pause: known }),
    tried(pods, pod("partly", [container(resources({ cpu: "1" }))])),
    tried(pods, pod("large", [container(resources({ cpu: "2" }, { memory: "1Gi" }))])),
    tried(pods, pod("larger", [container(resources({ cpu: "1500m" }, { memory: "3000Mi" }))])),
    tried(
      pods,
      pod("gpus", [container(resources({ cpu: "1" }, { memory: "1Gi", "amd.com/gpu": "4" }))]),
    ),
    tried(
      pods,
      pod("init", [container(fit)], {
        initContainers: [container(resources({ cpu: "3" }, { memory: "1Gi" }), { name: "i" })],
      }),
    ),
    post(pods, pod("one", [container(fit)])),
    { request: `GET ${quotas}/all` },
    post(pods, pod("two", [container(fit)])),
    post(pods, pod("three", [container(fit)]), { pause: known }),
    merge(`${pods}/one?dryRun=All`, { metadata: { labels: { a: "b" } } }),
    post(claims, claim("small", "6Gi")),
    post(claims, claim("large", "5Gi"), { pause: known }),
    post(claims, claim("fast", "2Gi", { storageClassName: "fast" })),
    post(services, service("open", { type: "NodePort", ports: ports(2) })),
    post(services, service("plain", { ports: ports(2) })),
    merge(`${services}/plain?fieldManager=m`, { spec: { type: "NodePort" } }, { pause: known }),
    post(services, service("second", { clusterIP: "None", ports: ports(1) })),
    post(services, service("third", { clusterIP: "None", ports: ports(1) }), { pause: known }),
    post(`${space}/configmaps`, configMap("a")),
    post(`${space}/configmaps`, configMap("b"), { pause: known }),
    post(`${space}/configmaps`, configMap("c"), { pause: known }),
    post(widgets, widget("a", { colour: "red" })),
    post(widgets, widget("b", { colour: "red" }), { pause: known }),
    post(widgets, widget("a", { colour: "red" })),
    { request: `GET ${quotas}/all` },
    { request: `DELETE ${quotas}/all` },
    post(quotas, quota("half", { pods: "5", secrets: "5" })),
    counted("half", { pods: "5", secrets: "5" }, { secrets: "0" }),
    tried(pods, pod("unknown", [container()]), { pause: known }),
    { request: `DELETE ${quotas}/half` },
    post(quotas, quota("lazy", { pods: "0" }, { scopes: ["BestEffort"] })),
    counted("lazy", { pods: "0" }, { pods: "0" }),
    tried(pods, pod("lazy", [container()]), { pause: known }),
    tried(pods, pod("busy", [container(resources({ cpu: "1" }))])),
    { request: `DELETE ${quotas}/lazy` },
    post(quotas, quota("short", { pods: "0" }, { scopes: ["Terminating"] })),
    counted("short", { pods: "0" }, { pods: "0" }),
    tried(pods, pod("short", [container()], { activeDeadlineSeconds: 5 }), { pause: known }),
    tried(pods, pod("long", [container()])),
  ],
};

const labels = (said: Readonly<Record<string, string | null>>, more: Partial<Row> = {}): Row =>
  merge(`${space}?fieldManager=m`, {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(said).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]),
      ),
    },
  }, more);

const strict = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/** Pods each of which breaks one rule or a few. */
const loosePods: readonly Fields[] = [
  pod("plain", [container()]),
  pod("two", [container(), container(undefined, { name: "d", securityContext: strict })], {
    initContainers: [container(undefined, { name: "i" })],
  }),
  pod("host", [
    container(undefined, { ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 9, hostPort: 9 }] }),
  ], {
    hostNetwork: true,
    hostPID: true,
    volumes: [{ name: "v", hostPath: { path: "/" } }, { name: "n", nfs: { server: "s", path: "/" } }],
  }),
  pod("privileged", [
    container(undefined, {
      securityContext: {
        privileged: true,
        capabilities: { add: ["SYS_ADMIN", "CHOWN", "NET_BIND_SERVICE"] },
      },
    }),
  ]),
  pod("root", [container(undefined, { securityContext: { ...strict, runAsNonRoot: false, runAsUser: 0 } })], {
    securityContext: { runAsUser: 0, runAsNonRoot: false },
  }),
  pod("profiles", [
    container(undefined, {
      securityContext: {
        ...strict,
        seccompProfile: { type: "Unconfined" },
        appArmorProfile: { type: "Unconfined" },
        seLinuxOptions: { type: "spc_t", user: "u", role: "r" },
      },
    }),
  ], {
    securityContext: {
      sysctls: [{ name: "kernel.msgmax", value: "1" }, { name: "net.ipv4.tcp_rmem", value: "1" }],
      seccompProfile: { type: "Unconfined" },
    },
  }),
  pod("probes", [
    container(undefined, {
      securityContext: strict,
      livenessProbe: { httpGet: { host: "example.com", port: 80 } },
      lifecycle: { preStop: { httpGet: { host: "example.org", port: 80, path: "/" } } },
    }),
  ]),
  pod("mounts", [container(undefined, { securityContext: { ...strict, procMount: "Unmasked" } })], {
    hostUsers: false,
  }),
  pod("apart", [container(undefined, { securityContext: { ...strict, runAsNonRoot: undefined } })], {
    hostUsers: false,
  }),
  pod("good", [container(undefined, { securityContext: strict })]),
];

const deployment = (name: string, { spec }: Fields): Fields => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec } },
});

const podSecurity: Conversation = {
  name: "pod-security",
  alone: true,
  rows: [
    account,
    labels({ enforce: "restricted" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    tried(deployments, deployment("plain", loosePods[0])),
    tried(deployments, deployment("good", loosePods[9])),
    tried("/apis/batch/v1/namespaces/$ns/jobs", {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "plain" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } },
    }),
    labels({ enforce: "baseline" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    labels({ enforce: "restricted", "enforce-version": "v1.20" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    labels({ enforce: null, "enforce-version": null, warn: "restricted" }),
    ...[0, 4, 9].map((each, i) => tried(pods, loosePods[each], i === 0 ? { pause: known } : {})),
    post(pods, loosePods[0]),
    post(pods, loosePods[3]),
    post(pods, pod("plain2", [container()])),
    labels({ enforce: "nonsense" }),
    labels({ "enforce-version": "1.20", warn: "much" }),
    labels({ enforce: "restricted", warn: null }),
    labels({ enforce: "baseline" }),
    labels({ enforce: "restricted", "enforce-version": "v1.30" }),
    merge(`${pods}/plain?fieldManager=m`, { metadata: { labels: { a: "b" } } }, { pause: known }),
    merge(`${pods}/plain?fieldManager=m`, { spec: { containers: [{ name: "c", image: "x:2" }] } }),
    post("/api/v1/namespaces?dryRun=All", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "security-other", labels: { "pod-security.kubernetes.io/enforce": "nonsense" } },
    }),
  ],
};

const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const maps = `${space}/configmaps`;

function policy(name: string, validations: readonly Fields[], more: Fields = {}, rule: Fields = {}): Fields {
  const rules = [{
    apiGroups: [""],
    apiVersions: ["v1"],
    operations: ["CREATE", "UPDATE"],
    resources: ["configmaps"],
    ...rule,
  }];
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "$ns" } };
  const spec = { matchConstraints: { resourceRules: rules, namespaceSelector }, validations, ...more };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec,
  };
}

function binding(name: string, policyName: string, more: Fields = {}): Fields {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName, validationActions: ["Deny"], ...more },
  };
}

const bound = (
  name: string,
  validations: readonly Fields[],
  more: Fields = {},
  to: Fields = {},
  rule: Fields = {},
) => [
  post(policies, policy(name, validations, more, rule)),
  post(bindings, binding(name, name, to)),
];
const unbound = (name: string): Row[] => [
  { request: `DELETE ${bindings}/${name}` },
  { request: `DELETE ${policies}/${name}` },
];
/** A policy is known to admission once its rules are compiled. */
const inForce = 2_500;

const short = { expression: "size(object.metadata.name) < 5" };

const policiesConversation: Conversation = {
  name: "policies",
  alone: true,
  rows: [
    ...bound("short", [short]),
    { request: `GET ${policies}/short`, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    { request: `GET ${bindings}/short`, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    post(maps, configMap("fine"), { pause: inForce }),
    tried(maps, configMap("toolong")),
    merge(`${maps}/fine?fieldManager=m`, { data: { a: "1" } }),
    {
      request: `PATCH ${maps}/applied-one?fieldManager=a`,
      body: configMap("applied-one"),
      type: "application/apply-patch+yaml",
    },
    ...unbound("short"),
    ...bound("worded", [
      {
        expression: "!has(object.data) || object.data.size() < 2",
        message: "  too much data ",
        reason: "Forbidden",
      },
      {
        expression: "!has(object.data) || object.data.all(k, k.startsWith('a'))",
        messageExpression: "'keys of ' + object.metadata.name + ' begin with a'",
        message: "unused",
      },
      { expression: "object.data.needed == 'yes'" },
    ]),
    tried(maps, configMap("m1", { a: "1", b: "2" }), { pause: inForce }),
    tried(maps, configMap("m2", { b: "2" })),
    tried(maps, configMap("m3", { a: "2" })),
    tried(maps, configMap("m4")),
    ...unbound("worded"),
    ...bound("lenient", [{ expression: "object.data.needed == 'yes'" }], { failurePolicy: "Ignore" }),
    tried(maps, configMap("m5"), { pause: inForce }),
    tried(maps, configMap("m6", { needed: "no" })),
    ...unbound("lenient"),
    ...bound("warned", [short], {}, { validationActions: ["Warn", "Audit"] }),
    tried(maps, configMap("toolong"), { pause: inForce }),
    ...unbound("warned"),
    ...bound("chosen", [short], {
      matchConditions: [{ name: "not-mine", expression: "!(object.metadata.name.startsWith('mine'))" }],
      variables: [{ name: "length", expression: "size(object.metadata.name)" }],
      validations: [{
        expression: "variables.length < 5",
        messageExpression: "'it has ' + string(variables.length)",
      }],
    }, { matchResources: { objectSelector: { matchLabels: { judged: "yes" } } } }),
    tried(maps, configMap("mine-is-long", undefined, { labels: { judged: "yes" } }), { pause: inForce }),
    tried(maps, configMap("yours-is-long", undefined, { labels: { judged: "yes" } })),
    tried(maps, configMap("yours-is-long")),
    ...unbound("chosen"),
    post(maps, configMap("most", { most: "3" })),
    ...bound("params", [{ expression: "size(object.metadata.name) <= int(params.data.most)" }], {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    }, { paramRef: { name: "most", namespace: "$ns", parameterNotFoundAction: "Deny" } }),
    tried(maps, configMap("four"), { pause: inForce }),
    tried(maps, configMap("two")),
    ...unbound("params"),
    ...bound("old", [
      {
        expression:
          "request.operation != 'UPDATE' || has(oldObject.metadata.labels) == has(object.metadata.labels)",
      },
    ]),
    merge(`${maps}/fine?fieldManager=m`, { metadata: { labels: { kept: "1" } } }, { pause: inForce }),
    merge(`${maps}/fine?fieldManager=m`, { metadata: { labels: { other: "1" } } }),
    ...unbound("old"),
    ...bound("kept", [{ expression: "oldObject.metadata.name != 'fine'" }], {}, {}, {
      operations: ["DELETE"],
    }),
    { request: `DELETE ${maps}/fine?dryRun=All`, pause: inForce },
    { request: `DELETE ${maps}/most?dryRun=All` },
    ...unbound("kept"),
    ...bound(
      "widgets",
      [
        { expression: "object.spec.replicas <= 3 && object.spec.colour in ['red', 'green']" },
      ],
      {},
      {},
      { apiGroups: ["conversation.test"], resources: ["widgets", "widgets/scale"] },
    ),
    tried(widgets, widget("w", { colour: "blue", replicas: 2 }), { pause: inForce }),
    post(widgets, widget("w", { colour: "red", replicas: 2 })),
    merge(`${widgets}/w/status?fieldManager=m`, { status: { phase: "x" } }),
    ...unbound("widgets"),
    tried(policies, policy("bad", [{ expression: "object.name ==" }])),
    tried(policies, policy("bad", [{ expression: "unknown(object.name)" }])),
    tried(policies, policy("bad", [{ expression: "object.name.unheard('x')" }])),
    tried(policies, policy("bad", [{ expression: "  " }])),
    tried(policies, policy("bad", [])),
    tried(policies, policy("bad", [{ ...short, reason: "Nonsense", message: "two\nlines" }])),
    tried(policies, policy("bad", [short], {}, { operations: [], apiGroups: [] })),
    tried(
      policies,
      policy("bad", [short], { failurePolicy: "Maybe", variables: [{ name: "1x", expression: "1" }] }),
    ),
    tried(bindings, binding("bad", "")),
    tried(bindings, binding("bad", "x", { validationActions: ["Deny", "Warn"] })),
    tried(bindings, binding("bad", "x", { validationActions: ["Shout"] })),
    tried(
      bindings,
      binding("bad", "x", { validationActions: [], paramRef: { parameterNotFoundAction: "Deny" } }),
    ),
  ],
};

/** What CEL knows in Kubernetes: each is true of the object that is made. */
const expressions: readonly string[] = [
  "'a-b'.replace('-', '+') == 'a+b' && 'aaa'.replace('a', 'b', 2) == 'bba'",
  "'abc'.charAt(1) == 'b' && 'abc'.indexOf('c') == 2 && 'abc'.substring(1) == 'bc' && 'AbC'.lowerAscii() == 'abc'",
  "['a', 'b'].join('-') == 'a-b' && 'a,b'.split(',') == ['a', 'b']",
  "'%s has %d'.format(['x', 2]) == 'x has 2'",
  "'abc 123'.find('[0-9]+') == '123' && '1 22 3'.findAll('[0-9]+', 2) == ['1', '22']",
  "[1, 2, 3].isSorted() && [1, 2, 3].sum() == 6 && [3, 1].min() == 1 && [3, 1].max() == 3",
  "['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2",
  "sets.contains(['a', 'b'], ['a']) && !sets.intersects(['a'], ['b']) && sets.equivalent(['a', 'b'], ['b', 'a', 'a'])",
  "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').isLessThan(quantity('1'))",
  "quantity('1k').asInteger() == 1000 && quantity('1.5').asApproximateFloat() == 1.5 && !quantity('1.5').isInteger()",
  "quantity('1').add(quantity('2')).compareTo(quantity('3')) == 0 && sign(quantity('1').sub(2)) == -1",
  "isQuantity('1Gi') && !isQuantity('much')",
  "isURL('https://example.com:80/a') && url('https://example.com:80/a').getPort() == '80' && url('https://a.b/c').getHost() == 'a.b'",
  "duration('1h') > duration('59m') && timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026",
  "object.metadata.?labels.?none.orValue('x') == 'x' && object.?data.hasValue()",
  "object.data.exists_one(k, k == 'a') && object.data.map(k, k + '!').size() == 2 && 'a' in object.data",
  "{'a': 1, 'b': 2}.size() == 2 && [[1], [2, 3]].all(l, l.size() > 0) && [1, 2].filter(x, x > 1) == [2]",
  "type(1) == int && string(1) == '1' && int('2') == 2 && double(1) == 1.0 && dyn(1) == 1",
  "has(object.data.a) && !has(object.data.z) && object.kind == 'ConfigMap' && object.metadata.namespace == request.namespace",
  "namespaceObject.metadata.name == request.namespace && request.kind.kind == 'ConfigMap' && request.dryRun",
];

const cel: Conversation = {
  name: "cel",
  alone: true,
  rows: [
    post(
      policies,
      policy(
        "functions",
        expressions.map((expression, i) => ({
          expression: `${expression} && object.metadata.name != 'n${i}'`,
        })),
      ),
    ),
    post(bindings, binding("functions", "functions")),
    tried(maps, configMap("good", { a: "1", b: "2" }), { pause: inForce }),
    ...expressions.map((_, i) => tried(maps, configMap(`n${i}`, { a: "1", b: "2" }))),
    ...unbound("functions"),
  ],
};

export const admission: readonly Conversation[] = [
  limits,
  quotasConversation,
  podSecurity,
  policiesConversation,
  cel,
];
