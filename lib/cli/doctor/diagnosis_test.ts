import assert from "node:assert/strict";
import { diagnosisInWords } from "../commands/doctor.ts";
import { diagnose } from "./diagnosis.ts";
import {
  added,
  type AnyObject,
  changed,
  type Installation,
  now,
  operatorDeployment,
  sound,
  surveyOf,
} from "./sound_fixture.ts";

const aim = "aim.eai.amd.com/v1alpha1";
const without = (kind: string, name?: string) =>
  changed(sound, kind, (object) => name === undefined || object.metadata?.name === name ? undefined : object);
const withFacts = (facts: Installation["facts"]): Installation => ({
  ...sound,
  facts: { ...sound.facts, ...facts },
});
const lacking = (...absent: string[]): Installation => ({
  ...sound,
  objects: sound.objects.filter(({ kind }) =>
    !absent.some((plural) => plural.startsWith((kind ?? "").toLowerCase()))
  ),
  absent,
});
const edit = (kind: string, name: string, more: Partial<AnyObject>) =>
  changed(sound, kind, (object) => object.metadata?.name === name ? { ...object, ...more } : object);

const pod = (namespace: string, name: string, containerStatuses: unknown[]): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace },
  status: { containerStatuses },
});
const download = (message: object) =>
  added(
    sound,
    pod("ml-team", "download-1", [{
      name: "model-download",
      state: { terminated: { exitCode: 1, message: JSON.stringify(message) } },
    }]),
  );
const unread = (reason: string, image = "ghcr.io/amd/aim-qwen:1") =>
  edit("AIMClusterModel", "qwen", {
    spec: { image },
    status: {
      conditions: [{ type: "ImageMetadataReady", status: "False", reason, message: "it went wrong" }],
    },
  });
const refused = (message: string) =>
  added(sound, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "chat-1-predictor",
      namespace: "ml-team",
      labels: { "serving.kserve.io/inferenceservice": "chat-1" },
    },
    status: { conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }] },
  });
const jobRefused = (message: string, creationTimestamp = "2026-01-01T11:59:00Z") =>
  added(sound, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "ml-team", creationTimestamp },
    involvedObject: { kind: "Job", namespace: "ml-team", name: "download" },
    reason: "FailedCreate",
    type: "Warning",
    message,
  });
const kserveSays = (data: object) => edit("ConfigMap", "inferenceservice-config", { data });
const leaseSays = (spec: object) => edit("Lease", "3be10d2f.eai.amd.com", { spec });
const node = (metadata: object, capacity: object = { "amd.com/gpu": "8" }) =>
  edit("Node", "gpu-0", { metadata: { name: "gpu-0", ...metadata }, status: { capacity } });
const storageClass = (name: string, provisioner: string, more: object = {}): AnyObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name, ...more },
  provisioner,
});

/** What is broken, the check that finds it, what it is about, and a word of what it says or advises. */
const broken: readonly (readonly [
  what: string,
  installation: Installation,
  check: string,
  about: string,
  says: RegExp,
])[] = [
  [
    "none of the CRDs is installed",
    lacking(
      "aimservices",
      "aimmodels",
      "aimclustermodels",
      "aimservicetemplates",
      "aimclusterservicetemplates",
      "aimtemplatecaches",
      "aimartifacts",
      "aimruntimeconfigs",
      "aimclusterruntimeconfigs",
      "aimclustermodelsources",
    ),
    "crds-missing",
    "CustomResourceDefinitions of aim.eai.amd.com",
    /none of the ten kinds.*apply -k manifests\/crds/,
  ],
  [
    "one CRD is missing",
    lacking("aimartifacts"),
    "crds-missing",
    "CustomResourceDefinitions of aim.eai.amd.com",
    /aimartifacts/,
  ],
  [
    "the CRDs are older",
    withFacts({ lacking: ["aimservices.aim.eai.amd.com status.cache"] }),
    "crds-older",
    "CustomResourceDefinitions of aim.eai.amd.com",
    /older than this program.*status\.cache/,
  ],
  [
    "Kubernetes is too old",
    withFacts({ version: "1.27" }),
    "kubernetes-older",
    "the API server",
    /1\.27.*1\.28/,
  ],
  [
    "this machine's clock is behind",
    withFacts({ clocks: { server: now, own: now - 300_000 } }),
    "clock-own",
    "this machine's clock",
    /5 min behind/,
  ],
  [
    "the operator's clock is ahead",
    leaseSays({ holderIdentity: "pod_1", renewTime: "2026-01-01T12:10:00.000000Z" }),
    "clock-operator",
    "the clock of pod_1",
    /10 min ahead of.*NTP/,
  ],
  [
    "no operator is installed",
    {
      ...sound,
      objects: sound.objects.filter(({ kind, metadata }) =>
        kind !== "Lease" && !(kind === "Deployment" && metadata?.namespace === "aim-system")
      ),
    },
    "operator-missing",
    "Deployment aim-engine-controller-manager",
    /apply -k manifests/,
  ],
  [
    "the operator is scaled to 0",
    changed(
      edit("Deployment", "aim-engine-controller-manager", {
        spec: { ...operatorDeployment().spec, replicas: 0 },
      }),
      "Lease",
      () => undefined,
    ),
    "operator-stopped",
    "Deployment aim-system/aim-engine-controller-manager",
    /--replicas=1/,
  ],
  [
    "the operator crashes",
    added(
      edit("Deployment", "aim-engine-controller-manager", { status: {} }),
      pod("aim-system", "p", [{
        name: "manager",
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 2 } },
      }]),
    ),
    "operator-unavailable",
    "Deployment aim-system/aim-engine-controller-manager",
    /CrashLoopBackOff \(exit code 2\)/,
  ],
  [
    "nobody leads",
    leaseSays({ holderIdentity: "pod_0", renewTime: "2026-01-01T11:00:00.000000Z" }),
    "operator-unled",
    "Lease 3be10d2f.eai.amd.com",
    /pod_0 holds it/,
  ],
  [
    "two operators act on the same objects",
    added(
      changed(sound, "ClusterRoleBinding", (binding) => ({
        ...binding,
        subjects: [...binding.subjects, { ...binding.subjects[0], namespace: "other-system" }],
      })),
      { ...operatorDeployment(), metadata: { name: "manager", namespace: "other-system" } },
    ),
    "operators-two",
    "Deployments aim-system/aim-engine-controller-manager and other-system/manager",
    /keep one/,
  ],
  [
    "two pods act without a Lease",
    edit("Deployment", "aim-engine-controller-manager", {
      spec: {
        replicas: 2,
        template: {
          spec: {
            ...operatorDeployment().spec.template.spec,
            containers: [{ image: "aim-operator:0.1.0" }],
          },
        },
      },
    }),
    "operators-unelected",
    "Deployment aim-system/aim-engine-controller-manager",
    /--leader-elect/,
  ],
  [
    "a right is missing",
    changed(sound, "ClusterRole", (role) => ({
      ...role,
      rules: role.rules.filter(({ resources }: { resources: string[] }) => !resources.includes("nodes")),
    })),
    "right-missing",
    "ServiceAccount aim-system/aim-engine-controller-manager",
    /may not list nodes, watch nodes.*manager-role/,
  ],
  [
    "the role is not bound",
    without("ClusterRoleBinding"),
    "right-missing",
    "ServiceAccount aim-system/aim-engine-controller-manager",
    /and \d+ more/,
  ],
  [
    "KServe is not installed",
    lacking("inferenceservices"),
    "kserve-missing",
    "KServe",
    /no service gets an endpoint/,
  ],
  [
    "KServe runs in another mode",
    kserveSays({ deploy: '{"defaultDeploymentMode": "Serverless"}' }),
    "kserve-mode",
    "ConfigMap kserve/inferenceservice-config",
    /Serverless.*Standard/,
  ],
  [
    "KServe's mode is not set",
    kserveSays({ deploy: "{}" }),
    "kserve-mode",
    "ConfigMap kserve/inferenceservice-config",
    /Knative/,
  ],
  [
    "KServe limits what a template leaves open",
    kserveSays({
      deploy: '{"defaultDeploymentMode": "RawDeployment"}',
      inferenceService: '{"resource": {"cpuLimit": "1", "memoryLimit": "2Gi"}}',
    }),
    "kserve-resources",
    "ConfigMap kserve/inferenceservice-config",
    /cpuLimit 1, memoryLimit 2Gi/,
  ],
  [
    "KServe's controller does not run",
    edit("Deployment", "kserve-controller-manager", { status: {} }),
    "kserve-stopped",
    "Deployment kserve/kserve-controller-manager",
    /none of its pods is ready/,
  ],
  [
    "KServe has kinds and no controller",
    changed(
      without("Deployment", "kserve-controller-manager"),
      "InferenceService",
      ({ status: _, ...rest }) => rest,
    ),
    "kserve-stopped",
    "KServe's controller",
    /ml-team\/chat-1/,
  ],
  [
    "the Gateway API is not installed",
    lacking("httproutes", "gateways", "gatewayclasses"),
    "gateway-api-missing",
    "the Gateway API",
    /AIMClusterRuntimeConfig default wants routes/,
  ],
  [
    "there is no gateway class",
    without("GatewayClass"),
    "gateway-class-missing",
    "GatewayClass",
    /no gateway serves them/,
  ],
  [
    "no controller accepts the gateway class",
    edit("GatewayClass", "kgateway", {
      status: {
        conditions: [{
          type: "Accepted",
          status: "Unknown",
          reason: "Pending",
          message: "Waiting for controller",
        }],
      },
    }),
    "gateway-class-unaccepted",
    "GatewayClass kgateway",
    /Waiting for controller/,
  ],
  [
    "the gateway does not exist",
    without("Gateway"),
    "gateway-missing",
    "Gateway kgateway-system/front",
    /does not exist/,
  ],
  [
    "the gateway is not served",
    edit("Gateway", "front", {
      status: {
        conditions: [{
          type: "Programmed",
          status: "False",
          reason: "AddressNotAssigned",
          message: "no address",
        }],
      },
    }),
    "gateway-unprogrammed",
    "Gateway kgateway-system/front",
    /AddressNotAssigned, no address/,
  ],
  [
    "there is no storage class",
    without("StorageClass"),
    "storage-class-missing",
    "StorageClass",
    /stay Pending.*ReadWriteMany/,
  ],
  [
    "no storage class is the default",
    edit("StorageClass", "nfs", { metadata: { name: "nfs" } }),
    "storage-class-undecided",
    "StorageClass",
    /none of nfs is the cluster's default/,
  ],
  [
    "the storage class cannot be shared",
    edit("StorageClass", "nfs", { provisioner: "ebs.csi.aws.com" }),
    "storage-class-unshared",
    "StorageClass nfs",
    /one node only/,
  ],
  [
    "a runtime config names a storage class that is not there",
    added(sound, {
      apiVersion: aim,
      kind: "AIMRuntimeConfig",
      metadata: { name: "default", namespace: "ml-team" },
      spec: { storage: { defaultStorageClassName: "fast" } },
    }),
    "storage-class-unknown",
    "StorageClass fast",
    /AIMRuntimeConfig ml-team\/default names it/,
  ],
  [
    "a runtime config names one that cannot be shared",
    added(sound, storageClass("fast", "rancher.io/local-path"), {
      apiVersion: aim,
      kind: "AIMClusterRuntimeConfig",
      metadata: { name: "fast" },
      spec: { defaultStorageClassName: "fast" },
    }),
    "storage-class-unshared",
    "StorageClass fast",
    /AIMClusterRuntimeConfig fast leads to it/,
  ],
  ["no node has a GPU", without("Node", "gpu-0"), "gpus-missing", "nodes", /GPU operator/],
  ["a node's GPUs have no labels", node({}), "gpu-labels-missing", "Node gpu-0", /node labeller/],
  [
    "a node's labels are older ones",
    node({ labels: { "beta.amd.com/gpu.device-id": "74a1" } }),
    "gpu-labels-older",
    "Node gpu-0",
    /beta\.amd\.com/,
  ],
  [
    "a node offers no GPUs",
    node({ labels: { "amd.com/gpu.device-id": "74a1" } }, {}),
    "gpu-plugin-missing",
    "Node gpu-0",
    /device plugin/,
  ],
  [
    "KEDA is wanted and not there",
    lacking("scaledobjects"),
    "keda-missing",
    "KEDA",
    /AIMService ml-team\/chat/,
  ],
  [
    "the autoscaler gets no metrics",
    edit("HorizontalPodAutoscaler", "keda-hpa-chat", {
      status: {
        conditions: [{
          type: "ScalingActive",
          status: "False",
          reason: "FailedGetExternalMetric",
          message: "no such metric",
        }],
      },
    }),
    "metrics-missing",
    "HorizontalPodAutoscaler ml-team/keda-hpa-chat",
    /no such metric/,
  ],
  [
    "a pull secret has another type",
    withFacts({ pullSecrets: new Map([["ml-team/registry", { type: "Opaque" }]]) }),
    "pull-secret-type",
    "Secret ml-team/registry",
    /its type is Opaque.*docker-registry registry -n ml-team/,
  ],
  [
    "a pull secret is not there",
    withFacts({ pullSecrets: new Map([["ml-team/registry", "missing"]]) }),
    "pull-secret-missing",
    "Secret ml-team/registry",
    /AIMService ml-team\/chat names it/,
  ],
  [
    "the registry's name does not resolve",
    unread("DNSFailure"),
    "registry-unreachable",
    "registry ghcr.io",
    /DNS/,
  ],
  [
    "nothing comes back from the registry",
    unread("NetworkTimeout", "registry.example.com:5000/a/b:1"),
    "registry-unreachable",
    "registry registry.example.com:5000",
    /NetworkPolicy/,
  ],
  [
    "the registry's certificate is not trusted",
    unread("TLSFailure"),
    "registry-unreachable",
    "registry ghcr.io",
    /private-authority/,
  ],
  [
    "the registry refuses the credentials",
    unread("ImagePullAuthFailure"),
    "registry-refuses",
    "registry ghcr.io",
    /imagePullSecrets/,
  ],
  [
    "the hub cannot be reached",
    download({ class: "network", message: "no connection to huggingface.co: timed out" }),
    "hub-unreachable",
    "the source of weights",
    /huggingface\.co.*HTTPS_PROXY/,
  ],
  [
    "the hub refuses the token",
    download({ class: "auth", message: "huggingface.co answers 401" }),
    "hub-refuses",
    "the source of weights",
    /HF_TOKEN/,
  ],
  [
    "a webhook refuses pods",
    refused('admission webhook "pods.policies.example.com" denied the request: no label team'),
    "webhook-refuses",
    "webhook pods.policies.example.com",
    /no label team.*namespaceSelector/,
  ],
  [
    "nobody listens behind a webhook",
    without("EndpointSlice"),
    "webhook-unreachable",
    "webhook pods.policies.example.com",
    /policy-system\/policies/,
  ],
  [
    "a webhook cannot be called",
    jobRefused('Internal error occurred: failed calling webhook "x.example.com": refused'),
    "webhook-unreachable",
    "webhook x.example.com",
    /left-over/,
  ],
  [
    "Pod Security refuses the pods",
    refused('pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot'),
    "pod-security",
    "Pod Security restricted:latest of namespace ml-team",
    /enforce=baseline/,
  ],
  [
    "a quota refuses the pods",
    jobRefused('pods "x" is forbidden: exceeded quota: gpus, requested: amd.com/gpu=8'),
    "quota",
    "ResourceQuota ml-team/gpus",
    /describe resourcequota gpus -n ml-team/,
  ],
];

Deno.test("of a sound installation there is nothing to say", () => {
  assert.deepEqual(diagnose(surveyOf(sound)), []);
  assert.deepEqual(diagnosisInWords({ findings: [], unseen: [] }), []);
});

for (const [what, installation, check, about, says] of broken) {
  Deno.test(`${what}: that alone is found`, () => {
    const findings = diagnose(surveyOf(installation));
    assert.deepEqual(findings.map(({ check, about }) => [check, about]), [[check, about]]);
    assert.match(`${findings[0].says} ${findings[0].fix}`, says);
  });
}

Deno.test("where nobody wants routes or scaling, what they need is not missed", () => {
  const modest = changed(
    changed(
      lacking("httproutes", "gateways", "gatewayclasses", "scaledobjects"),
      "AIMClusterRuntimeConfig",
      () => undefined,
    ),
    "AIMService",
    (service) => ({ ...service, spec: { model: { name: "qwen" } } }),
  );
  assert.deepEqual(diagnose(surveyOf(modest)), []);
});

Deno.test("what may not be listed is not taken for what is not there", () => {
  for (const kind of new Set(sound.objects.map(({ kind }) => kind))) {
    const plural = { GatewayClass: "gatewayclasses", StorageClass: "storageclasses" }[kind!] ??
      `${kind!.toLowerCase()}s`;
    const survey = surveyOf({
      ...sound,
      objects: sound.objects.filter((each) => each.kind !== kind),
      unreadable: [plural],
    });
    assert.deepEqual(diagnose(survey), [], kind);
    assert.equal(survey.unseen.length, 1, kind);
    assert.match(
      diagnosisInWords({ findings: [], unseen: survey.unseen })[0],
      /^Not looked at, since you may not list them: /,
    );
  }
});

Deno.test("operators whose namespaces differ are not two", () => {
  const scoped = (name: string, namespaces: string) => {
    const { metadata, spec, ...rest } = operatorDeployment();
    const containers = [{
      image: "aim-operator:0.1.0",
      args: ["--leader-elect", `--namespace=${namespaces}`],
    }];
    return {
      ...rest,
      metadata: { ...metadata, name },
      spec: { ...spec, template: { spec: { ...spec.template.spec, containers } } },
    };
  };
  const two = (a: string, b: string) =>
    diagnose(
      surveyOf(
        added(without("Deployment", "aim-engine-controller-manager"), scoped("one", a), scoped("two", b)),
      ),
    );
  assert(!two("team-a", "team-b").some(({ check }) => check === "operators-two"));
  assert(two("team-a,team-b", "team-b").some(({ check }) => check === "operators-two"));
});

Deno.test("an event of long ago is no trouble of now", () => {
  assert.deepEqual(
    diagnose(surveyOf(jobRefused("exceeded quota: gpus, requested: 8", "2026-01-01T10:00:00Z"))),
    [],
  );
});

Deno.test("on a terminal of 60 columns each thing is a paragraph, and no line is longer but for a word", () => {
  const findings = diagnose(surveyOf(kserveSays({ deploy: "{}" })));
  const lines = diagnosisInWords({ findings, unseen: ["nodes"] }, { width: 60 });
  assert.match(lines[0], /^kserve-mode: ConfigMap kserve\/inferenceservice-config$/);
  for (const line of lines) assert(line.length <= 60 || !line.trim().includes(" "), line);
});
