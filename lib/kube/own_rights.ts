/** What the API server says that this process may do, asked before it tries: a refusal would be in its audit log. */

import type { KubeObject, Resource } from "./object.ts";
import type { Transport } from "./transport.ts";
import { create } from "./write.ts";

interface SelfSubjectAccessReview extends KubeObject {
  readonly spec: {
    readonly resourceAttributes: {
      readonly group: string;
      readonly resource: string;
      readonly verb: string;
      readonly namespace?: string;
    };
  };
  readonly status?: { readonly allowed: boolean };
}

const reviews: Resource = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

/**
 * Whether this process may list and watch all objects of a kind, in one namespace or (without one) in the cluster. Every
 * authenticated user may ask that of himself.
 * @throws ApiError, NetworkError if the API server cannot be asked.
 */
export async function mayRead(
  transport: Transport,
  { group, plural }: Resource,
  namespace: string | undefined,
): Promise<boolean> {
  for (const verb of ["list", "watch"]) {
    const { status } = await create<SelfSubjectAccessReview>(transport, reviews, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { group, resource: plural, verb, namespace } },
    }, { fieldManager: "aim-engine" });
    if (status?.allowed !== true) return false;
  }
  return true;
}
