/**
 * OCI registries: image references, pull secrets, a client that reads the labels of images
 * (models-and-templates.md §3.3 "Registry access" and §3.5), and one that lists them (model-sources-and-config.md §4).
 */

export { RegistryClient, type RegistryClientOptions } from "./client.ts";
export { Credential, type CredentialParts } from "./auth/credential.ts";
export {
  credentialFor,
  type DockerConfig,
  type DockerConfigEntry,
  parseDockerConfig,
  parseDockerConfigFile,
} from "./auth/docker_config.ts";
export { ListingFault, type ListingFaultClass } from "./listing/fault.ts";
export {
  type CredentialSets,
  type Listing,
  type ListingEnd,
  type ListingQuestion,
  RegistryLister,
  type RegistryListerOptions,
  type RepositoryTags,
  type Unfinished,
} from "./listing/lister.ts";
export { DockerConfigError, RegistryError, type RegistryReason } from "./errors.ts";
export type { Clock } from "./http/exchange.ts";
export { noPauses } from "./http/limits.ts";
export type { ImageInspection } from "./inspection.ts";
export { allowsPlainHttp, type ImageReference, parseReference, registryHostOf } from "./reference.ts";
