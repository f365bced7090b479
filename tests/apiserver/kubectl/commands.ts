/** What a user types, in order, in one namespace of a fresh cluster. */
import { stringify } from "yaml";
import { widget, widgetDefinition } from "../conversations/widget.ts";

export interface Command {
  /** As typed after `kubectl`; quotes keep words together. */
  readonly typed: string;
  /** What is piped in. */
  readonly input?: string;
  /** Files in the working folder, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What `kubectl edit` starts: it is given the file's path. */
  readonly editor?: string;
  /** Repeated until it succeeds: for what the server does in its own time. */
  readonly until?: true;
}

const object = (value: unknown) => JSON.stringify(value);
const container = { name: "c", image: "x:1" };
const metadata = { name: "one", namespace: "default" };
const configMap = (data: Record<string, string>) =>
  object({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container] } };
const deployment = (spec: Record<string, unknown> = {}) =>
  object({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template, ...spec },
  });
const wanted = object(widget("one", { colour: "red" }, { namespace: "default" }));
const strategic = object({
  spec: { template: { spec: { containers: [{ name: "c", env: [{ name: "A", value: "B" }] }] } } },
});
const rolledOut = object({
  status: {
    observedGeneration: 4,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [{ type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "fine" }],
  },
});
const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", labels: { "node-role.kubernetes.io/worker": "" } },
  spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] },
  status: {
    capacity: { cpu: "8", memory: "16Gi", pods: "110", "amd.com/gpu": "1" },
    allocatable: { cpu: "8", memory: "16Gi", pods: "110", "amd.com/gpu": "1" },
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "fine" }],
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    nodeInfo: {
      machineID: "m",
      systemUUID: "s",
      bootID: "b",
      kernelVersion: "6.1",
      osImage: "Linux",
      containerRuntimeVersion: "containerd://2",
      kubeletVersion: "v1.35.0",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
  },
};
const event = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "one.1", namespace: "default" },
  involvedObject: { apiVersion: "v1", kind: "ConfigMap", name: "one", namespace: "default" },
  reason: "Tested",
  message: "a message",
  type: "Warning",
  count: 3,
  firstTimestamp: "2026-01-01T00:00:00Z",
  lastTimestamp: "2026-01-01T00:00:00Z",
  source: { component: "tester" },
};
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data" },
  spec: {
    accessModes: ["ReadWriteMany"],
    storageClassName: "fast",
    resources: { requests: { storage: "10Gi" } },
  },
};
const list = (...items: unknown[]) => object({ apiVersion: "v1", kind: "List", items });
const kustomization = {
  "k/kustomization.yaml": stringify({
    resources: ["map.yaml"],
    namePrefix: "k-",
    labels: [{ pairs: { made: "so" } }],
  }),
  "k/map.yaml": stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "map", namespace: "default" },
    data: { a: "b" },
  }),
};
/** What is in the namespace, and what of the whole cluster is the test's own. */
const listed = [
  "cm",
  "secret",
  "svc away one open plain",
  "deploy",
  "rs",
  "job",
  "cj",
  "pod",
  "pvc",
  "lease",
  "hpa",
  "pdb",
]
  .concat(["role", "rolebinding", "ing", "netpol", "quota", "limits", "sa", "no", "sc", "pv"])
  .concat(["clusterrole reader", "pc high", "ns default second", "crd widgets.conversation.test"]);

export const commands: readonly Command[] = [
  { typed: "apply -f -", input: object(widgetDefinition) },
  { typed: "wait --for=condition=Established crd/widgets.conversation.test --timeout=20s" },
  { typed: "explain widget.spec.replicas", until: true },

  { typed: "create sa default" },

  // Applied by the client, by the server, as a whole folder.
  { typed: "apply -f -", input: configMap({ x: "1" }) },
  { typed: "apply -f -", input: configMap({ x: "1" }) },
  { typed: "apply -f -", input: configMap({ x: "2" }) },
  { typed: "apply --dry-run=client -f -", input: configMap({ x: "5" }) },
  { typed: "apply --dry-run=server -f -", input: configMap({ x: "5" }) },
  { typed: "apply --dry-run=server -o yaml -f -", input: configMap({ x: "5" }) },
  { typed: "apply --server-side -f -", input: configMap({ x: "2" }) },
  { typed: "apply --server-side --field-manager=other -f -", input: configMap({ x: "3" }) },
  { typed: "apply --server-side --field-manager=other --force-conflicts -f -", input: configMap({ x: "3" }) },
  { typed: "apply --server-side --dry-run=server --force-conflicts -f -", input: configMap({ x: "4" }) },
  { typed: "apply -k k", files: kustomization },
  { typed: "apply -k k --server-side", files: kustomization },
  { typed: "delete -k k", files: kustomization },
  { typed: "apply view-last-applied cm one" },
  { typed: "diff -f -", input: configMap({ x: "9" }) },
  { typed: "diff --server-side --field-manager=other -f -", input: configMap({ x: "3" }) },
  { typed: "replace -f -", input: configMap({ x: "7" }) },
  { typed: "create -f -", input: configMap({ x: "7" }) },
  { typed: "replace --force -f -", input: configMap({ x: "7" }) },
  { typed: "edit cm one", editor: "sed -i s/x:/changed:/" },
  { typed: "edit cm one", editor: "true" },
  { typed: "edit cm one", editor: 'sed -i s/"name: one"/"name: two"/' },
  { typed: "apply -f -", input: object({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: 1 } }) },
  { typed: "apply -f -", input: object({ apiVersion: "v1", kind: "ConfigMap", metadata, dato: {} }) },
  { typed: "apply -f -", input: object({ apiVersion: "v1", kind: "Confugmap", metadata }) },
  { typed: "apply -f -", input: object({ kind: "ConfigMap", metadata }) },
  { typed: "apply -f -", input: "nonsense" },
  { typed: "apply -f missing.yaml" },

  // Read in every shape.
  { typed: "get cm one -o yaml" },
  { typed: "create cm fresh --from-literal=a=b" },
  { typed: "get cm fresh -o yaml --show-managed-fields" },
  { typed: "get cm one -o json" },
  { typed: "get cm one -o name" },
  { typed: "get cm one -o jsonpath={.data.changed}" },
  { typed: "get cm one -o custom-columns=N:.metadata.name,X:.data.x" },
  { typed: "get cm one -o go-template={{.metadata.name}}" },
  { typed: "get cm one" },
  { typed: "get cm one --show-labels" },
  { typed: "get cm one -o wide" },
  { typed: "get cm -l made=so" },
  { typed: "get cm -l a=b=c" },
  { typed: "get cm --field-selector metadata.name=one" },
  { typed: "get cm --field-selector data.x=1" },
  { typed: "get cm,secret,svc -l nothing=here" },
  { typed: "get cm one two" },
  { typed: "get cm --sort-by=.metadata.name" },
  { typed: "get cm one --watch --request-timeout=1s" },
  { typed: "get --raw /healthz" },
  { typed: "get --raw /api/v1/namespaces/default/configmaps/nobody" },
  { typed: "get nonsense" },
  { typed: "get pods nobody" },
  { typed: "get pod/nobody cm/one" },
  { typed: "describe cm one" },
  { typed: "describe cm nobody" },

  { typed: "label cm one q=r" },
  { typed: "label cm one q=s" },
  { typed: "label cm one q=s --overwrite" },
  { typed: "label cm one q=s --overwrite" },
  { typed: 'label cm one "bad key=s"' },
  { typed: "label cm one q=a/b --overwrite" },
  { typed: "label cm one q-" },
  { typed: "annotate cm one note=text" },
  { typed: "annotate cm one note-" },
  { typed: "annotate cm --all all=annotated" },
  { typed: 'patch cm one --type=merge -p {"data":{"y":"1"}}' },
  { typed: 'patch cm one --type=merge -p {"data":{"y":"1"}}' },
  { typed: 'patch cm one --type=json -p [{"op":"remove","path":"/data/y"}]' },
  { typed: 'patch cm one --type=json -p [{"op":"remove","path":"/data/y"}]' },
  { typed: 'patch cm one --type=json -p [{"op":"nonsense","path":"/data/y"}]' },
  { typed: 'patch cm one -p {"data":{"z":"1"}}' },
  { typed: 'patch cm nobody -p {"data":{"z":"1"}}' },
  { typed: 'patch cm one -p {"data":' },

  // A Deployment's life, its controller played by hand.
  { typed: "apply -f -", input: deployment() },
  { typed: "apply -f -", input: deployment({ selector: { matchLabels: { a: "c" } } }) },
  { typed: "apply -f -", input: deployment({ replicas: "two" }) },
  { typed: "apply -f -", input: deployment({ replicas: -1 }) },
  { typed: "get deploy" },
  { typed: "get deploy -o wide" },
  { typed: "get deploy one -o yaml" },
  { typed: "scale deploy one --replicas=3" },
  { typed: "scale deploy one --replicas=3 --current-replicas=7" },
  { typed: "set image deploy/one c=x:2" },
  { typed: "set image deploy/one nobody=x:2" },
  { typed: `patch deploy one -p ${strategic}` },
  { typed: "set env deploy/one C=D" },
  { typed: "set resources deploy/one --limits=cpu=1,memory=1Gi" },
  { typed: "get deploy one -o jsonpath={.spec.template.spec.containers}" },
  { typed: "rollout status deploy/one --timeout=1s" },
  { typed: `patch deploy one --subresource=status --type=merge -p ${rolledOut}` },
  { typed: "get deploy one -o jsonpath={.metadata.generation}" },
  { typed: "rollout pause deploy/one" },
  { typed: "rollout resume deploy/one" },
  { typed: "rollout restart deploy/one" },
  { typed: "rollout history deploy/one" },
  { typed: "wait --for=condition=Available deploy/one --timeout=2s" },
  { typed: "wait --for=condition=Progressing deploy/one --timeout=1s" },
  { typed: "describe deploy one" },
  { typed: "autoscale deploy one --min=1 --max=4 --cpu=50%" },
  { typed: "get hpa" },
  { typed: "expose deploy one --port=80 --target-port=8080" },
  { typed: "describe hpa one" },
  { typed: "get svc one -o jsonpath={.spec.ports}" },

  // A custom kind.
  { typed: "apply -f -", input: wanted },
  { typed: "apply -f -", input: object(widget("bad", { colour: "pink", unknown: 1 })) },
  { typed: "apply --validate=false -f -", input: object(widget("bad", { colour: "pink", unknown: 1 })) },
  { typed: "apply -f -", input: object(widget("one", { colour: "green" }, { namespace: "default" })) },
  { typed: "get widgets" },
  { typed: "get wd one -o wide" },
  { typed: "get all -l app=nobody" },
  { typed: "scale widget one --replicas=4" },
  { typed: "scale widget one --replicas=40" },
  { typed: "get widget one -o jsonpath={.spec}" },
  { typed: 'patch widget one --subresource=status --type=merge -p {"status":{"phase":"Up"}}' },
  { typed: 'patch widget one -p {"spec":{"colour":"red"}}' },
  { typed: 'patch widget one --type=merge -p {"spec":{"colour":"blue"}}' },
  { typed: "edit widget one", editor: "sed -i s/red/green/" },
  { typed: "explain widget.spec" },
  { typed: "explain widget --recursive" },
  { typed: "explain widget.spec.nonsense" },
  { typed: "explain deployment.spec.replicas" },
  { typed: "explain pod.spec.containers.resources" },
  { typed: "explain nonsense" },
  { typed: "describe widget one" },
  { typed: "wait --for=jsonpath={.status.phase}=Up widget/one --timeout=5s" },
  { typed: "wait --for=jsonpath={.status.phase}=Down widget/one --timeout=1s" },
  { typed: "wait --for=delete widget/nobody --timeout=5s" },
  { typed: "wait --for=condition=Ready widget/nobody --timeout=1s" },
  { typed: "get widget nobody" },

  // Made by hand, of many kinds.
  { typed: "create ns second" },
  { typed: "create ns second" },
  { typed: "create ns Not_Good" },
  { typed: "create cm lit --from-literal=a=b" },
  { typed: "create secret generic lit --from-literal=a=b" },
  {
    typed:
      "create secret docker-registry pull --docker-server=r.test --docker-username=u --docker-password=p",
  },
  { typed: "create secret generic typed --type=kubernetes.io/tls --from-literal=a=b" },
  { typed: "get secret lit -o yaml" },
  { typed: "describe secret lit" },
  { typed: "create deploy made --image=x:1 --replicas=2 --port=80" },
  { typed: "get deploy made -o yaml" },
  { typed: "create job once --image=x:1 -- run it" },
  { typed: "get job once -o jsonpath={.spec.template.spec}" },
  { typed: "create cronjob often --image=x:1 --schedule='* * * * *'" },
  { typed: "create cronjob never --image=x:1 --schedule=nonsense" },
  { typed: "create sa robot" },
  { typed: 'run nobody --image=x:1 --overrides={"spec":{"serviceAccountName":"nobody"}}' },
  { typed: "create role reader --verb=get,list --resource=pods,widgets.conversation.test" },
  { typed: "create rolebinding reads --role=reader --serviceaccount=default:robot --user=jane" },
  { typed: "create clusterrole reader --verb=get --resource=nodes" },
  { typed: "describe role reader" },
  { typed: "create quota small --hard=pods=2,count/configmaps=50" },
  { typed: "describe quota small" },
  { typed: "create service clusterip plain --tcp=80:8080" },
  { typed: "create service nodeport open --tcp=80:8080 --node-port=30080" },
  { typed: "create service externalname away --external-name=a.test" },
  { typed: "describe svc plain --show-events=false" },
  { typed: "create ingress in --rule=a.test/path=plain:80" },
  { typed: "create pdb two --selector=a=b --min-available=1" },
  { typed: "create priorityclass high --value=1000 --description=text" },
  { typed: "apply -f -", input: list(node, event, claim) },
  { typed: "get no -o wide" },
  { typed: "describe no n1" },
  { typed: "cordon n1" },
  { typed: "uncordon n1" },
  { typed: "taint no n1 a=b:NoExecute" },
  { typed: "taint no n1 a-" },
  { typed: "describe pvc data" },
  { typed: 'patch pvc data -p {"spec":{"storageClassName":"slow"}}' },
  { typed: 'patch job once -p {"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}}' },
  { typed: "events" },
  { typed: "events --for cm/one" },
  { typed: "events --types=Normal" },
  { typed: "get events -o wide" },
  { typed: "run single --image=x:1 --labels=p=q" },
  { typed: "get pod single -o yaml" },
  { typed: "logs single" },
  { typed: "logs nobody" },
  { typed: "describe pod single" },
  { typed: "label pod single run=other" },
  { typed: 'patch pod single -p {"spec":{"containers":[{"name":"single","image":"x:2"}]}}' },
  { typed: 'patch pod single -p {"spec":{"nodeName":"n1"}}' },
  { typed: 'patch pod single -p {"spec":{"restartPolicy":"Never"}}' },
  ...listed.map((what): Command => ({ typed: `get ${what} -o wide` })),

  // Who may, and what there is.
  { typed: "auth can-i create pods" },
  { typed: "auth can-i get widgets --subresource=status -n other" },
  { typed: "auth can-i nonsense nonsense" },
  { typed: "api-resources --api-group=batch" },
  { typed: "api-resources --api-group=conversation.test -o wide" },
  { typed: "api-resources --namespaced=false --api-group=scheduling.k8s.io -o name" },
  { typed: "gett pods" },
  { typed: "get pods --nonsense" },

  // Deleted in every way.
  { typed: "delete widget one" },
  { typed: "delete widget one" },
  { typed: "delete widget one --ignore-not-found" },
  { typed: "delete deploy one --cascade=orphan --wait=false" },
  { typed: "delete deploy made --cascade=foreground --wait=false" },
  { typed: "delete job once --dry-run=server" },
  { typed: "delete job once --cascade=background" },
  { typed: "delete pod single --grace-period=0 --force" },
  { typed: "delete cm -l nothing=here" },
  { typed: "delete cm one lit" },
  { typed: "delete cm --all" },
  { typed: "delete no n1" },
  { typed: "delete nonsense one" },
  { typed: "delete crd widgets.conversation.test --wait=false" },
];
