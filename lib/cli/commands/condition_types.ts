/** Every type of condition that the operator sets, and what it says while it is True. */

export const conditionTypes: Readonly<Record<string, string>> = {
  // Of every kind.
  Ready:
    "everything that the object needs is there and works; while it is False its message names the component that is in " +
    "the way, and of a service the code of the cause",
  Reconciling:
    "the object is on its way; it is there only while that is so, and its reason is the code of the cause if something is " +
    "wrong",
  Stalled:
    "the object has failed, and stays so until something is changed; it is there only while that is so, and its reason is " +
    "the code of the cause",
  Paused: "the object carries the annotation that pauses it, and nothing is done for it",
  DependenciesReachable: "the API server and everything else that is needed answers",
  AuthValid: "all credentials and rights are accepted",
  ConfigValid: "what was written can work, and everything that it refers to exists",
  SpecReady: "the stored spec is one that today's schema accepts",
  RuntimeConfigReady: "the runtime config that applies was found and is valid",

  // Services.
  ModelReady: "the model is resolved and ready; of a template that its model is usable",
  TemplateReady: "the template is resolved and ready",
  TemplateSelected: "the template was selected by rank; its message says by what, and which one comes next",
  CacheReady: "the weights are on a volume",
  InferenceServiceReady: "KServe has made the endpoint, and it answers by its newest spec",
  InferenceServicePodsReady: "as many pods of the newest revision are ready as are wanted",
  HTTPRouteReady: "a gateway has accepted the route",
  HPAReady: "the autoscaler works",

  // Models and templates.
  ImageMetadataReady: "the model's image was read, or need not be",
  ServiceTemplatesReady: "the model's templates are ready",
  ClusterServiceTemplatesReady: "the cluster model's templates are ready",
  ClusterModelReady: "the template's cluster model is usable",
  DiscoveryJobReady: "the Job that asks the image for its profile is complete",
  DiscoveryPodsReady: "the pods of the discovery Job do their work",
  GPUReady: "a node has the GPU that the template asks for",
  Discovered: "the template's weights and profile are known",

  // Caches and artifacts.
  ServiceTemplateReady: "the template that the cache belongs to is ready",
  ArtifactsReady: "every artifact of the cache is ready",
  CheckSizeJobReady: "the Job that measures the source is complete",
  CheckSizeJobPodsReady: "the pods of that Job do their work",
  CheckSizeOutputReady: "the measuring has printed a size",
  CachePvcReady: "the volume claim is bound",
  DownloadJobReady: "the download Job is complete",
  DownloadJobPodsReady: "the pods of the download Job do their work",
  DownloadComplete: "everything has arrived; with the reason Verified its checksums are right",

  // Model sources and runtime configs.
  ExistingModelsReady: "the models of the source were listed",
  FiltersReady: "every filter was evaluated",
  MaxModelsLimitReached: "more images match than `maxModels` allows",
  InUse: "objects go by the runtime config",
};
