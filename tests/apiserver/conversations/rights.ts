/** Who may do what: refusals, reviews, and what nobody gives away. Rights of roles count a moment after they are written. */
import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

type Fields = Record<string, unknown>;

const group = "rbac.authorization.k8s.io";
const rbac = `/apis/${group}/v1`;
const space = "/api/v1/namespaces/$ns";
const configMaps = `${space}/configmaps`;
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";
const roles = `${rbac}/namespaces/$ns/roles`;
const bindings = `${rbac}/namespaces/$ns/rolebindings`;
const reviews = "/apis/authorization.k8s.io/v1";

/** What is written a moment ago is known to the rules then. */
const known = 700;

interface Who {
  readonly user: string;
  readonly groups?: readonly string[];
}

const by = (who: Who, request: string, more: Partial<Row> = {}): Row => ({ request, who, ...more });
const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => ({
  request: `POST ${path}?fieldManager=maker`,
  body,
  ...more,
});
const merge = (path: string, body: unknown, more: Partial<Row> = {}): Row => ({
  request: `PATCH ${path}?fieldManager=m`,
  body,
  type: "application/merge-patch+json",
  ...more,
});
const apply = (path: string, body: unknown, more: Partial<Row> = {}): Row => ({
  request: `PATCH ${path}?fieldManager=m`,
  body,
  type: "application/apply-patch+yaml",
  ...more,
});

const rule = (apiGroups: string[], resources: string[], verbs: string[], more: Fields = {}): Fields => ({
  apiGroups,
  resources,
  verbs,
  ...more,
});

function role(name: string, ...rules: Fields[]): Fields {
  return { apiVersion: `${group}/v1`, kind: "Role", metadata: { name }, rules };
}

function clusterRole(name: string, ...rules: Fields[]): Fields {
  return { ...role(name, ...rules), kind: "ClusterRole" };
}

function bound(kind: string, name: string, roleKind: string, roleName: string, subject: Fields): Fields {
  return {
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: group, kind: roleKind, name: roleName },
    subjects: [subject],
  };
}

const user = (name: string): Fields => ({ apiGroup: group, kind: "User", name });
const account = (name: string, namespace?: string): Fields => ({ kind: "ServiceAccount", name, namespace });

const nobody = { user: "norma" };
const reader = { user: "jane", groups: ["readers"] };
const lost = { user: "kim" };
const named = { user: "ned" };
const maker = { user: "max" };
const binder = { user: "bea" };
const escalator = { user: "esther" };
const robot = { user: "system:serviceaccount:$ns:robot" };

const access = (kind: string, spec: Fields, more: Fields = {}): Fields => ({
  apiVersion: "authorization.k8s.io/v1",
  kind,
  spec,
  ...more,
});
const resource = (verb: string, resource: string, more: Fields = {}): Fields => ({
  resourceAttributes: { verb, resource, namespace: "$ns", ...more },
});
const mine = (who: Who, spec: Fields): Row =>
  post(`${reviews}/selfsubjectaccessreviews`, access("SelfSubjectAccessReview", spec), { who });
const theirs = (spec: Fields, more: Partial<Row> = {}): Row =>
  post(`${reviews}/subjectaccessreviews`, access("SubjectAccessReview", spec), more);

const refusals: Conversation = {
  name: "rights",
  alone: true,
  rows: [
    post(configMaps, configMap("a")),
    post(widgets, widget("a", { colour: "red" })),
    by(nobody, `GET ${configMaps}`),
    by(nobody, `GET ${configMaps}/a`),
    by(nobody, `GET ${configMaps}/missing`),
    by(nobody, "GET /api/v1/configmaps"),
    by(nobody, `GET ${configMaps}?watch=true`),
    by(nobody, `GET ${configMaps}?watch=nonsense`),
    by(nobody, `GET ${configMaps}?fieldSelector=metadata.name%3Da`),
    by(nobody, `GET /api/v1/watch/namespaces/$ns/configmaps`),
    post(configMaps, configMap("b"), { who: nobody }),
    post(configMaps, "nonsense", { who: nobody }),
    by(nobody, `PUT ${configMaps}/a`, { body: configMap("a") }),
    merge(`${configMaps}/a`, { data: { k: "v" } }, { who: nobody }),
    apply(`${configMaps}/c`, configMap("c"), { who: nobody }),
    by(nobody, `DELETE ${configMaps}/a`),
    by(nobody, `DELETE ${configMaps}`),
    by(nobody, `GET ${widgets}`),
    by(nobody, `GET ${widgets}/a/status`),
    merge(`${widgets}/a/scale`, { spec: { replicas: 2 } }, { who: nobody }),
    by(nobody, `GET ${space}/pods/p/log`),
    by(nobody, `GET ${space}`),
    by(nobody, "GET /api/v1/namespaces"),
    by(nobody, "GET /api/v1/nodes/n"),
    by(nobody, "GET /apis/nothing.test/v1/things"),
    by(nobody, "GET /apis/nothing.test/v1/namespaces/$ns/things/t/part"),
    by(nobody, "GET /api/v1/namespaces/%3Cb%3E/pods"),
    by(nobody, "GET /metrics"),
    by(nobody, "POST /nonsense"),
    by(nobody, "GET /livez"),
    by(nobody, "GET /apis/nothing.test"),
    by({ user: "system:anonymous" }, "GET /livez"),
    by({ user: "system:anonymous" }, "GET /apis"),
    by({ user: "root", groups: ["system:masters"] }, `GET ${configMaps}/a`),
    // Roles in a namespace.
    post(
      roles,
      role(
        "reader",
        rule([""], ["configmaps"], ["get", "list", "patch"]),
        rule(["conversation.test"], ["*/status"], ["get"]),
      ),
    ),
    post(bindings, bound("RoleBinding", "reader", "Role", "reader", user("jane"))),
    by(reader, `GET ${configMaps}/a`, { pause: known }),
    by(reader, `GET ${configMaps}?fieldSelector=metadata.name%3Da&limit=1`),
    by(reader, "GET /api/v1/configmaps"),
    by(reader, "GET /api/v1/namespaces/default/configmaps"),
    by(reader, `GET ${configMaps}?watch=1`),
    by(reader, `GET ${widgets}/a`),
    by(reader, `GET ${widgets}/a/status`),
    merge(`${configMaps}/a`, { data: { k: "v" } }, { who: reader }),
    merge(`${configMaps}/missing`, { data: { k: "v" } }, { who: reader }),
    apply(`${configMaps}/new`, configMap("new"), { who: reader }),
    apply(`${configMaps}/a`, configMap("a"), { who: reader }),
    // One thing by its name.
    post(
      roles,
      role("named", rule([""], ["configmaps"], ["get", "list", "delete"], { resourceNames: ["a"] })),
    ),
    post(bindings, bound("RoleBinding", "named", "Role", "named", user("ned"))),
    by(named, `GET ${configMaps}/a`, { pause: known }),
    by(named, `GET ${configMaps}/b`),
    by(named, `GET ${configMaps}`),
    by(named, `GET ${configMaps}?fieldSelector=metadata.name%3Da`),
    by(named, `DELETE ${configMaps}?fieldSelector=metadata.name%3Da`),
    // What is bound and not there.
    post(bindings, bound("RoleBinding", "lost", "Role", "lost", user("kim"))),
    by(lost, `GET ${configMaps}/a`, { pause: known }),
    post(bindings, bound("RoleBinding", "lost-too", "ClusterRole", "no-such-role", user("kim"))),
    by(lost, `GET ${configMaps}/a`, { pause: known }),
    // Service accounts, those of the namespace and those of another one.
    post(bindings, bound("RoleBinding", "robot", "ClusterRole", "cluster-admin", account("robot", "$ns"))),
    by(robot, `GET ${configMaps}/a`, { pause: known }),
    by(robot, "GET /api/v1/nodes"),
    by({ user: "system:serviceaccount:other:robot" }, `GET ${configMaps}/a`),
    post(bindings, bound("RoleBinding", "group", "Role", "reader", { ...user("readers"), kind: "Group" })),
    by({ user: "gus", groups: ["readers"] }, `GET ${configMaps}/a`, { pause: known }),
    by({ user: "gus" }, `GET ${configMaps}/a`),
    // What a change takes away.
    { request: `DELETE ${bindings}/group` },
    by({ user: "gus", groups: ["readers"] }, `GET ${configMaps}/a`, { pause: known }),
    // Paths.
    post(
      `${rbac}/clusterroles`,
      clusterRole("c-rights-paths", { nonResourceURLs: ["/metrics", "/logs/*"], verbs: ["get"] }),
    ),
    post(
      `${rbac}/clusterrolebindings`,
      bound("ClusterRoleBinding", "c-rights-paths", "ClusterRole", "c-rights-paths", user("paul")),
    ),
    { ...mine({ user: "paul" }, { nonResourceAttributes: { path: "/metrics", verb: "get" } }), pause: known },
    mine({ user: "paul" }, { nonResourceAttributes: { path: "/logs/a/b", verb: "get" } }),
    mine({ user: "paul" }, { nonResourceAttributes: { path: "/logs", verb: "get" } }),
    mine({ user: "paul" }, { nonResourceAttributes: { path: "/metrics", verb: "post" } }),
  ],
};

const asked: Conversation = {
  name: "reviews",
  alone: true,
  rows: [
    post(roles, role("reader", rule([""], ["configmaps"], ["get", "list"], { resourceNames: ["a"] }))),
    post(bindings, bound("RoleBinding", "reader", "Role", "reader", user("rita"))),
    post(bindings, bound("RoleBinding", "robot", "ClusterRole", "cluster-admin", account("robot"))),
    post(bindings, bound("RoleBinding", "lost", "Role", "lost", user("lou"))),
    { ...mine({ user: "rita" }, resource("get", "configmaps", { name: "a" })), pause: known },
    mine({ user: "rita" }, resource("get", "configmaps")),
    mine({ user: "rita" }, resource("get", "configmaps", { name: "a", namespace: "" })),
    mine({ user: "rita" }, resource("get", "configmaps", { name: "a", version: "v7" })),
    mine({ user: "rita" }, resource("get", "configmaps", { name: "a", subresource: "status" })),
    mine({ user: "rita" }, { nonResourceAttributes: { path: "/api", verb: "get" } }),
    mine({ user: "rita" }, { nonResourceAttributes: { path: "/metrics", verb: "get" } }),
    mine({ user: "rita" }, {}),
    mine({ user: "rita" }, {
      ...resource("get", "configmaps"),
      nonResourceAttributes: { path: "/metrics", verb: "get" },
    }),
    mine({ user: "lou" }, resource("get", "configmaps")),
    mine({ user: "root", groups: ["system:masters"] }, resource("get", "configmaps")),
    mine(robot, resource("*", "*", { group: "*" })),
    theirs({ user: "rita", ...resource("list", "configmaps", { name: "a" }) }),
    theirs({ user: "rita", ...resource("list", "configmaps") }),
    theirs({ user: "system:serviceaccount:$ns:robot", ...resource("list", "secrets") }),
    theirs({ groups: ["system:masters"], ...resource("list", "secrets") }),
    theirs({
      user: "x",
      groups: ["system:authenticated"],
      nonResourceAttributes: { path: "/apis/x", verb: "get" },
    }),
    theirs(resource("list", "secrets")),
    theirs({ user: "rita", ...resource("list", "configmaps") }, { who: { user: "rita" } }),
    post(
      `${reviews}/namespaces/$ns/localsubjectaccessreviews`,
      access("LocalSubjectAccessReview", { user: "rita", ...resource("get", "configmaps", { name: "a" }) }, {
        metadata: { namespace: "$ns" },
      }),
    ),
    post(
      `${reviews}/namespaces/$ns/localsubjectaccessreviews`,
      access("LocalSubjectAccessReview", { user: "rita", ...resource("get", "configmaps") }, {
        metadata: { namespace: "other" },
      }),
    ),
    post(`${reviews}/selfsubjectrulesreviews`, access("SelfSubjectRulesReview", { namespace: "$ns" }), {
      who: { user: "rita" },
    }),
    post(`${reviews}/selfsubjectrulesreviews`, access("SelfSubjectRulesReview", {}), {
      who: { user: "rita" },
    }),
    post(`${reviews}/selfsubjectrulesreviews`, access("SelfSubjectRulesReview", { namespace: "$ns" }), {
      who: { user: "lou" },
    }),
    { request: `GET ${reviews}/selfsubjectaccessreviews` },
    { request: `GET ${reviews}` },
  ],
};

const beyond = role(
  "beyond",
  rule([""], ["secrets", "configmaps"], ["get", "list"]),
  rule(["apps", ""], ["deployments"], ["*"]),
  rule([""], ["pods"], ["get", "delete"], { resourceNames: ["p", "q"] }),
);
const within = (name: string) => role(name, rule([""], ["configmaps"], ["get"]));

const given: Conversation = {
  name: "escalation",
  alone: true,
  rows: [
    post(
      roles,
      role(
        "maker",
        rule([group], ["roles", "rolebindings"], ["create", "get", "update", "patch"]),
        rule([""], ["configmaps"], ["get", "list"]),
        rule(["conversation.test"], ["*/status"], ["get"]),
      ),
    ),
    post(bindings, bound("RoleBinding", "maker", "Role", "maker", user("max"))),
    post(bindings, bound("RoleBinding", "maker-too", "Role", "maker", user("bea"))),
    post(bindings, bound("RoleBinding", "maker-three", "Role", "maker", user("esther"))),
    post(
      roles,
      role("binder", rule([group], ["clusterroles"], ["bind"], { resourceNames: ["view"] })),
    ),
    post(bindings, bound("RoleBinding", "binder", "Role", "binder", user("bea"))),
    post(roles, role("escalator", rule([group], ["roles"], ["escalate"]))),
    post(bindings, bound("RoleBinding", "escalator", "Role", "escalator", user("esther"))),
    post(roles, beyond),
    post(roles, { ...beyond, metadata: { name: "made" } }, { who: maker, pause: known }),
    post(roles, within("within"), { who: maker }),
    post(roles, role("status", rule(["conversation.test"], ["widgets/status"], ["get"])), { who: maker }),
    post(roles, role("whole", rule(["*"], ["*"], ["*"])), { who: maker }),
    merge(`${roles}/within`, { rules: [rule([""], ["configmaps"], ["get", "delete"])] }, { who: maker }),
    merge(`${roles}/within`, { metadata: { labels: { a: "b" } } }, { who: maker }),
    merge(`${roles}/beyond`, { metadata: { labels: { a: "b" } } }, { who: maker }),
    merge(`${roles}/beyond`, { metadata: { finalizers: ["example.com/one"] } }, { who: maker }),
    merge(`${roles}/beyond`, { metadata: { finalizers: null } }, { who: maker }),
    post(roles, { ...beyond, metadata: { name: "escalated" } }, { who: escalator }),
    apply(`${roles}/applied`, { ...beyond, metadata: { name: "applied" } }, { who: maker }),
    apply(`${roles}/applied`, within("applied"), { who: maker }),
    by(maker, `PUT ${roles}/put`, { body: within("put") }),
    by(maker, `PUT ${roles}/within`, { body: { ...beyond, metadata: { name: "within" } } }),
    // A binding gives what its role has.
    post(bindings, bound("RoleBinding", "made", "Role", "beyond", user("x")), { who: maker }),
    post(bindings, bound("RoleBinding", "made", "Role", "within", user("x")), { who: maker }),
    post(bindings, bound("RoleBinding", "viewer", "ClusterRole", "view", user("x")), { who: binder }),
    post(bindings, bound("RoleBinding", "basic", "ClusterRole", "system:basic-user", user("x")), {
      who: maker,
    }),
    post(bindings, bound("RoleBinding", "info", "ClusterRole", "system:public-info-viewer", user("x")), {
      who: maker,
    }),
    post(bindings, bound("RoleBinding", "all", "ClusterRole", "cluster-admin", user("x")), { who: maker }),
    post(bindings, bound("RoleBinding", "none", "Role", "no-such-role", user("x")), { who: maker }),
    post(bindings, bound("RoleBinding", "none", "ClusterRole", "no-such-role", user("x")), { who: maker }),
    merge(`${bindings}/made`, { subjects: [user("y")] }, { who: maker }),
    merge(`${bindings}/maker`, { subjects: [user("y")] }, { who: binder }),
    merge(`${bindings}/viewer`, { subjects: [user("y")] }, { who: binder }),
    // Of the whole cluster.
    post(
      `${rbac}/clusterroles`,
      clusterRole(
        "c-escalation",
        rule([group], ["clusterroles", "clusterrolebindings"], ["create", "patch"]),
      ),
    ),
    post(
      `${rbac}/clusterrolebindings`,
      bound("ClusterRoleBinding", "c-escalation", "ClusterRole", "c-escalation", user("carl")),
    ),
    post(
      `${rbac}/clusterroles`,
      clusterRole("c-escalation-made", { nonResourceURLs: ["/metrics"], verbs: ["get", "post"] }),
      { who: { user: "carl" }, pause: known },
    ),
    post(`${rbac}/clusterroles`, {
      ...clusterRole("c-escalation-made"),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { x: "y" } }] },
    }, { who: { user: "carl" } }),
    post(`${rbac}/clusterroles`, clusterRole("c-escalation-made"), { who: { user: "carl" } }),
    merge(`${rbac}/clusterroles/c-escalation-made`, {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { x: "y" } }] },
    }, { who: { user: "carl" } }),
    post(
      `${rbac}/clusterrolebindings`,
      bound("ClusterRoleBinding", "c-escalation-made", "ClusterRole", "cluster-admin", user("carl")),
      { who: { user: "carl" } },
    ),
    post(
      `${rbac}/clusterrolebindings`,
      bound("ClusterRoleBinding", "c-escalation-made", "ClusterRole", "c-escalation-made", user("carl")),
      { who: { user: "carl" } },
    ),
    { request: `GET ${rbac}/clusterroles/cluster-admin` },
    { request: `GET ${rbac}/clusterrolebindings/system:discovery` },
  ],
};

const gathered = (name: string, label: string, ...rules: Fields[]): Fields => ({
  ...clusterRole(name, ...rules),
  metadata: { name, labels: { [label]: "true" } },
});

const aggregation: Conversation = {
  name: "aggregation",
  rows: [
    post(`${rbac}/clusterroles`, {
      ...clusterRole("c-aggregation"),
      aggregationRule: {
        clusterRoleSelectors: [
          { matchLabels: { "conversation.test/one": "true" } },
          { matchLabels: { "conversation.test/two": "true" } },
        ],
      },
    }),
    post(
      `${rbac}/clusterroles`,
      gathered("c-aggregation-b", "conversation.test/one", rule([""], ["configmaps"], ["get"])),
      { pause: known },
    ),
    post(
      `${rbac}/clusterroles`,
      gathered("c-aggregation-c", "conversation.test/two", rule([""], ["configmaps"], ["get"])),
      { pause: known },
    ),
    post(
      `${rbac}/clusterroles`,
      gathered("c-aggregation-a", "conversation.test/two", rule([""], ["configmaps"], ["list"])),
      { pause: known },
    ),
    post(bindings, bound("RoleBinding", "all", "ClusterRole", "c-aggregation", user("agnes")), {
      pause: known,
    }),
    by({ user: "agnes" }, `GET ${configMaps}/missing`, { until: 404 }),
    { request: `GET ${rbac}/clusterroles/c-aggregation` },
    merge(`${rbac}/clusterroles/c-aggregation-a`, { metadata: { labels: null } }),
    { request: `GET ${rbac}/clusterroles/c-aggregation`, pause: known },
    merge(`${rbac}/clusterroles/c-aggregation`, { rules: null }),
    { request: `GET ${rbac}/clusterroles/c-aggregation`, pause: known },
    { request: `DELETE ${rbac}/clusterroles/c-aggregation-b` },
    { request: `GET ${rbac}/clusterroles/c-aggregation`, pause: known },
    { request: `GET ${rbac}/clusterroles/view` },
  ],
};

export const rights: readonly Conversation[] = [refusals, asked, given, aggregation];
