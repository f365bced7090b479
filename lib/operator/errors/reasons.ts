/**
 * Every reason that a condition or event of ours can carry, and what it tells the user. Reasons are contract:
 * scripts and dashboards match on them. A reason that comes from elsewhere (an event, a gateway, the API
 * server) passes through `foreignReason`.
 */

/** Reason → what it means. */
export const reasons = {
  // Ready, and the three conditions about what we depend on (conventions.md §5.2, §5.4, §6.2).
  AllComponentsReady: "every component is ready",
  Progressing: "at least one component is not ready yet, and nothing is wrong",
  InfrastructureError: "something that we depend on cannot be reached, or an apply failed; retried",
  Reachable: "what could not be reached before can be reached again",
  AuthError: "credentials are missing or wrong",
  AuthenticationValid: "credentials that were refused before are accepted",
  InvalidSpec: "what was written cannot work as it is",
  ReferenceNotFound: "something that is referred to does not exist, or is out of reach",
  OutOfReach:
    "in scoped mode: it may be there, but the operator has no right to read its kind; the message says how to give it",
  ConfigurationValid: "the configuration is right; on an object that depends on others, after it was wrong",
  Unknown: "a foreign reason was empty or not a legal reason",

  // Objects that a user has frozen.
  Paused: "the object carries the annotation that pauses it; nothing is done for it",

  // Errors of calls (conventions.md §5.1).
  NotFound: "the API server does not have the object",
  Unauthorized: "the credentials were not accepted",
  Forbidden: "the permission is missing",
  AlreadyExists: "an object of that name exists already",
  Conflict: "the object was changed by someone else meanwhile",
  Gone: "what was read has been compacted away; read again",
  Timeout: "the API server took too long",
  ServiceUnavailable: "the API server or a registry cannot answer now",
  RateLimited: "the API server or a registry asks for fewer requests",
  ServerError: "the API server failed",
  ClientError: "the API server refused the request",
  ConnectionRefused: "nothing listens at that address",
  ConnectionReset: "the connection was cut",
  NetworkTimeout: "no answer came in time",
  DNSFailure: "the host name does not resolve",
  TLSFailure: "no trusted encrypted connection could be made",
  NetworkError: "the network failed in another way",
  UnknownError: "an error that is not recognised; the message is its text",
  QuotaExceeded: "a ResourceQuota of the namespace has no room for an object; the message names the quota",
  NamespaceTerminating: "the namespace is being deleted, so nothing more is made in it",
  FieldContested: "another controller keeps changing a field of ours; the message names field and manager",

  // Reads.
  Ready: "the component is ready and has nothing more to say",
  ResourceNotReady: "an object that we make does not exist yet",
  FetchError: "the object could not be read",
  KindNotInstalled: "this cluster does not have the kind (KServe, Gateway API); goes on once it has",

  InvalidRequestTimeout: "the request timeout does not parse, or is shorter than a millisecond",
  GatewayAPINotInstalled:
    "routing is on, but this cluster does not have the Gateway API; goes on once it has",
  KServeNotInstalled: "this cluster does not have KServe; goes on once it has",
  InvalidScaling: "the wanted replicas or metrics contradict each other or do not parse",
  InvalidResources: "a request is above its limit",
  EditsWaiting:
    "the endpoint runs without some edits, since they need a template or model that is not ready; the message names them",
  Rebound: "model and template were resolved anew, as the annotation force-rebind asked",
  NoModelSources: "the template lists no model sources, so there is nothing to cache",

  ImmutableFieldChanged:
    "a field that cannot be changed would have to; the object is made anew once nobody uses it",

  WaitingForCache: "the cache that the template keeps is not ready yet",

  CacheDegraded: "the cache that the template keeps is degraded",

  // Events about children (conventions.md §7.1).
  Created: "a child was made; the message names it",
  Restored:
    "a field of a child that somebody else had changed was set back; the message names field and manager",
  Deleted: "a child was deleted; the message names it",

  // Runtime configs.
  RuntimeConfigResolved: "a runtime config was found",
  ConfigFound: "a runtime config was found",
  DefaultConfigNotFound: "there is no runtime config named default; the defaults apply",
  ConfigNotFound: "the named runtime config exists in neither scope",
  InUse: "objects go by the config",
  Unused: "no object goes by the config",
  DeprecatedFields: "the object uses deprecated fields; the message says what to write instead",

  // Models.
  ModelResolved: "the model is chosen and ready",
  CreatingModel: "no model matches; one is being made",
  ModelNotFound: "the model exists in neither scope, or none is given",
  ModelNotReady: "the model exists but is not ready",
  MultipleModelsFound: "several models have that image; the message names them",
  InvalidImageReference: "the image reference cannot be parsed",
  ImageMetadataFound: "the image's metadata is known",
  ImageFound: "the image is known; it carries no metadata or none is wanted",
  ImageNotFound: "the registry does not have the image",
  ImagePullAuthFailure: "the registry refused the credentials",
  ImagePullBackOff: "the image cannot be pulled; the kubelet keeps trying",
  MetadataExtractionFailed: "the image cannot be read, or its labels are no metadata",
  SecretNotFound: "a pull secret does not exist",
  SecretAccessFailed: "a pull secret could not be read",
  AllTemplatesReady: "every template of the model is ready",
  SomeTemplatesReady: "some templates are ready, the others not available here",
  NoTemplatesExpected: "the model needs no templates",
  AwaitingMetadata: "templates are made once the image's metadata is known",
  CreatingTemplates: "templates are being made",
  TemplatesProgressing: "some templates are not ready yet",
  SomeTemplatesDegraded: "some templates failed",
  AllTemplatesFailed: "every template failed",
  NoTemplatesAvailable: "no template can run on this cluster's GPUs",

  // Templates.
  Resolved: "the template is chosen and ready",
  TemplateNotFound: "no template fits, or the named one exists in neither scope",
  TemplateNotReady: "the template exists but is not ready",
  TemplateModelMismatch: "the named template is made for another model than the service's",
  BestMatch: "of the templates that fit, the chosen one ranks best; the message says by what",
  NotSelected: "the template was not selected by rank",
  TemplateSelectionAmbiguous: "several templates rank equally; the message names them",
  ModelFound: "the template's model exists and is usable",
  ClusterModelFound: "the template's cluster model exists and is usable",
  ImageNotSpecified: "the model has no image",
  ModelFailed: "the template's model failed",
  ClusterModelFailed: "the template's cluster model failed",
  GPUAvailable: "a node has the GPU",
  GPUUnknown: "in scoped mode: the nodes cannot be read, so the GPU counts as there",
  GPUNotAvailable: "no node has the GPU",
  VRAMNotAvailable: "no node's GPU has enough memory",
  GPUCheckFailed: "the nodes could not be read",
  JobNotCreated: "the discovery Job does not exist yet",
  InlineModelSources: "the model sources are given, nothing is to be discovered",
  AwaitingDiscovery: "discovery has not finished",
  DiscoveryComplete: "discovery has told the model sources and the profile",
  DiscoveryFailed: "discovery failed, or its output cannot be read",
  DiscoveryJobRefused: "the API server refuses the discovery Job",

  // Caches and artifacts.
  CacheReady: "the weights are cached",
  CacheNotReady: "the weights are being downloaded",
  CacheFailed: "the cache failed",
  CacheCreating: "the cache is being made",
  CacheLost: "the Shared cache was deleted while its volumes are in use",
  ResourceFound: "the object was found",
  AllCachesReady: "every artifact is ready",
  CreatingCaches: "artifacts are being made",
  CachesNotReady: "artifacts are not ready",
  NoCaches: "the template lists no model sources yet",
  StorageSizeError: "the size of a model source is not known",
  PVCNotBound: "a volume claim is not bound; the message quotes its events",
  InvalidSizeOutput: "the size check printed no size",
  SizeUnknown: "the size check has ended, but its result cannot be read yet",
  Verified: "the download is complete and its checksums are right",
  Verifying: "the download is complete; checksums are being computed",
  Downloading: "the download runs",
  VerificationFailed: "the downloaded files are not what the source has",

  // Inference service.
  RuntimeReady: "the inference service answers",
  CreatingRuntime: "the inference service is starting",
  ServerlessModeRejected: "KServe wants Knative, which is not there; it must run in Standard mode",
  InternalError: "KServe could not make the inference service",
  NamespaceTooLong: "no host name fits into 63 characters in that namespace",
  ScaledToZero: "no replicas are wanted",

  // Routes.
  HTTPRouteAccepted: "a gateway has accepted the route",
  HTTPRoutePending: "no gateway has said anything about the route yet",
  HTTPRouteCreating: "the route is being made",
  HTTPRouteFetchError: "the route could not be read",
  GatewayNotConfigured: "routing is on but no gateway is configured",
  PathTemplateInvalid: "the path template cannot be rendered",
  PathConflict: "an older route has the same gateway and path, and gets the requests",
  PathCapturesGateway: "the path template renders to /, so the route takes all requests of the gateway",

  // Autoscaling.
  HPAOperational: "the autoscaler works",
  HPANotFound: "KEDA has not made the autoscaler yet",
  HPAFetchError: "the autoscaler could not be read",
  WaitingForMetrics: "metrics come once the inference service is ready",
  MetricsFailed: "the autoscaler gets no metrics",
  ScaleTargetNotReady: "the autoscaler cannot change the number of replicas",

  // Pods, Jobs, claims (conventions.md §6.7).
  NoPods: "there are no pods yet",
  PodsReady: "as many pods are ready as are wanted; of a Job, one has succeeded",
  PodsStarting: "pods run but are not ready yet",
  PodsPending: "pods wait to run",
  PodsProgressing: "pods are on their way",
  Pulling: "the image is being pulled",
  PodFailed: "a pod failed",
  PodOOMKilled: "a pod used more memory than it may",
  PodDeadlineExceeded: "a pod ran for too long",
  PodEvicted: "a pod was evicted from its node",
  FailedCreate: "pods are refused before they exist; the message quotes who refuses and why",
  FailedScheduling: "no node can take the pod; the message says why",
  FailedMount: "a volume cannot be mounted",
  FailedAttachVolume: "a volume cannot be attached to the node",
  FailedCreatePodSandBox: "the node cannot set up the pod",
  CrashLoopBackOff: "a container crashes again and again",
  CreateContainerConfigError: "a container's configuration refers to something that is not there",
  CreateContainerError: "the container cannot be made",
  RunContainerError: "the container cannot be started",
  SourceNotFound: "the model source does not exist",
  StorageFull: "the volume is full",
  JobNotFound: "the Job does not exist yet",
  JobRunning: "the Job runs",
  DownloadedByAnother: "another artifact downloads the same source into the same storage class",
  Suspended: "the Job is suspended, by Kueue or a user",
  JobBackoffLimitExceeded: "the Job failed as often as it may",
  JobDeadlineExceeded: "the Job ran for too long",
  JobEvicted: "the Job's pod was evicted",
  JobFailed: "the Job failed",
  PvcResizing: "the volume is too small for the weights and is being made larger",
  PvcPending: "the volume claim is not bound yet",
  PvcLost: "the volume behind the claim is gone",
  PvcProvisioningFailed: "the volume could not be made larger",

  // Model sources.
  Listed: "the models of this source were listed",
  AllFiltersSucceeded: "every filter was evaluated",
  SomeFiltersFailed: "some filters failed",
  AllFiltersFailed: "every filter failed",
  NoFilters: "the source has no filters",
  LimitReached: "more images match than models may be made",
  WithinLimit: "all matching images have their model",
} as const;

/** A reason of our own. */
export type KnownReason = keyof typeof reasons;

declare const foreign: unique symbol;
/** A reason made by somebody else, in a form that the CRDs accept. */
export type ForeignReason = string & { readonly [foreign]: true };

export type Reason = KnownReason | ForeignReason;

const legalReason = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

/** A reason from elsewhere; `Unknown` where it is empty, too long or not a legal reason (§6.1). */
export function foreignReason(text: string | undefined): Reason {
  const legal = text !== undefined && text.length <= 1024 && legalReason.test(text);
  return legal ? text as ForeignReason : "Unknown";
}

/** Whether a reason is one of ours. */
export function isKnownReason(reason: string): reason is KnownReason {
  return Object.hasOwn(reasons, reason);
}
