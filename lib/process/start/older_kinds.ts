/**
 * Whether the kinds that are installed are as old as the operator. Of a field that an older definition does not have, the API
 * server says nothing and stores nothing, so what the operator has found out once would be lost again.
 */

import type * as z from "zod";
import type { Kind } from "../../api/kind.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Transport } from "../../kube/transport.ts";

/** What `/openapi/v3` has of a kind, as far as it is looked at. */
interface Served {
  readonly properties?: Readonly<Record<string, Served>>;
  readonly items?: Served;
  readonly additionalProperties?: Served | boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

interface Document {
  readonly components?: {
    readonly schemas?: Readonly<
      Record<
        string,
        Served & { readonly "x-kubernetes-group-version-kind"?: readonly { readonly kind?: string }[] }
      >
    >;
  };
}

/**
 * A line about the kinds that lack fields, undefined if none does. Every authenticated user may ask; where the API server does
 * not say it all the same, nothing is known to be wrong.
 *
 * @param kinds all of one group and version
 * @throws ApiError, NetworkError if the API server cannot be asked
 */
export async function olderKinds(transport: Transport, kinds: readonly Kind[]): Promise<string | undefined> {
  const lacking = await fieldsLacking(transport, kinds);
  if (lacking.length === 0) return undefined;
  return "the installed CRDs are older than this operator: what they lack would be lost " +
    `(${lacking.join("; ")}); install its own first (kubectl apply -k manifests/crds)`;
}

/** Of each kind that lacks fields its name and a few of them: `aimservices.aim.eai.amd.com spec.a, status.b and 2 more`. */
export async function fieldsLacking(transport: Transport, kinds: readonly Kind[]): Promise<string[]> {
  const [{ group, version }] = kinds;
  const document = await transport.performRequest({
    method: "GET",
    path: `/openapi/v3/apis/${group}/${version}`,
    expectJson: true,
    abortSignal: AbortSignal.timeout(15_000),
  }).catch((failure) => {
    if (isStatus(failure, 403) || isStatus(failure, 404)) return {};
    throw failure;
  }) as Document;
  const served = new Map(
    Object.values(document.components?.schemas ?? {}).flatMap((schema) =>
      (schema["x-kubernetes-group-version-kind"] ?? []).map(({ kind }) => [kind, schema] as const)
    ),
  );
  return kinds.flatMap((kind) => {
    const properties = served.get(kind.kind)?.properties;
    if (properties === undefined) return [];
    const fields = (["spec", "status"] as const).flatMap((part) =>
      missingFields(kind[part], properties[part], part)
    );
    return fields.length === 0 ? [] : [`${kind.plural}.${group} ${shortened(fields)}`];
  });
}

const shortened = (fields: readonly string[]) =>
  fields.length <= 3 ? fields.join(", ") : `${fields.slice(0, 3).join(", ")} and ${fields.length - 3} more`;

/**
 * Paths of the fields that our schema has and the served one has not; of a field that is missing nothing below it. It walks the schema
 * as it is in memory anyway.
 */
export function missingFields(ours: z.core.$ZodType, served: Served | undefined, path: string): string[] {
  const { def } = (ours as z.core.$ZodTypes)._zod;
  if (def.type === "optional") return missingFields(def.innerType, served, path);
  if (served === undefined) return [path];
  if (served["x-kubernetes-preserve-unknown-fields"] || served.additionalProperties === true) return [];
  switch (def.type) {
    case "object":
      return Object.entries(def.shape).flatMap(([name, field]) =>
        missingFields(field, served.properties?.[name], `${path}.${name}`)
      );
    case "array":
      return missingFields(def.element, served.items, `${path}[]`);
    case "record":
      return missingFields(def.valueType, served.additionalProperties || undefined, `${path}.*`);
    default:
      return [];
  }
}
