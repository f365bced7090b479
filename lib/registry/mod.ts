/**
 * OCI registries: image references, pull secrets, and a client that reads the labels of images
 * (models-and-templates.md §3.3 "Registry access" and §3.5).
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
export { DockerConfigError, RegistryError, type RegistryReason } from "./errors.ts";
export type { Clock } from "./http/exchange.ts";
export type { ImageInspection } from "./inspection.ts";
export { allowsPlainHttp, type ImageReference, parseReference, registryHostOf } from "./reference.ts";
