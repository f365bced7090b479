import assert from "node:assert/strict";
import { assertAppliable, NotAppliable } from "./compare.ts";

const base = { apiVersion: "v1", kind: "X", metadata: { name: "x" } };

Deno.test("what can settle is appliable", () => {
  for (
    const desired of [
      base,
      { ...base, metadata: { name: "x", namespace: "n", uid: "u", resourceVersion: "1" } },
      {
        ...base,
        spec: { autoScaling: {}, empty: "", zero: 0, off: false, none: undefined, list: [{ a: [1] }] },
      },
    ]
  ) assertAppliable(desired);
});

Deno.test("what would differ for ever is refused with its path", () => {
  const rows: [object, string][] = [
    [{ ...base, spec: { a: [{ b: null }] } }, "spec.a[0].b"],
    [{ ...base, spec: { a: [] } }, "spec.a"],
    [{ ...base, spec: { a: [[]] } }, "spec.a[0]"],
    [{ ...base, spec: { a: [undefined] } }, "spec.a[0]"],
    [{ ...base, spec: { a: NaN } }, "spec.a"],
    [{ ...base, spec: { a: 1n } }, "spec.a"],
    [{ ...base, spec: { a: () => 1 } }, "spec.a"],
    [{ ...base, metadata: { name: "x", labels: { "a.b/c": null } } }, 'metadata.labels["a.b/c"]'],
    [{ ...base, metadata: { name: "x", managedFields: [] } }, "metadata.managedFields"],
    [{ ...base, metadata: { name: "x", generateName: "x-" } }, "metadata.generateName"],
    [{ ...base, metadata: { name: "x", creationTimestamp: null } }, "metadata.creationTimestamp"],
    [{ ...base, metadata: {} }, "metadata.name"],
    [{ ...base, metadata: undefined }, "metadata"],
    [{ ...base, status: {} }, "status"],
    [{ ...base, kind: undefined }, "kind"],
    [{ ...base, apiVersion: undefined }, "apiVersion"],
  ];
  for (const [desired, path] of rows) {
    assert.throws(
      () => assertAppliable(desired),
      (error) => error instanceof NotAppliable && error.path === path && error.message.includes(path),
      path,
    );
  }
});
