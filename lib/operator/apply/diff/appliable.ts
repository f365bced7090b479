import { isRawNumber } from "../../../kube/json/json.ts";
import { renderPath, type Step } from "./path.ts";

/** What was to be applied can never settle; a mistake in the code that built it. */
export class NotAppliable extends Error {
  override readonly name = "NotAppliable";
  constructor(readonly path: string, why: string) {
    super(`not appliable: ${path === "" ? "the object" : path} ${why}`);
  }
}

/** Fields of metadata that the server sets, or that make no sense in a body that names its object. */
const SERVER_METADATA = ["generateName", "managedFields", "creationTimestamp", "generation", "selfLink"];

/**
 * Refuses, with the path, what would differ for ever: nulls and empty lists (they leave no ownership),
 * values that JSON cannot carry, a status (its own request), metadata that is the server's. Fields that
 * are `undefined` are fine, they are not sent; so is `{}`, which the server records as a leaf.
 *
 * @throws NotAppliable
 */
export function assertAppliable(desired: object): void {
  const { apiVersion, kind, metadata, status } = desired as Record<string, unknown>;
  if (typeof apiVersion !== "string") throw new NotAppliable("apiVersion", "is missing");
  if (typeof kind !== "string") throw new NotAppliable("kind", "is missing");
  if (typeof metadata !== "object" || metadata === null) throw new NotAppliable("metadata", "is missing");
  if (typeof (metadata as { name?: unknown }).name !== "string") {
    throw new NotAppliable("metadata.name", "is missing");
  }
  if (status !== undefined) throw new NotAppliable("status", "is written by a request of its own");
  for (const name of SERVER_METADATA) {
    if (name in metadata) throw new NotAppliable(`metadata.${name}`, "is not for an apply to set");
  }
  check(desired, undefined);
}

function check(value: unknown, at: Step | undefined): void {
  if (value === null) throw new NotAppliable(renderPath(at), "is null");
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw new NotAppliable(renderPath(at), `is ${value}`);
      return;
    case "object":
      if (!isRawNumber(value)) checkContainer(value, at);
      return;
    default:
      throw new NotAppliable(renderPath(at), `is of type ${typeof value}`);
  }
}

function checkContainer(value: object, at: Step | undefined): void {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new NotAppliable(renderPath(at), "is an empty list");
    value.forEach((item, i) => check(item, { up: at, element: `i:${i}` }));
    return;
  }
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) check(field, { up: at, element: `f:${key}` });
  }
}
