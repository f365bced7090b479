/** What an object that a service depends on says itself of why it is not ready. */

import { type Code, codeOf, mostTelling } from "../../lib/operator/errors/codes.ts";
import { foreignReason } from "../../lib/operator/errors/reasons.ts";
import { conditionOf, type StoredCondition } from "../../lib/operator/status/conditions.ts";

/**
 * `: ` and the message of `Ready`, to be put behind what the service says of the object. Nothing while the object
 * is merely on its way: what it waits for changes often, and each change would be a write of every service.
 */
export function causeOf(conditions: readonly StoredCondition[] | undefined): string {
  const told = conditionOf(conditions, "Ready");
  const telling = told?.status === "False" && told.reason !== "Progressing" && told.message;
  return telling ? `: ${told.message}` : "";
}

/** The code of the cause that lies in an object: of its components that are not ready the one that says most. */
export function codeWithin(conditions: readonly StoredCondition[] | undefined): Code | undefined {
  const unready = (conditions ?? []).filter(({ type, status }) =>
    status === "False" && (/.Ready$/.test(type) || type === "Discovered")
  );
  return mostTelling(
    unready.map(({ type, reason }) => registryCode(type, reason) ?? codeOf(foreignReason(reason))),
  );
}

/** Reasons that are the API server's or the network's elsewhere are a registry's where an image is read. */
const ofRegistries: Readonly<Record<string, Code>> = {
  RateLimited: "AIM-0908",
  ServiceUnavailable: "AIM-0909",
  ConnectionRefused: "AIM-0909",
  ConnectionReset: "AIM-0909",
  NetworkTimeout: "AIM-0909",
  DNSFailure: "AIM-0909",
  TLSFailure: "AIM-0909",
  NetworkError: "AIM-0909",
};

function registryCode(type: string, reason = ""): Code | undefined {
  return type === "ImageMetadataReady" && Object.hasOwn(ofRegistries, reason)
    ? ofRegistries[reason]
    : undefined;
}
