/** Environment variables in the one form that names are hashed from (conventions.md §10.2). */

import type { EnvVar } from "../../api/mod.ts";
import { canonicalQuantity, isQuantity } from "../../api/values/quantity.ts";
import type { HashJson } from "./naming.ts";

type EnvVarSource = NonNullable<EnvVar["valueFrom"]>;

/** Keys in the order that the hash was made with; unknown keys and empty values dropped; list order kept. */
export function canonicalEnv(env: readonly EnvVar[]): HashJson[] {
  return env.map(({ name, value, valueFrom }) =>
    compact({ name, value: value || undefined, valueFrom: valueFrom && canonicalSource(valueFrom) })
  );
}

/** Only the first source that is present takes part. */
function canonicalSource(source: EnvVarSource): HashJson {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) {
    const { apiVersion, fieldPath } = fieldRef;
    return { fieldRef: compact({ apiVersion: apiVersion || undefined, fieldPath }) };
  }
  if (resourceFieldRef) {
    const { containerName, resource, divisor } = resourceFieldRef;
    const fields = {
      containerName: containerName || undefined,
      resource,
      divisor: canonicalDivisor(divisor),
    };
    return { resourceFieldRef: compact(fields) };
  }
  if (configMapKeyRef) return { configMapKeyRef: canonicalKey(configMapKeyRef) };
  if (secretKeyRef) return { secretKeyRef: canonicalKey(secretKeyRef) };
  if (fileKeyRef) {
    const { volumeName, path, key, optional } = fileKeyRef;
    return { fileKeyRef: compact({ volumeName, path, key, optional }) };
  }
  return {};
}

function canonicalDivisor(divisor: string | number = "0"): string {
  return isQuantity(divisor) ? canonicalQuantity(divisor) : divisor;
}

function canonicalKey({ name, key, optional }: NonNullable<EnvVarSource["secretKeyRef"]>): HashJson {
  return compact({ name: name || undefined, key, optional });
}

function compact(fields: Record<string, HashJson | undefined>): HashJson {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as HashJson;
}
