/** The cause of an object's trouble, for who waits for that object. */

import { type Code, codeOf, mostTelling } from "../errors/codes.ts";
import { foreignReason } from "../errors/reasons.ts";
import type { StoredCondition } from "./conditions.ts";
import { toldCode } from "./progress_conditions.ts";

/**
 * The code that an object hands on: the one that it tells, which is that of the innermost cause. Where it tells none, or
 * none that says much, that of the component whose reason says most; `InvalidSpec` says less than any code that is told:
 * it is the category of whatever fails for good in an object further in.
 */
export function codeWithin(conditions: readonly StoredCondition[] | undefined): Code | undefined {
  const unready = (conditions ?? []).filter(({ type, status }) =>
    // A template's cache informs only.
    status === "False" && (/.Ready$/.test(type) || type === "Discovered") && type !== "CacheReady"
  );
  const told = toldCode(conditions);
  const speaking = told === undefined ? unready : unready.filter(({ reason }) => reason !== "InvalidSpec");
  return mostTelling([told, ...speaking.map(codeOfCondition)]);
}

/** The code of a component by its reason alone. */
function codeOfCondition({ type, reason = "" }: StoredCondition): Code | undefined {
  return type === "ImageMetadataReady" && Object.hasOwn(ofRegistries, reason)
    ? ofRegistries[reason]
    : codeOf(foreignReason(reason));
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
