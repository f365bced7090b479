/** The parts of an image reference that become a model's name (conventions.md §10.4, services.md §3.4). */

import { ClassifiedError } from "../errors/errors.ts";

export interface ImageParts {
  readonly registry: string;
  /** Last path element without its tag; it keeps the tag where the reference has a digest besides. */
  readonly name: string;
  /** The tag, the first six digits of the digest, or `latest`. */
  readonly tag: string;
}

/**
 * The parts, each reduced to `[a-z0-9-]`.
 *
 * @throws ClassifiedError InvalidSpec / InvalidImageReference, whose message names the image and the cause
 */
export function imageParts(image: string): ImageParts {
  const reference = image.trim();
  const refuse = (cause: string): never => {
    throw new ClassifiedError(
      "InvalidSpec",
      "InvalidImageReference",
      `invalid image URI "${image}": ${cause}`,
    );
  };
  if (reference === "") return refuse("image reference is empty");

  const path = reference.split("/");
  const registry = registryOf(reference);
  const { name, tag, fault } = lastElement(path[path.length - 1], reference);
  if (fault !== undefined) return refuse(fault);

  const parts = { registry: reduced(registry), name: reduced(name), tag: reduced(tag) };
  if (parts.registry === "") return refuse("registry is empty after sanitization");
  if (parts.name === "") return refuse("image name is empty after sanitization");
  if (parts.tag === "") return refuse("image tag is empty after sanitization");
  return parts;
}

/** The registry that an image reference names, `docker.io` where it names none. For messages: nothing is checked. */
export function registryOf(image: string): string {
  const [first, ...rest] = image.trim().split("/");
  return rest.length > 0 && isRegistry(first) ? first : "docker.io";
}

function isRegistry(element: string): boolean {
  return element.includes(".") || element.includes(":") || element === "localhost";
}

function lastElement(element: string, image: string): { name: string; tag: string; fault?: string } {
  const at = element.indexOf("@");
  if (at >= 0) {
    const name = element.slice(0, at), digest = element.slice(at + 1);
    const colon = digest.indexOf(":");
    const tag = digest.slice(colon + 1, colon + 7);
    if (digest === "") return { name, tag, fault: `malformed digest reference: ${image}` };
    if (colon < 0) return { name, tag, fault: `malformed digest (missing colon): ${digest}` };
    if (tag === "") return { name, tag, fault: `malformed digest (no hash after colon): ${digest}` };
    return { name, tag };
  }
  const colon = element.indexOf(":");
  if (colon < 0) return { name: element, tag: "latest" };
  const name = element.slice(0, colon), tag = element.slice(colon + 1);
  if (tag === "") return { name, tag, fault: `malformed tag reference (empty tag): ${image}` };
  return { name, tag };
}

function reduced(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9-]+/gu, "-").replace(/-{2,}/g, "-").replace(/^-|-$/g, "");
}
