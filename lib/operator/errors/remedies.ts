/**
 * What causes each reason, and what to do about it. `deno task reference` writes `docs/reference/reasons.md` from
 * this. A reason without an entry, here or among the causes with a code, does not compile. The operator itself does not
 * load this file.
 */

import { causeOf, type Code, type CodedReason, codeOf, codes } from "./codes.ts";
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

/** `good`: nothing is wrong. `unused`: AIM Engine reports it, so scripts may look for it; this operator does not. */
const uncoded: Readonly<Record<Exclude<KnownReason, CodedReason>, Remedy | "good" | "unused">> = {
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

  // Reads.
  Ready: "good",
  ResourceNotReady: wait("An object that the operator creates is not there yet."),
  FetchError: "unused",
  Rebound: "good",
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
  ImageMetadataFound: "good",
  ImageFound: "good",
  AllTemplatesReady: "good",
  SomeTemplatesReady: "good",
  NoTemplatesExpected: "good",
  AwaitingMetadata: wait(
    "The image has not been read yet.",
    "Look at `ImageMetadataReady`. Without a registry set `spec.imageMetadata`, or `spec.discovery.extractMetadata: false`.",
  ),
  CreatingTemplates: wait("The model's templates are being created."),
  TemplatesProgressing: wait("Some templates of the model are not ready yet."),

  // Templates.
  Resolved: "good",
  TemplateModelMismatch: {
    cause:
      "The named template belongs to another model than the service. The service runs; this is an event only.",
    remedy: "If you did not mean it, create the service again with a template of its model, or with none.",
  },
  BestMatch: "good",
  NotSelected: "good",
  ModelFound: "good",
  ClusterModelFound: "good",
  GPUAvailable: "good",
  GPUUnknown: {
    cause: "The operator runs with `--namespace` and may not read Nodes. The GPU counts as available.",
    remedy:
      "Check that the cluster has the GPU, or grant the right to read Nodes. A pod for a GPU that no node has stays Pending.",
  },
  GPUCheckFailed: "unused",
  JobNotCreated: wait(
    "Ten discovery Jobs run in the cluster already. Namespaces take turns.",
    "To skip discovery, give the template `modelSources`.",
  ),
  InlineModelSources: "good",
  AwaitingDiscovery: wait("Discovery has not finished.", "The message says what it waits for."),
  DiscoveryComplete: "good",

  // Caches and artifacts.
  CacheReady: "good",
  CacheNotReady: wait("The weights are being downloaded.", "`kubectl get aimartifacts` shows the progress."),
  CacheCreating: wait("The cache is being created."),
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
  SizeUnknown: wait("The source has been measured, but the result cannot be read yet."),
  Verified: "good",
  Verifying: wait("The download is complete; its checksums are being computed."),
  Downloading: wait("The download runs."),

  // Inference service.
  RuntimeReady: "good",
  CreatingRuntime: wait(
    "The InferenceService is starting.",
    "`InferenceServicePodsReady` says what the pods wait for.",
  ),
  ScaledToZero: { cause: "The service wants no replicas.", remedy: "Raise `replicas` to serve again." },

  // Routes.
  HTTPRouteAccepted: "good",
  HTTPRouteCreating: wait("The route is being created."),
  HTTPRouteFetchError: "unused",
  PathCapturesGateway: {
    cause:
      "The path template renders to `/`, so this route takes every request of the gateway. This is an event only.",
    remedy: "Add a path segment to `routing.pathTemplate`, unless you mean it.",
  },

  // Autoscaling.
  HPAOperational: "good",
  HPAFetchError: "unused",
  WaitingForMetrics: wait("Metrics come once the InferenceService is ready."),

  // Pods, Jobs, claims.
  NoPods: wait("There are no pods yet."),
  PodsReady: "good",
  PodsStarting: wait("The pods run but are not ready. Large models load for minutes."),
  PodsPending: wait("The pods wait for a node."),
  PodsProgressing: wait("The pods are on their way."),
  Pulling: wait("The node pulls the image."),
  JobNotFound: wait("The Job does not exist yet."),
  JobRunning: wait("The Job runs."),
  DownloadedByAnother: {
    cause: "Another artifact downloads the same source into the same StorageClass.",
    remedy: "Nothing. Its caches move to the other artifact, and this one is deleted.",
  },
  PvcResizing: wait(
    "The volume was too small for the weights and is being made larger.",
    "The message says from what to what, and quotes the claim's events.",
  ),
  PvcPending: {
    cause: "The claim is not bound yet.",
    remedy: "Check the StorageClass. The message quotes the claim's events.",
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

/** Remedies by reason, those of causes that have a code among them. */
export const remedies: Readonly<Record<KnownReason, Remedy | "good" | "unused">> = {
  ...uncoded,
  ...Object.fromEntries(codes.flatMap((code) => {
    const { is = [], cause, remedy, more } = causeOf(code);
    const whole = { cause, remedy: more === undefined ? remedy : `${remedy} ${more}` };
    return is.map((reason) => [reason, whole]);
  })) as Record<CodedReason, Remedy>,
};

/** The codes of a reason: that of its cause where no finer one is known, then the finer ones. */
export function codesOf(reason: KnownReason): Code[] {
  const first = codeOf(reason);
  const finer = codes.filter((code) => code !== first && causeOf(code).of?.includes(reason));
  return first === undefined ? finer : [first, ...finer];
}
