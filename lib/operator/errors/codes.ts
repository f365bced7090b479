/**
 * Why a service is not Ready: one row a cause, with a code that never changes its meaning (issue 16). `Ready`, its event,
 * `kubectl aim status` and `explain`, the texts of reasons and docs/reference/codes.md all come from these rows. A code
 * that nothing gives any more stays in its row's place as a gap; none is used twice.
 *
 * Hundreds: 01 model and template, 02 runtime config and spec, 03 cache and weights, 04 pods, 05 KServe, 06 routing, 07
 * scaling, 08 admission, rights and the API server, 09 images and registries.
 */

import { foreignReason, type KnownReason, type Reason } from "./reasons.ts";

export interface Cause {
  /** What is wrong; a clause without a full stop. */
  readonly title: string;
  /** Why it happens. */
  readonly cause: string;
  /** What to do, in Markdown. Short: it stands in `Ready`. */
  readonly remedy: string;
  /** What else is worth knowing, in Markdown; of the page only. */
  readonly more?: string;
  /** Reasons that have this cause where no finer one is known; what they mean stands here. */
  readonly is?: readonly KnownReason[];
  /** Reasons of which this is one of several causes. */
  readonly of?: readonly KnownReason[];
  /** Reasons that Kubernetes, KServe or a gateway gives, with this cause. */
  readonly foreign?: readonly string[];
  /** Of a reason in `of` that stands for many things besides, the cause of a service where no finer one is known. */
  readonly otherwise?: true;
  /** Only says which object to look at: any other cause says more. */
  readonly general?: true;
}

export const causes = {
  // Model and template.
  "AIM-0101": {
    title: "the model does not exist",
    cause: "No model of that name exists, neither in the namespace nor in the cluster.",
    remedy: "Correct `spec.model`, or create the model.",
    is: ["ModelNotFound"],
  },
  "AIM-0102": {
    title: "several models have the image",
    cause: "Several models have the image that the service names.",
    remedy: "Name one of them in `spec.model.name`, or delete the others.",
    is: ["MultipleModelsFound"],
  },
  "AIM-0103": {
    title: "the model is not ready",
    cause: "The model exists but is not ready.",
    remedy: "Look at the model: `kubectl describe aimmodel` or `kubectl describe aimclustermodel`.",
    is: ["ModelNotReady"],
    general: true,
  },
  "AIM-0104": {
    title: "the template's model failed",
    cause: "The template's model failed.",
    remedy: "Look at the model: `kubectl describe aimmodel` or `kubectl describe aimclustermodel`.",
    is: ["ModelFailed", "ClusterModelFailed"],
    general: true,
  },
  "AIM-0105": {
    title: "the model has no image",
    cause: "The model has no image.",
    remedy: "Set `spec.image` of the model.",
    is: ["ImageNotSpecified"],
  },
  "AIM-0110": {
    title: "no template fits",
    cause: "Each template of the model is ruled out by this cluster or by this service.",
    remedy:
      "Change one of the facts that rule out the candidates, or name a template in `spec.template.name`.",
    more: "`kubectl aim why SERVICE` shows every candidate, and the smallest change that would let it win.",
    is: ["TemplateNotFound"],
  },
  "AIM-0111": {
    title: "the named template does not exist",
    cause:
      "The template that `spec.template.name` asks for exists neither in the namespace nor in the cluster.",
    remedy: "Correct `spec.template.name`, or create the template.",
    of: ["TemplateNotFound"],
  },
  "AIM-0112": {
    title: "the model has no templates",
    cause: "No template names the model: its image recommends none, and nobody has written one.",
    remedy: "Create a template whose `spec.modelName` is the model.",
    of: ["TemplateNotFound"],
  },
  "AIM-0113": {
    title: "the template that the endpoint runs by is gone",
    cause: "Somebody deleted the template of a running endpoint. The endpoint is kept as it is.",
    remedy: "Create the template again, or set the annotation `aim.eai.amd.com/force-rebind` to a new value.",
    of: ["TemplateNotFound"],
  },
  "AIM-0114": {
    title: "several templates tie",
    cause: "Several templates rank equally in everything that counts.",
    remedy: "Name one in `spec.template.name`, or set the annotation `aim.eai.amd.com/break-ties: by-name`.",
    more:
      "The annotation counts on the service or its runtime config. Deleting the duplicate helps too. `spec.template` of an existing service cannot change once it is set.",
    is: ["TemplateSelectionAmbiguous"],
  },
  "AIM-0115": {
    title: "only templates that are not optimized are left",
    cause: "The templates that fit have a profile of type `unoptimized` or `preview`.",
    remedy: "Set `spec.template.allowUnoptimized: true`, or create an optimized template.",
    of: ["TemplateNotFound"],
  },
  "AIM-0116": {
    title: "the template is not ready",
    cause: "A template fits, but is not ready.",
    remedy: "Look at the template: `kubectl describe aimservicetemplate,aimclusterservicetemplate`.",
    is: ["TemplateNotReady"],
    general: true,
  },
  "AIM-0117": {
    title: "the model's templates failed",
    cause: "Templates of the model failed.",
    remedy: "Look at the templates that the message names.",
    is: ["SomeTemplatesDegraded", "AllTemplatesFailed"],
    general: true,
  },
  "AIM-0121": {
    title: "no node has the GPU",
    cause: "No node has the GPU that the template asks for.",
    remedy: "Add a node with that GPU, or use a template for a GPU that is there.",
    more:
      "The message lists the GPUs that are there. The template becomes ready by itself once such a node is.",
    is: ["GPUNotAvailable", "NoTemplatesAvailable"],
  },
  "AIM-0122": {
    title: "no GPU has enough memory",
    cause: "No node's GPU has the memory that the template asks for.",
    remedy: "Add a node with larger GPUs, or use a template that needs less memory.",
    more: "`hardware` of a template cannot change.",
    is: ["VRAMNotAvailable"],
  },
  "AIM-0131": {
    title: "discovery failed",
    cause: "The discovery Job failed, or the image printed something else than a profile.",
    remedy: "Read the output that the template's message quotes, or give the template `modelSources`.",
    more:
      "The message says when the next attempt begins. An edit of the template or of the model's image starts one at once.",
    is: ["DiscoveryFailed"],
  },
  "AIM-0132": {
    title: "the discovery Job is refused",
    cause: "A quota, a policy or a missing right keeps the discovery Job from being created.",
    remedy: "Do away with the refusal that the template's message quotes. The operator retries.",
    is: ["DiscoveryJobRefused"],
  },
  "AIM-0133": {
    title: "the template lists no weights",
    cause: "The template has no `modelSources`, so there is nothing to download.",
    remedy: "Add `modelSources` to the template, or let discovery find them.",
    is: ["NoModelSources"],
  },

  // Runtime config and spec.
  "AIM-0201": {
    title: "the runtime config does not exist",
    cause: "No runtime config of that name exists, neither in the namespace nor in the cluster.",
    remedy: "Create it, or correct `spec.runtimeConfigName`.",
    is: ["ConfigNotFound"],
    of: ["ReferenceNotFound"],
  },
  "AIM-0202": {
    title: "the runtime config is invalid",
    cause: "A stored runtime config says something that today's schema refuses.",
    remedy: "Correct the field of the runtime config that the message names.",
    of: ["InvalidSpec"],
  },
  "AIM-0203": {
    title: "the spec is invalid",
    cause: "The stored spec says something that cannot work as written.",
    remedy: "Change the field that the message names.",
    of: ["InvalidSpec"],
    otherwise: true,
  },
  "AIM-0204": {
    title: "something that is referred to does not exist",
    cause: "The spec names an object that does not exist, or that the operator may not read.",
    remedy: "Create the object that the message names, or correct the name.",
    of: ["ReferenceNotFound"],
    otherwise: true,
  },
  "AIM-0205": {
    title: "a request is above its limit",
    cause: "A resource request is above its limit.",
    remedy: "Lower the request, or raise the limit that the message names.",
    is: ["InvalidResources"],
  },
  "AIM-0206": {
    title: "the operator cannot read the kind",
    cause:
      "The operator runs with `--namespace` and has no right to read cluster-scoped objects of this kind.",
    remedy: "Grant the right that the message names, or create the namespaced object of that name.",
    is: ["OutOfReach"],
  },

  // Cache and weights.
  "AIM-0301": {
    title: "the cache failed",
    cause: "An artifact of the cache failed.",
    remedy: "Look at the cache and its artifacts: `kubectl describe aimtemplatecache,aimartifact`.",
    is: ["CacheFailed"],
    general: true,
  },
  "AIM-0302": {
    title: "the cache of a running endpoint is gone",
    cause: "Somebody deleted the cache while an endpoint uses its volumes.",
    remedy: "Wait: the cache is created anew, and the endpoint keeps serving.",
    is: ["CacheLost"],
  },
  "AIM-0303": {
    title: "the weights of a running endpoint are not all there",
    cause:
      "An artifact of the endpoint's cache was deleted or is no longer ready, or the service goes over to other weights.",
    remedy: "Wait: the weights are downloaded, and the endpoint keeps serving.",
    of: ["CacheNotReady", "CacheCreating"],
  },
  "AIM-0311": {
    title: "a volume claim is not bound",
    cause: "A PersistentVolumeClaim of the cache is not bound.",
    remedy: "Check that the StorageClass exists, supports `ReadWriteMany`, and that its provisioner runs.",
    more: "The message quotes the claim's events.",
    is: ["PVCNotBound"],
  },
  "AIM-0312": {
    title: "the storage class does not exist",
    cause:
      "A PersistentVolumeClaim names a StorageClass that the cluster does not have, or names none and there is no default.",
    remedy:
      "Create the StorageClass, or name another in `spec.storage.defaultStorageClassName` of the runtime config.",
    of: ["PVCNotBound"],
  },
  "AIM-0313": {
    title: "the provisioner makes no volume",
    cause: "The provisioner of the StorageClass failed, or does not answer.",
    remedy: "Check that the provisioner runs and supports `ReadWriteMany`.",
    of: ["PVCNotBound"],
  },
  "AIM-0314": {
    title: "the volume behind a claim is gone",
    cause: "The volume behind the claim is gone.",
    remedy: "Delete the artifact. It is created anew, with a new claim.",
    is: ["PvcLost"],
  },
  "AIM-0315": {
    title: "a volume cannot be made larger",
    cause: "The volume could not be made larger.",
    remedy: "Check that the StorageClass has `allowVolumeExpansion: true`.",
    is: ["PvcProvisioningFailed"],
  },
  "AIM-0316": {
    title: "the volume is full",
    cause: "The volume is too small for the weights, or the storage behind it is full.",
    remedy: "Correct the source's `size`, or raise `pvcHeadroomPercent`.",
    more:
      "The source is measured again and the claim grows, if its StorageClass has `allowVolumeExpansion: true`.",
    is: ["StorageFull"],
  },
  "AIM-0321": {
    title: "the model source does not exist",
    cause: "The model source does not exist, or is not visible to the given credentials.",
    remedy: "Correct `sourceUri`. For a gated or private model, check the token.",
    is: ["SourceNotFound"],
  },
  "AIM-0322": {
    title: "the source refuses the credentials",
    cause: "The token or key for the source is missing, expired or wrong.",
    remedy: "Correct the Secret that `spec.env` takes the token or key from.",
    of: ["AuthError"],
    otherwise: true,
  },
  "AIM-0323": {
    title: "the model is gated",
    cause: "The hub lets only those download the model who have accepted its terms.",
    remedy: "Accept the model's terms on the hub with the account that the token belongs to.",
    of: ["AuthError"],
  },
  "AIM-0324": {
    title: "the source asks for fewer requests",
    cause: "The hub or store answers 429 to everything that the download asks.",
    remedy: "Wait: it is tried again. A token in `spec.env` usually raises the limit.",
    of: ["PodFailed", "JobBackoffLimitExceeded"],
  },
  "AIM-0325": {
    title: "the size of the weights is not known",
    cause: "The size of a model source could not be measured.",
    remedy:
      "Write the `size` into the source in the template's `modelSources`, or mend what the message says.",
    is: ["StorageSizeError"],
    general: true,
  },
  "AIM-0326": {
    title: "the size check prints no size",
    cause: "The Job that measures a source printed no size.",
    remedy: "Write the `size` into the source, or read the log of the `check-size` pod.",
    is: ["InvalidSizeOutput"],
  },
  "AIM-0327": {
    title: "the weights are not what the source has",
    cause: "A downloaded file does not match the source's checksum.",
    remedy: "Wait: it is downloaded again. If it stays, check the source and the storage.",
    is: ["VerificationFailed"],
  },
  "AIM-0328": {
    title: "the source cannot be reached",
    cause: "The hub or store does not answer, fails itself, or shows a certificate that is not trusted.",
    remedy: "Check that pods of the namespace reach the source. It is tried again with growing pauses.",
    more: "Without internet access name a mirror by `HF_ENDPOINT`: [downloads](../downloads.md).",
    of: ["PodFailed", "JobBackoffLimitExceeded"],
  },
  "AIM-0331": {
    title: "a Job failed",
    cause: "The Job failed as often as it may.",
    remedy: "Read the output that the message quotes. The Job is tried again with growing pauses.",
    is: ["JobBackoffLimitExceeded", "JobFailed"],
    general: true,
  },
  "AIM-0332": {
    title: "a Job ran out of time",
    cause: "The Job ran longer than its deadline.",
    remedy: "Read the log of its pod to see what took so long.",
    is: ["JobDeadlineExceeded"],
    general: true,
  },
  "AIM-0333": {
    title: "a Job is suspended",
    cause: "Kueue or a user suspended the Job.",
    remedy: "Wait until Kueue admits it, or set `spec.suspend` of the Job to `false`.",
    is: ["Suspended"],
  },

  // Pods.
  "AIM-0401": {
    title: "no GPU is free",
    cause: "Every GPU that the pod could use is taken.",
    remedy: "Free GPUs: stop or shrink another service, or add a node.",
    of: ["FailedScheduling"],
  },
  "AIM-0402": {
    title: "the nodes have a taint",
    cause: "The nodes that fit have a taint that the pod does not tolerate.",
    remedy: "Remove the taint from the nodes: `kubectl taint node NODE KEY-`.",
    more: "An AIMService has no field for tolerations.",
    of: ["FailedScheduling"],
  },
  "AIM-0403": {
    title: "no node has the labels",
    cause: "No node matches the pod's affinity: the GPU that the template asks for is on no node any more.",
    remedy: "Add a node with that GPU, or check the GPU labels of the nodes.",
    of: ["FailedScheduling"],
  },
  "AIM-0404": {
    title: "no node has enough CPU, memory or disk",
    cause: "The nodes that fit have too little CPU, memory or disk left.",
    remedy: "Lower `spec.resources.requests`, or free or add a node.",
    of: ["FailedScheduling"],
  },
  "AIM-0405": {
    title: "a volume keeps the pod from its node",
    cause: "A volume of the pod is not bound, or can be used on other nodes only.",
    remedy: "Use a StorageClass with `ReadWriteMany` whose volumes every GPU node can mount.",
    of: ["FailedScheduling"],
  },
  "AIM-0406": {
    title: "the nodes are closed",
    cause: "The nodes that fit are cordoned, not ready or going down.",
    remedy: "Open them: `kubectl uncordon NODE`, or repair them.",
    of: ["FailedScheduling"],
  },
  "AIM-0409": {
    title: "no node can take the pod",
    cause: "No node can take the pod. The message is the scheduler's.",
    remedy: "Free or add what the scheduler misses: GPUs, memory, or a node without the taint.",
    is: ["FailedScheduling"],
  },
  "AIM-0411": {
    title: "a container ran out of memory",
    cause: "A container used more memory than its limit.",
    remedy: "Raise `spec.resources.limits.memory`.",
    is: ["PodOOMKilled"],
  },
  "AIM-0412": {
    title: "a container crashes again and again",
    cause: "A container ends soon after its start, each time.",
    remedy: "Read the log of its last run: `kubectl logs --previous`.",
    is: ["CrashLoopBackOff"],
    foreign: ["PostStartHookError", "FailedPostStartHook"],
  },
  "AIM-0413": {
    title: "a pod failed",
    cause: "A pod failed.",
    remedy: "Read the output that the message quotes, and the pod's log.",
    is: ["PodFailed"],
    general: true,
  },
  "AIM-0414": {
    title: "a container refers to something that is not there",
    cause: "The container refers to a Secret or ConfigMap that does not exist.",
    remedy: "Create what the message names.",
    is: ["CreateContainerConfigError"],
  },
  "AIM-0415": {
    title: "a container cannot be started",
    cause: "The container runtime cannot create or start the container.",
    remedy: "Do what the node's message asks for; it may be a fault of the image or of the node.",
    is: ["CreateContainerError", "RunContainerError"],
    foreign: ["PreCreateHookError", "PreStartHookError", "FailedCreatePodContainer"],
  },
  "AIM-0416": {
    title: "the readiness probe fails",
    cause: "The pod runs, and does not answer its readiness probe. Large models load for minutes.",
    remedy: "Wait while the model loads; if it stays, read the pod's log.",
    of: ["PodsStarting"],
  },
  "AIM-0417": {
    title: "a pod ran out of time",
    cause: "A pod ran longer than its deadline.",
    remedy: "Read the pod's log to see what took so long.",
    is: ["PodDeadlineExceeded"],
  },
  "AIM-0421": {
    title: "a volume cannot be mounted",
    cause: "The node cannot mount a volume.",
    remedy: "Look at the claim or Secret that the message names, and at the node.",
    is: ["FailedMount"],
    foreign: [
      "FailedMapVolume",
      "FailedMountOnFilesystemMismatch",
      "ImageVolumeMountFailed",
      "FailedBinding",
    ],
  },
  "AIM-0422": {
    title: "a volume cannot be attached",
    cause: "The volume cannot be attached to the node.",
    remedy: "Look at the volume, at its driver and at the node.",
    is: ["FailedAttachVolume"],
  },
  "AIM-0423": {
    title: "the node cannot set up the pod",
    cause: "The node cannot set up the pod, often for lack of a network.",
    remedy: "Look at the node and its network plugin.",
    is: ["FailedCreatePodSandBox"],
    foreign: [
      "FailedPodSandBoxStatus",
      "FailedSync",
      "NetworkNotReady",
      "FailedPrepareDynamicResources",
      "FailedNodeDeclaredFeaturesCheck",
      "FailedResourceClaimCreation",
    ],
  },
  "AIM-0424": {
    title: "the node refuses the pod",
    cause: "The pod was given to a node that cannot run it, or has no room for it any more.",
    remedy: "Do what the node's message asks for: `kubectl describe node`.",
    foreign: [
      "UnexpectedAdmissionError",
      "NodeAffinity",
      "TopologyAffinityError",
      "AppArmor",
      "SysctlForbidden",
      "PodLevelResourcesNotSupported",
      "PodFeatureUnsupported",
      "PodOSNotSupported",
      "PodOSSelectorNodeLabelDoesNotMatch",
      "InitContainerRestartPolicyForbidden",
      "SupplementalGroupsPolicyNotSupported",
      "InvalidNodeInfo",
      "UnexpectedPredicateFailureType",
      "UnknownReason",
    ],
  },
  "AIM-0431": {
    title: "the node evicted the pod",
    cause: "The node evicted the pod, usually for lack of memory or disk.",
    remedy: "Look at the node: `kubectl describe node`. The pod is replaced.",
    is: ["PodEvicted", "JobEvicted"],
    foreign: ["Evicted"],
  },
  "AIM-0432": {
    title: "a node is lost",
    cause: "The node on which a pod runs does not answer any more.",
    remedy:
      "Repair or delete the node: `kubectl get nodes`. The pod is replaced once the node counts as gone.",
    foreign: ["NodeLost", "NodeNotReady"],
  },
  "AIM-0433": {
    title: "a pod was taken away",
    cause: "The node shuts down, or a pod of higher priority took the place.",
    remedy: "Wait: the pod is replaced. If it stays, free GPUs or add a node.",
    foreign: ["Preempting", "NodeShutdown", "Terminated"],
  },

  // KServe.
  "AIM-0501": {
    title: "KServe is not installed",
    cause: "The cluster does not have KServe.",
    remedy: "Install KServe. The operator notices within half a minute.",
    is: ["KServeNotInstalled"],
  },
  "AIM-0502": {
    title: "KServe wants Knative",
    cause: "KServe is configured for Knative, which is not installed.",
    remedy: "Set KServe's `deploymentMode` to `Standard`.",
    is: ["ServerlessModeRejected"],
  },
  "AIM-0503": {
    title: "KServe cannot make the endpoint",
    cause: "KServe's controller failed to make something of the InferenceService.",
    remedy: "Do away with what KServe's message says; its controller retries.",
    is: ["InternalError"],
  },
  "AIM-0504": {
    title: "the namespace's name is too long",
    cause: "The host name of the endpoint would exceed 63 characters.",
    remedy: "Use a namespace whose name has at most 42 characters.",
    is: ["NamespaceTooLong"],
  },
  "AIM-0505": {
    title: "the name is still taken",
    cause:
      "The object of a deleted service of the same name is still being collected, or somebody deletes that of the service itself.",
    remedy: "Wait until it is gone. If it stays, look at its finalizers.",
    of: ["ResourceNotReady"],
  },
  "AIM-0506": {
    title: "edits wait",
    cause:
      "An edit needs the model or the template, and that is gone or not ready. The endpoint keeps running as it was.",
    remedy:
      "Repair what the message names, or set the annotation `aim.eai.amd.com/force-rebind` to a new value.",
    is: ["EditsWaiting"],
  },

  // Routing.
  "AIM-0601": {
    title: "the Gateway API is not installed",
    cause: "Routing is enabled, but the cluster has no Gateway API.",
    remedy: "Install the CRDs of the Gateway API, or set `spec.routing.enabled: false`.",
    more: "The operator notices within half a minute.",
    is: ["GatewayAPINotInstalled"],
  },
  "AIM-0602": {
    title: "no gateway is configured",
    cause: "Routing is enabled, and neither service nor runtime config says at which gateway.",
    remedy: "Set `routing.gatewayRef` in the service or in its runtime config.",
    is: ["GatewayNotConfigured"],
  },
  "AIM-0603": {
    title: "the gateway rejects the route",
    cause: "Every gateway that has judged the route rejects it.",
    remedy: "Let one of its listeners admit the route, or name another gateway in `routing.gatewayRef`.",
  },
  "AIM-0604": {
    title: "the route's backend is not resolved",
    cause: "The gateway does not find the Service behind the route, or may not refer to it.",
    remedy: "Check that the predictor's Service exists and that the gateway may reach the namespace.",
  },
  "AIM-0605": {
    title: "no gateway has taken the route",
    cause: "No controller has said anything about the route: its gateway does not exist, or nobody runs it.",
    remedy:
      "Create the Gateway that `routing.gatewayRef` names, and check that the controller of its class runs.",
    is: ["HTTPRoutePending"],
  },
  "AIM-0606": {
    title: "the path template is invalid",
    cause: "The path template does not parse, or renders to something that is no path.",
    remedy: "Correct `routing.pathTemplate` as the message says.",
    is: ["PathTemplateInvalid"],
  },
  "AIM-0607": {
    title: "another route has the path",
    cause: "An older route has the same gateway and path, and gets the requests.",
    remedy: "Give one of the two another `spec.routing.pathTemplate`.",
    is: ["PathConflict"],
  },
  "AIM-0608": {
    title: "the request timeout is invalid",
    cause: "The request timeout is no duration, is negative, or is finer than a millisecond.",
    remedy: "Write a duration such as `90s` or `5m`.",
    is: ["InvalidRequestTimeout"],
  },

  // Scaling.
  "AIM-0701": {
    title: "the wanted replicas or metrics are invalid",
    cause:
      "Replicas, `minReplicas`, `maxReplicas` and metrics contradict each other, or a metric does not parse.",
    remedy: "Correct the field that the message names.",
    is: ["InvalidScaling"],
  },
  "AIM-0702": {
    title: "there is no autoscaler",
    cause: "KEDA has not made a HorizontalPodAutoscaler for the endpoint, or is not installed.",
    remedy:
      "Check that KEDA is installed and runs. Without it, set `spec.replicas` and remove `spec.autoScaling`.",
    more: "`minReplicas` and `maxReplicas` then go as well.",
    is: ["HPANotFound"],
    of: ["InternalError"],
  },
  "AIM-0703": {
    title: "the autoscaler gets no metrics",
    cause: "The autoscaler gets no metrics.",
    remedy: "Repair the source of the metrics that the autoscaler's message names.",
    is: ["MetricsFailed"],
  },
  "AIM-0704": {
    title: "the autoscaler cannot scale",
    cause: "The autoscaler cannot read or change the number of replicas.",
    remedy: "Do away with what the autoscaler's message says.",
    is: ["ScaleTargetNotReady"],
  },

  // Admission, rights and the API server.
  "AIM-0801": {
    title: "a quota is used up",
    cause: "A ResourceQuota of the namespace has no room for a pod or another object.",
    remedy: "Raise the quota that the message names, or delete what uses it.",
    more:
      "The operator retries every few minutes. Discovery Jobs state no resources: where a quota demands them, add a LimitRange.",
    is: ["QuotaExceeded"],
    of: ["FailedCreate"],
  },
  "AIM-0802": {
    title: "Pod Security refuses the pods",
    cause: "The namespace's Pod Security level does not let the pods in.",
    remedy: "Label the namespace `pod-security.kubernetes.io/enforce=baseline`.",
    of: ["FailedCreate"],
  },
  "AIM-0803": {
    title: "a webhook or policy refuses",
    cause: "An admission webhook or policy of the cluster denies an object that is needed.",
    remedy: "Satisfy the webhook or policy that the message names, or exempt the namespace from it.",
    of: ["FailedCreate"],
  },
  "AIM-0804": {
    title: "pods are refused",
    cause: "The API server refuses the pods before they exist.",
    remedy: "Do away with the refusal that the message quotes.",
    more:
      "A quota, Pod Security or a webhook refuses the pods before they exist; where it is known which, the code is another.",
    is: ["FailedCreate"],
  },
  "AIM-0805": {
    title: "the namespace is being deleted",
    cause: "The namespace is being deleted, so nothing new is created in it.",
    remedy: "Nothing, if you meant to delete it; else create the service in another namespace.",
    is: ["NamespaceTerminating"],
  },
  "AIM-0806": {
    title: "the operator lacks a right",
    cause: "A role of the operator lacks a right.",
    remedy: "Grant the right that the message names: `kubectl apply -k manifests` restores them.",
    is: ["Forbidden"],
  },
  "AIM-0807": {
    title: "somebody else's object is in the way",
    cause: "Somebody else's object has the name that the operator would use. It is never taken over.",
    remedy: "Delete that object if you do not need it, or rename yours.",
    is: ["AlreadyExists"],
  },
  "AIM-0808": {
    title: "another controller contests a field",
    cause: "Another controller keeps changing a field that the operator sets.",
    remedy: "Let only one of the two set the field that the message names.",
    is: ["FieldContested"],
  },
  "AIM-0809": {
    title: "the API server refuses an object",
    cause: "The API server finds an object of the operator's invalid.",
    remedy: "Change what the message quotes.",
    is: ["ClientError"],
    foreign: ["Invalid", "BadRequest"],
  },
  "AIM-0810": {
    title: "something that is needed does not answer",
    cause: "The API server, the network or another system does not answer, or failed itself.",
    remedy: "Wait: it is tried again. If it stays, check what the message names.",
    of: ["InfrastructureError"],
    otherwise: true,
    general: true,
  },
  "AIM-0811": {
    title: "a kind is not installed",
    cause: "The cluster does not have the kind: KServe or the Gateway API is missing.",
    remedy: "Install what the message names. The operator notices within half a minute.",
    is: ["KindNotInstalled"],
  },
  "AIM-0812": {
    title: "a webhook does not answer",
    cause: "An admission webhook of the cluster is called for an object that is needed, and does not answer.",
    remedy: "Repair the webhook that the message names, or set its `failurePolicy` to `Ignore`.",
    more:
      "For a refused pod this code appears at once. For an object that the operator makes itself it appears after two minutes: the answer cannot be told from that of an overloaded API server.",
  },

  // Images and registries.
  "AIM-0901": {
    title: "the image does not exist",
    cause: "The registry has no image of that name and tag.",
    remedy: "Correct the reference, or push the image.",
    more: "The registry is asked again after a minute, later every half hour.",
    is: ["ImageNotFound"],
    foreign: ["ErrImageNeverPull"],
  },
  "AIM-0902": {
    title: "the registry refuses the credentials",
    cause: "The registry refused the credentials, or there are none for it.",
    remedy: "Name a Secret that works in `imagePullSecrets`.",
    more: "A corrected Secret is noticed within five minutes.",
    is: ["ImagePullAuthFailure"],
  },
  "AIM-0903": {
    title: "the image cannot be pulled",
    cause: "The kubelet cannot pull the image.",
    remedy: "Check that the nodes reach the registry. The kubelet keeps trying.",
    is: ["ImagePullBackOff"],
    foreign: ["RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed"],
  },
  "AIM-0904": {
    title: "the image reference does not parse",
    cause: "The image reference does not parse.",
    remedy: "Correct `spec.model.image` of the service, or `spec.image` of the model.",
    is: ["InvalidImageReference"],
    foreign: ["InvalidImageName"],
  },
  "AIM-0905": {
    title: "the image's labels are no metadata",
    cause: "The image cannot be read, or its labels do not parse.",
    remedy:
      "Correct the label that the message names and push another tag, or write `spec.imageMetadata` of the model.",
    is: ["MetadataExtractionFailed"],
  },
  "AIM-0906": {
    title: "a pull secret does not exist",
    cause: "A pull secret that is named does not exist.",
    remedy: "Create the Secret that the message names.",
    more: "For an `AIMClusterModel` it belongs in the operator's namespace.",
    is: ["SecretNotFound"],
  },
  "AIM-0907": {
    title: "a pull secret cannot be read",
    cause: "A pull secret exists but could not be read.",
    remedy: "Do away with what the message says. The operator retries.",
    is: ["SecretAccessFailed"],
  },
  "AIM-0908": {
    title: "the registry asks for fewer requests",
    cause: "The registry answers 429.",
    remedy: "Wait: it is asked again. A pull secret usually raises the limit.",
    of: ["RateLimited", "ImagePullBackOff"],
  },
  "AIM-0909": {
    title: "the registry cannot be reached",
    cause: "The registry does not answer, or shows a certificate that the operator does not trust.",
    remedy: "Check the registry's address and certificate, and that the operator's pod reaches it.",
    more: "Without internet access name a mirror: [private registries](../private-registries.md).",
    of: ["ServiceUnavailable", "NetworkTimeout", "DNSFailure", "TLSFailure"],
  },
} as const satisfies Readonly<Record<string, Cause>>;

export type Code = keyof typeof causes;

/** All codes, in their order. */
export const codes = Object.keys(causes) as readonly Code[];

export function causeOf(code: Code): Cause {
  return causes[code];
}

export function isCode(text: string): text is Code {
  return Object.hasOwn(causes, text);
}

type Row = typeof causes[Code];
/** Reasons whose texts stand here. */
export type CodedReason = Row extends infer R ? R extends { readonly is: readonly (infer K)[] } ? K : never
  : never;

const byReason = new Map<string, Code>(codes.flatMap((code) => {
  const { is = [], of = [], foreign = [], otherwise } = causeOf(code);
  return [...is, ...foreign, ...(otherwise ? of : [])].map((reason) => [reason, code] as const);
}));

/** The code of a reason where nothing finer is known; undefined where nothing is wrong, or the reason is not ours. */
export function codeOf(reason: Reason | undefined): Code | undefined {
  return byReason.get(reason ?? "");
}

/** Of several causes that hold at once the one that says most: the first that is not general, else the first. */
export function mostTelling(found: readonly (Code | undefined)[]): Code | undefined {
  const known = found.filter((code) => code !== undefined);
  return known.find((code) => !causeOf(code).general) ?? known[0];
}

/** A message with its code and what helps: what `Ready` and its event say. */
export function withCause(message: string, code: Code): string {
  return `${message.replace(/[.\s]+$/, "")}. ${code}: ${plainText(causeOf(code).remedy)}`;
}

/** Markdown as it stands where nobody renders it. */
function plainText(markdown: string): string {
  return markdown.replaceAll("`", "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** A code as the reason of a condition, which takes no hyphen: `AIM0801`. */
export function codeAsReason(code: Code): Reason {
  return foreignReason(code.replace("-", ""));
}

/** The code that a reason of a condition is, if it is one. */
export function codeFromReason(reason: string | undefined): Code | undefined {
  const code = reason?.replace(/^AIM(?=\d)/, "AIM-") ?? "";
  return isCode(code) ? code : undefined;
}
