/**
 * What the comparison must know about a kind beyond what `managedFields` says: where quantities stand,
 * and what a server or webhook adds inside atomic containers. One table per kind that we apply.
 *
 * A path is field names joined by dots; `*` is any item of a list or any key of a map.
 */
export interface FieldRules {
  /** Paths that hold a Kubernetes quantity. */
  readonly quantities?: readonly string[];
  /** Values that the server fills in inside an atomic container; what we leave out may hold them. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /**
   * Fields that our builder can emit, for maps inside an atomic container. Any other field there is
   * somebody's addition and no difference. Maps that are not listed must match field by field.
   */
  readonly emits?: Readonly<Record<string, readonly string[]>>;
}

/** Rules as a tree, walked along with the object. */
export interface RuleNode {
  readonly children: Map<string, RuleNode>;
  quantity?: true;
  default?: unknown;
  emits?: ReadonlySet<string>;
}

/** The rules below a field or item. */
export function step(rules: RuleNode | undefined, name: string): RuleNode | undefined {
  return rules?.children.get(name) ?? rules?.children.get("*");
}

const compiled = new WeakMap<FieldRules, RuleNode>();

/** The tree of a table; built once per table. */
export function compile(rules: FieldRules): RuleNode {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const root: RuleNode = { children: new Map() };
  for (const path of rules.quantities ?? []) nodeAt(root, path).quantity = true;
  for (const [path, value] of Object.entries(rules.defaults ?? {})) nodeAt(root, path).default = value;
  for (const [path, names] of Object.entries(rules.emits ?? {})) nodeAt(root, path).emits = new Set(names);
  compiled.set(rules, root);
  return root;
}

/** The rules of a kind by its group and name (the version does not matter); none for other kinds. */
export function rulesOf(apiVersion: string, kind: string): RuleNode | undefined {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const rules = FIELD_RULES[group === "" ? kind : `${kind}.${group}`];
  return rules && compile(rules);
}

function nodeAt(root: RuleNode, path: string): RuleNode {
  let node = root;
  for (const name of path.split(".")) {
    let child = node.children.get(name);
    if (child === undefined) node.children.set(name, child = { children: new Map() });
    node = child;
  }
  return node;
}

/** Containers, init containers and volumes of a pod, wherever a kind keeps its pod specification. */
function podRules(at: string): FieldRules & { quantities: string[]; defaults: Record<string, unknown> } {
  const quantities = [`${at}.volumes.*.emptyDir.sizeLimit`, `${at}.overhead.*`];
  const defaults: Record<string, unknown> = {
    [`${at}.volumes.*.projected.sources.*.serviceAccountToken.expirationSeconds`]: 3600,
    [`${at}.volumes.*.projected.sources.*.downwardAPI.items.*.fieldRef.apiVersion`]: "v1",
    [`${at}.volumes.*.downwardAPI.items.*.fieldRef.apiVersion`]: "v1",
  };
  for (const list of [`${at}.containers.*`, `${at}.initContainers.*`]) {
    quantities.push(`${list}.resources.requests.*`, `${list}.resources.limits.*`);
    quantities.push(`${list}.env.*.valueFrom.resourceFieldRef.divisor`);
    defaults[`${list}.env.*.valueFrom.fieldRef.apiVersion`] = "v1";
    defaults[`${list}.env.*.valueFrom.resourceFieldRef.divisor`] = "0";
    defaults[`${list}.ports.*.protocol`] = "TCP";
    defaults[`${list}.resources`] = {};
  }
  return { quantities, defaults };
}

const predictor = podRules("spec.predictor");

/** Quantities of AIM kinds (api.md §7, §8): hardware, model sources, container resources, sizes. */
const aim: FieldRules = {
  quantities: [
    ...["spec.hardware", "spec.custom.hardware", "spec.customTemplates.*.hardware"].flatMap((at) => [
      `${at}.gpu.minVram`,
      `${at}.cpu.requests`,
      `${at}.cpu.limits`,
    ]),
    "spec.modelSources.*.size",
    "spec.resources.requests.*",
    "spec.resources.limits.*",
    "spec.size",
  ],
};

/** The tables, by `Kind` or `Kind.group`. */
export const FIELD_RULES: Readonly<Record<string, FieldRules>> = {
  Pod: podRules("spec"),
  "Deployment.apps": podRules("spec.template.spec"),
  "Job.batch": podRules("spec.template.spec"),
  PersistentVolumeClaim: { quantities: ["spec.resources.requests.*", "spec.resources.limits.*"] },
  "HTTPRoute.gateway.networking.k8s.io": {
    defaults: {
      "spec.parentRefs.*.group": "gateway.networking.k8s.io",
      "spec.parentRefs.*.kind": "Gateway",
      "spec.rules.*.matches": [{ path: { type: "PathPrefix", value: "/" } }],
      "spec.rules.*.matches.*.path": { type: "PathPrefix", value: "/" },
      "spec.rules.*.matches.*.path.type": "PathPrefix",
      "spec.rules.*.matches.*.path.value": "/",
      "spec.rules.*.backendRefs.*.group": "",
      "spec.rules.*.backendRefs.*.kind": "Service",
      "spec.rules.*.backendRefs.*.weight": 1,
    },
  },
  // KServe's full CRD keeps containers, volumes and metrics as atomic lists, its minimal CRD the whole
  // spec as one atomic map; its webhook completes both. So the vocabulary of services.md §8.3 is listed.
  "InferenceService.serving.kserve.io": {
    quantities: [
      ...predictor.quantities,
      "spec.predictor.autoScaling.metrics.*.*.target.value",
      "spec.predictor.autoScaling.metrics.*.*.target.averageValue",
    ],
    defaults: predictor.defaults,
    emits: {
      "spec": ["predictor"],
      "spec.predictor": [
        "imagePullSecrets",
        "serviceAccountName",
        "containers",
        "volumes",
        "affinity",
        "minReplicas",
        "maxReplicas",
        "autoScaling",
      ],
      "spec.predictor.containers.*": ["name", "image", "ports", "env", "resources", "volumeMounts"],
      "spec.predictor.containers.*.ports.*": ["name", "containerPort", "protocol"],
      "spec.predictor.containers.*.resources": ["requests", "limits"],
      "spec.predictor.containers.*.volumeMounts.*": ["name", "mountPath", "readOnly", "subPath"],
      "spec.predictor.volumes.*": ["name", "emptyDir", "persistentVolumeClaim"],
      "spec.predictor.volumes.*.persistentVolumeClaim": ["claimName", "readOnly"],
    },
  },
  "AIMModel.aim.eai.amd.com": aim,
  "AIMClusterModel.aim.eai.amd.com": aim,
  "AIMServiceTemplate.aim.eai.amd.com": aim,
  "AIMClusterServiceTemplate.aim.eai.amd.com": aim,
  "AIMTemplateCache.aim.eai.amd.com": aim,
  "AIMArtifact.aim.eai.amd.com": aim,
};
