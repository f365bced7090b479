/**
 * What causes each reason, and what to do about it. `deno task reference` writes `docs/reference/reasons.md` from
 * this. A reason without an entry does not compile. The operator itself does not load this file.
 */

import type { KnownReason } from "./reasons.ts";

export interface Remedy {
  /** Why it happens. */
  readonly cause: string;
  /** What to do, in Markdown. */
  readonly remedy: string;
}

/** The remedy of what passes by itself; a user who runs out of patience looks where `look` says. */
function wait(cause: string, look?: string): Remedy {
  return { cause, remedy: `Wait. It goes on by itself.${look === undefined ? "" : ` ${look}`}` };
}

/**
 * Remedies by reason. `good`: nothing is wrong. `unused`: AIM Engine reports it, so scripts may look for it; this
 * operator does not.
 */
export const remedies: Readonly<Record<KnownReason, Remedy | "good" | "unused">> = {
  // Ready, and the three conditions about what we depend on.
  AllComponentsReady: "good",
  Progressing: wait(
    "A component is still on its way. Nothing is wrong.",
    "The message names the component; its own condition says more.",
  ),
  InfrastructureError: {
    cause:
      "The API server, the network or another system that the operator needs does not answer, or refused a write.",
    remedy:
      "Read the message. The operator retries with growing pauses, and goes on once what the message names answers again.",
  },
  Reachable: "good",
  AuthError: {
    cause: "A credential is missing, expired or wrong, or a right is missing.",
    remedy: "The message names the credential. Correct the Secret, or grant the right.",
  },
  AuthenticationValid: "good",
  InvalidSpec: {
    cause: "The spec passes the schema but cannot work as written.",
    remedy: "Change the field that the message names.",
  },
  ReferenceNotFound: {
    cause: "The spec names an object that does not exist, or that the operator may not read.",
    remedy: "Create the object that the message names, or correct the name.",
  },
  OutOfReach: {
    cause:
      "The operator runs with `--namespace` and has no right to read cluster-scoped objects of this kind.",
    remedy:
      "Grant the right that the message names and restart the operator. Or create the namespaced object of that name.",
  },
  ConfigurationValid: "good",
  Unknown: {
    cause: "Another system gave a reason that is empty or not allowed as a condition reason.",
    remedy: "Read the message; it is passed on unchanged.",
  },

  Paused: {
    cause: 'The object has the annotation `aim.eai.amd.com/reconciliation-paused: "true"`.',
    remedy: "Remove the annotation to resume.",
  },

  // Errors of calls.
  NotFound: {
    cause: "The API server does not have the object. It was deleted, or never created.",
    remedy: "Create it, or correct the name.",
  },
  Unauthorized: {
    cause: "A token or client certificate was rejected.",
    remedy: "Renew the token or certificate.",
  },
  Forbidden: {
    cause: "A role lacks a right.",
    remedy:
      "Grant the right that the message names. `kubectl apply -k manifests` restores the operator's own rights.",
  },
  AlreadyExists: {
    cause: "Somebody else's object has the name that the operator would use. It is never taken over.",
    remedy: "Delete that object if you do not need it, or rename yours.",
  },
  Conflict: wait("Somebody changed the object at the same moment."),
  Gone: wait("The API server no longer has the version that was asked for; the operator reads again."),
  Timeout: wait("The API server took too long.", "If it stays, check the load of the API server."),
  ServiceUnavailable: wait(
    "The API server or a registry answers 503, or is overloaded.",
    "If it stays, check the one that the message names.",
  ),
  RateLimited: wait(
    "The API server or a registry asks for fewer requests (429).",
    "For a registry, a pull secret usually raises the limit.",
  ),
  ServerError: wait("The API server answered with an error of its own (5xx).", "If it stays, read its log."),
  ClientError: {
    cause: "The API server, a quota or an admission webhook refused the request.",
    remedy: "Read the message. It quotes who refused, and why.",
  },
  ConnectionRefused: {
    cause: "Nothing listens at the address.",
    remedy: "Start the server that should listen there, or correct the address.",
  },
  ConnectionReset: wait("The connection broke off."),
  NetworkTimeout: {
    cause: "No answer came in time. Often a firewall or a NetworkPolicy drops the packets.",
    remedy: "Check the network between the operator and the address in the message.",
  },
  DNSFailure: {
    cause: "The host name does not resolve.",
    remedy:
      "Correct the host name, or repair DNS. Without internet access name a mirror ([private registries](../private-registries.md)).",
  },
  TLSFailure: {
    cause: "The certificate is expired, names another host, or comes from an unknown authority.",
    remedy:
      "Correct the certificate. For an authority of your own see [private registries](../private-registries.md#an-authority-of-your-own).",
  },
  NetworkError: {
    cause: "The network failed in another way.",
    remedy: "Read the message, and check the network between the two.",
  },
  UnknownError: {
    cause: "An error that the operator does not recognise.",
    remedy: "Read the message; it is the error's own text. If it is a fault of the operator, report it.",
  },
  QuotaExceeded: {
    cause: "A ResourceQuota of the namespace has no room left for an object.",
    remedy:
      "Raise the quota that the message names, or delete what uses it. The operator retries every few minutes.",
  },
  NamespaceTerminating: {
    cause: "The namespace is being deleted, so nothing new is created in it.",
    remedy: "Nothing, if you meant to delete it.",
  },
  FieldContested: {
    cause: "Another controller keeps changing a field that the operator sets.",
    remedy:
      "Find the controller by the field manager in the message, and let only one of the two set the field.",
  },

  // Reads.
  Ready: "good",
  ResourceNotReady: wait("An object that the operator creates is not there yet."),
  FetchError: "unused",
  KindNotInstalled: {
    cause: "The cluster does not have the kind: KServe or the Gateway API is missing.",
    remedy: "Install what the message names. The operator notices within half a minute.",
  },
  InvalidRequestTimeout: {
    cause: "The request timeout is no duration, is negative, or is finer than a millisecond.",
    remedy: "Write a duration such as `90s` or `5m`.",
  },
  GatewayAPINotInstalled: {
    cause: "Routing is enabled, but the cluster has no Gateway API.",
    remedy:
      "Install the CRDs of the Gateway API, or set `routing.enabled: false`. The operator notices within half a minute.",
  },
  KServeNotInstalled: {
    cause: "The cluster does not have KServe.",
    remedy: "Install KServe. The operator notices within half a minute.",
  },
  InvalidScaling: {
    cause:
      "Replicas, `minReplicas`, `maxReplicas` and metrics contradict each other, or a metric does not parse.",
    remedy: "Correct the field that the message names.",
  },
  InvalidResources: {
    cause: "A resource request is above its limit.",
    remedy: "Lower the request, or raise the limit that the message names.",
  },
  EditsWaiting: {
    cause:
      "An edit needs the model or the template, and that is gone or not ready. The endpoint keeps running as it was.",
    remedy:
      "Repair what `TemplateReady` or `ModelReady` names. Or let the service choose again, with a new value of the annotation `aim.eai.amd.com/force-rebind`.",
  },
  Rebound: "good",
  NoModelSources: {
    cause: "The template has no `modelSources`, so there is nothing to download.",
    remedy: "Add `modelSources` to the template, or let discovery find them.",
  },
  ImmutableFieldChanged: {
    cause: "A field that cannot change would have to. The object is created anew once nothing uses it.",
    remedy: "Delete the services that use the object, or leave it as it is.",
  },
  WaitingForCache: wait(
    "The cache that the template asks for is not ready yet.",
    "Look at the cache: `kubectl describe aimtemplatecache`.",
  ),
  CacheDegraded: {
    cause: "The cache that the template asks for is degraded.",
    remedy: "Look at the cache: `kubectl describe aimtemplatecache`.",
  },

  // Events about children.
  Created: "good",
  Restored: {
    cause: "Somebody changed a field that the operator sets. The operator set it back.",
    remedy: "Change the AIM object instead. The message names the field and who changed it.",
  },
  Deleted: "good",

  // Runtime configs.
  RuntimeConfigResolved: "good",
  ConfigFound: "good",
  DefaultConfigNotFound: "good",
  ConfigNotFound: {
    cause: "No runtime config of that name exists, neither in the namespace nor in the cluster.",
    remedy: "Create it, or correct `runtimeConfigName`.",
  },
  InUse: "good",
  Unused: {
    cause: "No object uses this runtime config.",
    remedy: "Set `spec.runtimeConfigName` where it should apply, or delete it.",
  },
  DeprecatedFields: {
    cause: "The object uses deprecated fields. They still work.",
    remedy:
      "Write the field that the message names. `spec.model`, `spec.template` and `spec.caching` of an existing service cannot change; use the new fields in the next one.",
  },

  // Models.
  ModelResolved: "good",
  CreatingModel: wait("No model has the image yet, so one is created."),
  ModelNotFound: {
    cause: "No model of that name exists, neither in the namespace nor in the cluster.",
    remedy: "Correct `spec.model`, or create the model.",
  },
  ModelNotReady: {
    cause: "The model exists but is not ready.",
    remedy: "Look at the model: `kubectl describe aimmodel` or `kubectl describe aimclustermodel`.",
  },
  MultipleModelsFound: {
    cause: "Several models have the image that the service names.",
    remedy: "Name one of them in `spec.model.name`, or delete the others. The message names them.",
  },
  InvalidImageReference: {
    cause: "The image reference does not parse.",
    remedy: "Correct `spec.model.image` of the service, or `spec.image` of the model.",
  },
  ImageMetadataFound: "good",
  ImageFound: "good",
  ImageNotFound: {
    cause: "The registry has no image of that name and tag.",
    remedy:
      "Correct the reference, or push the image. The registry is asked again after a minute, later every half hour.",
  },
  ImagePullAuthFailure: {
    cause: "The registry refused the credentials, or there are none for it.",
    remedy:
      "Name a Secret that works in `imagePullSecrets`. A corrected Secret is noticed within five minutes.",
  },
  ImagePullBackOff: {
    cause: "The kubelet cannot pull the image.",
    remedy: "Read the message; it quotes the node. The kubelet keeps trying.",
  },
  MetadataExtractionFailed: {
    cause: "The image cannot be read, or its labels do not parse.",
    remedy:
      "Correct the label that the message names and push the image under another tag. Or write `spec.imageMetadata`.",
  },
  SecretNotFound: {
    cause: "A pull secret that is named does not exist.",
    remedy:
      "Create the Secret that the message names. For an `AIMClusterModel` it belongs in the operator's namespace.",
  },
  SecretAccessFailed: {
    cause: "A pull secret exists but could not be read.",
    remedy: "Read the message. The operator retries.",
  },
  AllTemplatesReady: "good",
  SomeTemplatesReady: "good",
  NoTemplatesExpected: "good",
  AwaitingMetadata: wait(
    "The image has not been read yet.",
    "Look at `ImageMetadataReady`. Without a registry set `spec.imageMetadata`, or `spec.discovery.extractMetadata: false`.",
  ),
  CreatingTemplates: wait("The model's templates are being created."),
  TemplatesProgressing: wait("Some templates of the model are not ready yet."),
  SomeTemplatesDegraded: {
    cause: "Some templates of the model failed.",
    remedy: "Look at the templates that the message names.",
  },
  AllTemplatesFailed: {
    cause: "Every template of the model failed.",
    remedy: "Look at the templates that the message names.",
  },
  NoTemplatesAvailable: {
    cause: "No node has a GPU that one of the templates asks for.",
    remedy: "Add such nodes, or a template for the GPUs that are there.",
  },

  // Templates.
  Resolved: "good",
  TemplateNotFound: {
    cause:
      "The named template exists in neither scope; or no template of the model fits this cluster and this service.",
    remedy:
      "The message lists the closest candidates, each with what rules it out. Change one of these facts, or correct `spec.template.name`.",
  },
  TemplateNotReady: {
    cause: "A template fits, but is not ready.",
    remedy:
      "The message lists the candidates with their status. Look at the one you expect: `kubectl describe aimservicetemplate`.",
  },
  TemplateModelMismatch: {
    cause:
      "The named template belongs to another model than the service. The service runs; this is an event only.",
    remedy: "If you did not mean it, create the service again with a template of its model, or with none.",
  },
  BestMatch: "good",
  NotSelected: "good",
  TemplateSelectionAmbiguous: {
    cause: "Several templates rank equally in everything that counts.",
    remedy:
      "Name one of them in `spec.template.name`, delete the duplicate, or set the annotation `aim.eai.amd.com/break-ties: by-name` on the service or its runtime config. `spec.template` of an existing service cannot change once it is set.",
  },
  ModelFound: "good",
  ClusterModelFound: "good",
  ImageNotSpecified: { cause: "The model has no image.", remedy: "Set `spec.image` of the model." },
  ModelFailed: {
    cause: "The template's model failed.",
    remedy: "Look at the model: `kubectl describe aimmodel`.",
  },
  ClusterModelFailed: {
    cause: "The template's cluster model failed.",
    remedy: "Look at the model: `kubectl describe aimclustermodel`.",
  },
  GPUAvailable: "good",
  GPUUnknown: {
    cause: "The operator runs with `--namespace` and may not read Nodes. The GPU counts as available.",
    remedy:
      "Check that the cluster has the GPU, or grant the right to read Nodes. A pod for a GPU that no node has stays Pending.",
  },
  GPUNotAvailable: {
    cause: "No node has the GPU.",
    remedy:
      "Add a node with that GPU; the template becomes ready by itself. The message lists the GPUs that are there.",
  },
  VRAMNotAvailable: {
    cause: "No node's GPU has enough memory.",
    remedy:
      "Add a node with larger GPUs. `hardware` of a template cannot change; for less memory create another template.",
  },
  GPUCheckFailed: "unused",
  JobNotCreated: wait(
    "Ten discovery Jobs run in the cluster already. Namespaces take turns.",
    "To skip discovery, give the template `modelSources`.",
  ),
  InlineModelSources: "good",
  AwaitingDiscovery: wait("Discovery has not finished.", "The message says what it waits for."),
  DiscoveryComplete: "good",
  DiscoveryFailed: {
    cause: "The discovery Job failed, or the image printed something else than a profile.",
    remedy:
      "Read the message: it quotes the output and says when the next attempt begins. An edit of the template or of the model's image starts one at once.",
  },
  DiscoveryJobRefused: {
    cause: "A quota, a policy or a missing right keeps the discovery Job from being created.",
    remedy: "Read the message; it quotes the refusal. The operator retries.",
  },

  // Caches and artifacts.
  CacheReady: "good",
  CacheNotReady: wait("The weights are being downloaded.", "`kubectl get aimartifacts` shows the progress."),
  CacheFailed: {
    cause: "An artifact of the cache failed.",
    remedy: "Look at the cache and its artifacts: `kubectl describe aimtemplatecache,aimartifact`.",
  },
  CacheCreating: wait("The cache is being created."),
  CacheLost: {
    cause: "Somebody deleted the Shared cache while an endpoint uses its volumes.",
    remedy: "Nothing. The cache is created anew, and the endpoint keeps serving.",
  },
  ResourceFound: "good",
  AllCachesReady: "good",
  CreatingCaches: wait("Artifacts are being created."),
  CachesNotReady: {
    cause: "Some artifacts are not ready.",
    remedy: "Look at the artifacts that the message names: `kubectl describe aimartifact`.",
  },
  NoCaches: {
    cause: "The template has no `modelSources` yet.",
    remedy: "Wait for discovery, or add `modelSources` to the template.",
  },
  StorageSizeError: {
    cause: "The size of a model source could not be measured.",
    remedy: "Read the message. Or write the `size` into the source in the template's `modelSources`.",
  },
  PVCNotBound: {
    cause: "A PersistentVolumeClaim is not bound.",
    remedy:
      "Check that the StorageClass exists, supports `ReadWriteMany`, and that its provisioner runs. The message quotes the claim's events.",
  },
  InvalidSizeOutput: {
    cause: "The Job that measures a source printed no size.",
    remedy:
      "It is measured again. If it stays, read the log of the `check-size` pod, or write the `size` into the source.",
  },
  SizeUnknown: wait("The source has been measured, but the result cannot be read yet."),
  Verified: "good",
  Verifying: wait("The download is complete; its checksums are being computed."),
  Downloading: wait("The download runs."),
  VerificationFailed: {
    cause: "A downloaded file does not match the source's checksum.",
    remedy: "It is downloaded again. If it stays, check the source and the storage.",
  },

  // Inference service.
  RuntimeReady: "good",
  CreatingRuntime: wait(
    "The InferenceService is starting.",
    "`InferenceServicePodsReady` says what the pods wait for.",
  ),
  ServerlessModeRejected: {
    cause: "KServe is configured for Knative, which is not installed.",
    remedy: "Set KServe's `deploymentMode` to `Standard`.",
  },
  InternalError: {
    cause: "KServe could not create the InferenceService's Deployment.",
    remedy: "Read the message, and the log of KServe's controller.",
  },
  NamespaceTooLong: {
    cause: "KServe's host name would be longer than 63 characters.",
    remedy: "Use a namespace of at most 42 characters.",
  },
  ScaledToZero: { cause: "The service wants no replicas.", remedy: "Raise `replicas` to serve again." },

  // Routes.
  HTTPRouteAccepted: "good",
  HTTPRoutePending: {
    cause: "No gateway has accepted or refused the route yet.",
    remedy:
      "Check that the gateway named in the message exists, that its controller runs, and that a listener admits routes of this namespace.",
  },
  HTTPRouteCreating: wait("The route is being created."),
  HTTPRouteFetchError: "unused",
  GatewayNotConfigured: {
    cause: "Routing is enabled, but no gateway is named.",
    remedy:
      "Set `routing.gatewayRef` in the service or in a runtime config, or set `routing.enabled: false`.",
  },
  PathTemplateInvalid: {
    cause: "`routing.pathTemplate` does not parse, or names a field that the service does not have.",
    remedy: "Correct the template; the message says what is wrong.",
  },
  PathConflict: {
    cause: "An older route has the same path at the same gateway, and gets the requests.",
    remedy: "Give one of the two services another `routing.pathTemplate`. The message names the other one.",
  },
  PathCapturesGateway: {
    cause:
      "The path template renders to `/`, so this route takes every request of the gateway. This is an event only.",
    remedy: "Add a path segment to `routing.pathTemplate`, unless you mean it.",
  },

  // Autoscaling.
  HPAOperational: "good",
  HPANotFound: {
    cause: "KEDA has not created the HorizontalPodAutoscaler yet.",
    remedy:
      "Check that KEDA is installed and runs. Without KEDA, set `replicas` and remove `autoScaling`, `minReplicas` and `maxReplicas`.",
  },
  HPAFetchError: "unused",
  WaitingForMetrics: wait("Metrics come once the InferenceService is ready."),
  MetricsFailed: {
    cause: "The autoscaler gets no metrics.",
    remedy: "Repair the source of the metrics. The message is the autoscaler's.",
  },
  ScaleTargetNotReady: {
    cause: "The autoscaler cannot read or change the number of replicas.",
    remedy: "Read the message; it is the autoscaler's.",
  },

  // Pods, Jobs, claims.
  NoPods: wait("There are no pods yet."),
  PodsReady: "good",
  PodsStarting: wait("The pods run but are not ready. Large models load for minutes."),
  PodsPending: wait("The pods wait for a node."),
  PodsProgressing: wait("The pods are on their way."),
  Pulling: wait("The node pulls the image."),
  PodFailed: { cause: "A pod failed.", remedy: "Read the message, and the pod's log." },
  PodOOMKilled: {
    cause: "A container used more memory than its limit.",
    remedy: "Raise `spec.resources.limits.memory`.",
  },
  PodDeadlineExceeded: {
    cause: "A pod ran longer than its deadline.",
    remedy: "Read the pod's log to see what took so long.",
  },
  PodEvicted: {
    cause: "The node evicted the pod, usually for lack of memory or disk.",
    remedy: "Look at the node: `kubectl describe node`. The pod is replaced.",
  },
  FailedCreate: {
    cause: "A quota, Pod Security or a webhook refuses the pods before they exist.",
    remedy:
      "Raise the quota, or satisfy the policy that the message quotes. Where the namespace's Pod Security level is what refuses, the message says how to let the pods in. Discovery Jobs state no resources: where a quota demands them, add a LimitRange.",
  },
  FailedScheduling: {
    cause: "No node can take the pod. The message is the scheduler's.",
    remedy: "Free or add what is missing: GPUs, memory, or a node without the taint.",
  },
  FailedMount: {
    cause: "The node cannot mount a volume.",
    remedy: "Look at the claim that the message names.",
  },
  FailedAttachVolume: {
    cause: "The volume cannot be attached to the node.",
    remedy: "Look at the volume and at the node.",
  },
  FailedCreatePodSandBox: {
    cause: "The node cannot set up the pod, often for lack of a network.",
    remedy: "Look at the node.",
  },
  CrashLoopBackOff: {
    cause: "A container crashes again and again.",
    remedy: "Read the log of its last run: `kubectl logs --previous`.",
  },
  CreateContainerConfigError: {
    cause: "The container refers to a Secret or ConfigMap that does not exist.",
    remedy: "Create what the message names.",
  },
  CreateContainerError: {
    cause: "The container runtime cannot create the container.",
    remedy: "Read the message; it is the node's.",
  },
  RunContainerError: {
    cause: "The container runtime cannot start the container.",
    remedy: "Read the message; it is the node's.",
  },
  SourceNotFound: {
    cause: "The model source does not exist, or is not visible to the given credentials.",
    remedy: "Correct `sourceUri`. For a gated or private model, check the token.",
  },
  StorageFull: {
    cause: "The volume is too small for the weights, or the storage behind it is full.",
    remedy:
      "The source is measured again and the claim grows, if its StorageClass has `allowVolumeExpansion: true`. Otherwise correct the source's `size`, or raise `pvcHeadroomPercent`.",
  },
  JobNotFound: wait("The Job does not exist yet."),
  JobRunning: wait("The Job runs."),
  DownloadedByAnother: {
    cause: "Another artifact downloads the same source into the same StorageClass.",
    remedy: "Nothing. Its caches move to the other artifact, and this one is deleted.",
  },
  Suspended: {
    cause: "Kueue or a user suspended the Job.",
    remedy: "Wait until Kueue admits it, or resume it: set `spec.suspend` of the Job to `false`.",
  },
  JobBackoffLimitExceeded: {
    cause: "The Job failed as often as it may.",
    remedy: "Read the message. Downloads and discovery are retried with growing pauses.",
  },
  JobDeadlineExceeded: {
    cause: "The Job ran longer than its deadline.",
    remedy: "Read the log of its pod to see what took so long.",
  },
  JobEvicted: wait("The node evicted the Job's pod. It is retried."),
  JobFailed: { cause: "The Job failed.", remedy: "Read the message. It is retried." },
  PvcResizing: wait(
    "The volume was too small for the weights and is being made larger.",
    "The message says from what to what, and quotes the claim's events.",
  ),
  PvcPending: {
    cause: "The claim is not bound yet.",
    remedy: "Check the StorageClass. The message quotes the claim's events.",
  },
  PvcLost: {
    cause: "The volume behind the claim is gone.",
    remedy: "Delete the artifact. It is created anew, with a new claim.",
  },
  PvcProvisioningFailed: {
    cause: "The volume could not be made larger.",
    remedy: "Check that the StorageClass has `allowVolumeExpansion: true`.",
  },

  // Model sources.
  Listed: "good",
  AllFiltersSucceeded: "good",
  SomeFiltersFailed: {
    cause: "Some filters failed. The others have their models.",
    remedy:
      "The message names each failed filter, why, and when it is tried next: [When a filter fails](../kinds/model-sources.md#when-a-filter-fails).",
  },
  AllFiltersFailed: {
    cause: "Every filter failed.",
    remedy:
      "The message names each filter, why, and when it is tried next: [When a filter fails](../kinds/model-sources.md#when-a-filter-fails).",
  },
  NoFilters: { cause: "The source has no filters.", remedy: "Add a filter." },
  LimitReached: {
    cause: "More images match than `maxModels` allows. The newest versions have their models.",
    remedy: "Raise `maxModels`, or narrow the filters and `versions`.",
  },
  WithinLimit: "good",
};
