/** What the API server says that this process may do, asked before it tries: a refusal would be in its audit log. */

import type { Right } from "./lacked_right.ts";
import type { KubeObject, Resource } from "./object.ts";
import type { Transport } from "./transport.ts";
import { create } from "./write.ts";

interface SelfSubjectAccessReview extends KubeObject {
  readonly spec: {
    readonly resourceAttributes: {
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly name?: string;
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
    if (!await mayDo(transport, { verb, group, resource: plural, namespace })) return false;
  }
  return true;
}

/**
 * Whether this process has a right.
 * @throws ApiError, NetworkError if the API server cannot be asked.
 */
export async function mayDo(transport: Transport, right: Right): Promise<boolean> {
  const { verb, group, name, namespace } = right;
  const [resource, subresource] = right.resource.split("/");
  const { status } = await create<SelfSubjectAccessReview>(transport, reviews, {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { group, resource, subresource, name, verb, namespace } },
  }, { fieldManager: "aim-engine" });
  return status?.allowed === true;
}
