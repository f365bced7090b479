/** Variables, and whether the API server takes a pod with them (1.35): judged by the real one in tests/e2e. */

import type { EnvVar } from "../../api/mod.ts";

const from = (valueFrom: EnvVar["valueFrom"]): EnvVar => ({ name: "A", valueFrom });

/** With the field that is wrong; undefined where nothing is. */
export const envRows: readonly (readonly [entry: EnvVar, field: string | undefined])[] = [
  [{ name: "A" }, undefined],
  [{ name: "A", value: "" }, undefined],
  [{ name: "_a.b-C9", value: "1" }, undefined],
  [{ name: "1A", value: "1" }, undefined],
  [{ name: "A B", value: "1" }, undefined],
  [{ name: "A/B", value: "1" }, undefined],
  [{ name: "", value: "1" }, "name"],
  [{ name: "A=B", value: "1" }, "name"],
  [{ name: "Ä", value: "1" }, "name"],
  [{ name: "A\tB", value: "1" }, "name"],
  [from({ secretKeyRef: { name: "hf", key: "token" } }), undefined],
  [from({ secretKeyRef: { name: "hf", key: "to.ken_-" } }), undefined],
  [from({ secretKeyRef: { name: "", key: "token" } }), "valueFrom.secretKeyRef.name"],
  [from({ secretKeyRef: { name: "hf", key: "" } }), "valueFrom.secretKeyRef.key"],
  [from({ secretKeyRef: { name: "hf", key: "a b" } }), "valueFrom.secretKeyRef.key"],
  [from({ secretKeyRef: { name: "hf", key: "k".repeat(253) } }), undefined],
  [from({ secretKeyRef: { name: "hf", key: "k".repeat(254) } }), "valueFrom.secretKeyRef.key"],
  [from({ configMapKeyRef: { name: "c", key: "k" } }), undefined],
  [from({ configMapKeyRef: { name: "c", key: "k/x" } }), "valueFrom.configMapKeyRef.key"],
  ...[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.labels['a.b/c']",
    "metadata.annotations['a.b/c']",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
  ].map((fieldPath) => [from({ fieldRef: { fieldPath } }), undefined] as const),
  ...[
    "",
    "metadata.labels",
    "metadata.generateName",
    "metadata.nam",
    "spec.containers",
    "spec.nodeNames",
    "status.hostIPss",
    "status.phase",
  ].map((fieldPath) => [from({ fieldRef: { fieldPath } }), "valueFrom.fieldRef.fieldPath"] as const),
  [from({ resourceFieldRef: { resource: "limits.memory" } }), undefined],
  [from({}), "valueFrom"],
  [
    from({ fieldRef: { fieldPath: "metadata.name" }, secretKeyRef: { name: "hf", key: "token" } }),
    "valueFrom",
  ],
  [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, "value"],
  [{ name: "A", value: "", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, undefined],
];
