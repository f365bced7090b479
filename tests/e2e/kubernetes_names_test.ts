/**
 * The names in `lib/operator/inspect/causes.ts` against the source of the Kubernetes that the tests run.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { endedReasons, eventRows, outOf, waitingReasons } from "../../lib/operator/inspect/causes.ts";

/** The folder of a module of which the tests' Kubernetes is built, in Go's module cache. */
async function folderOf(module: string): Promise<string> {
  const cwd = fileURLToPath(new URL("../control_plane/go/kubernetes/", import.meta.url));
  const args = ["mod", "download", "-json", module];
  const { success, stdout, stderr } = await new Deno.Command("go", { args, cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).Dir;
}

/** What the pattern's first group finds in the Go files of folders, and below them. */
async function found(pattern: RegExp, module: string, ...folders: string[]): Promise<Set<string>> {
  const root = await folderOf(module);
  const names = new Set<string>();
  for (const folder of folders) {
    for (const file of goFiles(`${root}/${folder}`)) {
      for (const [, word] of Deno.readTextFileSync(file).matchAll(pattern)) names.add(word);
    }
  }
  return names;
}

/** Those of the program, not of its tests. */
function* goFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory && !/^(testing|fake|testdata)$/.test(name)) yield* goFiles(`${folder}/${name}`);
    if (name.endsWith(".go") && !name.endsWith("_test.go")) yield `${folder}/${name}`;
  }
}

const kubernetes = "k8s.io/kubernetes";

const constants = () =>
  found(/^\s+\w+\s+= "(\w+)"/gm, kubernetes, "pkg/kubelet/events", "pkg/controller/volume/events");

/** Reasons that stand in the calls themselves. */
const written = () =>
  found(
    /EventType(?:Warning|Normal),\s*"(\w+)"/g,
    kubernetes,
    ...["job", "volume", "tainteviction", "devicetainteviction", "nodelifecycle", "replicaset", "deployment"]
      .map((each) => `pkg/controller/${each}`),
    ...["resourceclaim", "util/node"].map((each) => `pkg/controller/${each}`),
    "pkg/scheduler",
    "pkg/kubelet",
    "pkg/volume",
  );

/** Events that no status quotes, by why not. */
const unquoted: Readonly<Record<string, readonly string[]>> = {
  "they tell that something goes as it should": [
    ...["Created", "Started", "Pulled", "Killing", "Scheduled", "Completed", "Resumed", "ScalingReplicaSet"],
    ...["SuccessfulAttachVolume", "SuccessfulMountVolume", "ProvisioningSucceeded", "SandboxChanged"],
    ...["FileSystemResizeSuccessful", "VolumeResizeSuccessful", "AlreadyMountedVolume"],
  ],
  "the state of the container says the same": ["Failed", "BackOff", "InspectFailed", "ErrImageNeverPull"],
  "the pod's condition DisruptionTarget says the same": [
    ...["Preempted", "TaintManagerEviction", "DeviceTaintManagerEviction", "NodeControllerEviction"],
  ],
  "the Job's spec or conditions say the same": ["Suspended", "TooManySucceededPods", "UnknownCompletionMode"],
  "they are about nodes and the kubelet itself": [
    ...[
      "NodeReady",
      "NodeSchedulable",
      "NodeNotSchedulable",
      "NodeAllocatableEnforced",
      "Starting",
      "Shutdown",
    ],
    ...[
      "KubeletSetupFailed",
      "Rebooted",
      "ContainerGCFailed",
      "ImageGCFailed",
      "InvalidDiskCapacity",
      "CgroupV1",
    ],
    ...["FreeDiskSpaceFailed", "FailedNodeAllocatableEnforcement", "PossibleMemoryBackedVolumesOnDisk"],
    ...[
      "CheckLimitsForResolvConf",
      "MissingClusterDNS",
      "CertificateExpired",
      "CertificateOverdueForRefresh",
    ],
    ...[
      "RegisteredNode",
      "RemovingNode",
      "DeletingAllPods",
      "EvictionThresholdMet",
      "HostIPsIPFamilyMismatch",
    ],
    ...[
      "NodeHasDiskPressure",
      "NodeHasInsufficientMemory",
      "NodeHasInsufficientPID",
      "NodeHasNoDiskPressure",
    ],
    ...["NodeHasSufficientMemory", "NodeHasSufficientPID"],
  ],
  "they are about volumes that have left their claim": [
    ...["VolumeDelete", "VolumeFailedDelete", "VolumeFailedRecycle", "VolumeRecycled", "RecyclerPod"],
    ...["VolumeUnknownReclaimPolicy", "ProvisioningCleanupFailed"],
  ],
  "our claims and pods are not resized": [
    ...["ResizeCompleted", "ResizeDeferred", "ResizeError", "ResizeInfeasible", "ResizeStarted"],
    ...["VolumeResizeFailed", "FileSystemResizeFailed", "ExternalExpanding"],
  ],
  "the pod starts nevertheless": [
    ...["DNSConfigForming", "LifecycleHTTPFallback", "MultipleSELinuxLabels", "ProbeWarning"],
    ...["VolumeConditionAbnormal", "BindingConditionsPending"],
  ],
  "they are about pods from files, and Deployments with an empty selector": [
    "FailedValidation",
    "SelectingAll",
  ],
};

Deno.test("every reason of an event of Kubernetes is read, or there is a reason not to", async () => {
  const names = (await constants()).union(await written());
  assert.ok(names.size > 100, `${names.size} names`);
  const known = new Set([...eventRows.map(({ reason }) => reason), ...Object.values(unquoted).flat()]);
  assert.deepEqual([...names.difference(known)].sort(), [], "neither in the table nor left out for a reason");
  const gone = [...new Set(Object.values(unquoted).flat())].filter((reason) => !names.has(reason));
  assert.deepEqual(gone, [], "left out, and not there");
});

/** Written in ways that the patterns above do not see. */
const elsewhere = ["FailedCreate", "Evicted"];

Deno.test("every event of the table is one of Kubernetes, of its kind of source", async () => {
  const names = (await constants()).union(await written()).union(new Set(elsewhere));
  const own = eventRows.filter(({ source }) => source !== "KServe").map(({ reason }) => reason);
  assert.deepEqual(own.filter((reason) => !names.has(reason)), []);
});

/** Results of a kubelet's work that stand in no container's state. */
const inNoState = [
  ...["ConfigPodSandboxError", "CreatePodSandboxError", "KillPodSandboxError", "KillContainerError"],
  ...["RemoveContainerError", "ResizePodInPlaceError", "RROUnsupported"],
];

Deno.test("every reason for which a kubelet lets a container wait is read", async () => {
  const pattern = /errors\.New\("([A-Z]\w+)"\)/g;
  const kubelet = ["images", "kuberuntime", "container"].map((each) => `pkg/kubelet/${each}`);
  const names = (await found(pattern, kubernetes, ...kubelet))
    .union(await found(pattern, "k8s.io/cri-api", "pkg/errors"));
  const known = new Set([...Object.keys(waitingReasons), ...inNoState]);
  assert.deepEqual([...names].sort(), [...known].sort());
});

Deno.test("every reason for which a node refuses a pod, or takes it away, is read", async () => {
  const names = await found(
    /(?:^\s+(?:\w*Reason\w*|[A-Z]\w+)\s+= |\bReason\s*=\s*|[rR]eason\w*\s*=\s*)"([A-Z][\w.-]+)"/gm,
    kubernetes,
    ...["lifecycle", "eviction", "nodeshutdown", "sysctl", "cm/admission", "cm/topologymanager"]
      .map((each) => `pkg/kubelet/${each}`),
    "pkg/util/node",
  );
  const refusing = [...names].filter((name) => !name.startsWith(outOf)).sort();
  const written = new Set([...Object.keys(endedReasons)]);
  assert.deepEqual(refusing.filter((name) => !written.has(name)), []);
  assert.deepEqual([...written].filter((name) => !refusing.includes(name)).sort(), [
    "NodeAffinity",
    "Preempting",
  ]);
});
