/**
 * Facts in a rehearsal: what the outside told the operator before stands in the cluster, and is taken from there. What does
 * not is not asked for: it stays unknown, and that is told.
 */

import type { ApiServer } from "../../apiserver/server.ts";
import { inProcessTransport } from "../../apiserver/doors/in_process.ts";
import { discoveryResult } from "../../facts/discovery_result.ts";
import { imageMetadata } from "../../facts/image_metadata.ts";
import { podLog } from "../../facts/pod_log.ts";
import { secretVersion, secretVersionSource, unreadableSecret } from "../../facts/secret_version.ts";
import { sourceListing } from "../../facts/source_listing.ts";
import type { AIMModel, ImageMetadata } from "../../api/mod.ts";
import type { Fact } from "../../operator/core/view.ts";
import type { AnyFactSource, FactSource } from "../../operator/runner/facts.ts";

/** Something that only the outside knows. */
export interface Unknown {
  readonly fact: "imageMetadata" | "sourceListing" | "other";
  /** The image, or where it is to be looked for. */
  readonly about: string;
}

const modelShelves = ["aimmodels.aim.eai.amd.com", "aimclustermodels.aim.eai.amd.com"];

/**
 * @param knowsSecrets whether the server has all Secrets, by name and version
 * @param unknown told of each question that nobody can answer, once
 */
export function knownFacts(
  server: ApiServer,
  knowsSecrets: boolean,
  unknown: (what: Unknown) => void,
): readonly AnyFactSource[] {
  const api = inProcessTransport(server, "kubectl-aim");
  const source = <A, F>(fact: Fact<A, F>, answer: (arg: A) => Promise<F>): FactSource<A, F> => ({
    fact,
    fetch: answer,
    // A question without an answer neither fails nor keeps another one waiting.
    timeout: Infinity,
    freshFor: Infinity,
    retry: { first: Infinity, longest: Infinity },
    lane: (arg) => fact.keyOf(arg),
  });
  const unanswered = (what: Unknown) => {
    unknown(what);
    return new Promise<never>(() => {});
  };
  return [
    source(imageMetadata, ({ image }) => {
      const known = metadataOf(server, image);
      return known === undefined
        ? unanswered({ fact: "imageMetadata", about: image })
        : Promise.resolve(known);
    }),
    source(
      sourceListing,
      (question) => unanswered({ fact: "sourceListing", about: JSON.stringify(question) }),
    ),
    source(discoveryResult, () => unanswered({ fact: "other", about: "logs" })),
    source(podLog, () => unanswered({ fact: "other", about: "logs" })),
    knowsSecrets ? secretVersionSource(api) : source(secretVersion, () => Promise.resolve(unreadableSecret)),
  ];
}

/** What another model of the same image was told. */
function metadataOf(server: ApiServer, image: string): ImageMetadata | undefined {
  for (const shelf of modelShelves) {
    for (const object of server.cluster.store.list(shelf) as unknown as AIMModel[]) {
      const { spec, status } = object;
      if (spec?.image === image && status?.imageMetadata !== undefined) return status.imageMetadata;
    }
  }
  return undefined;
}
