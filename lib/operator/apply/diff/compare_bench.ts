/** `deno bench lib/operator/apply/diff/compare_bench.ts`: what a comparison costs on an InferenceService of 2 kB. */
import { inferenceServiceFields } from "../../../cluster/field_rules.ts";
import { compare, hashOf } from "./compare.ts";

const manager = "aim";
const apiVersion = "serving.kserve.io/v1beta1";
const env = Array.from({ length: 20 }, (_, i) => ({ name: `AIM_VARIABLE_${i}`, value: `some value ${i}` }));
const labels = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => [`aim.eai.amd.com/label-${i}`, "value"]),
);
const owner = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMService",
  name: "s",
  uid: "u",
  controller: true,
};

const desired = {
  apiVersion,
  kind: "InferenceService",
  metadata: { name: "s", namespace: "n", labels, ownerReferences: [owner] },
  spec: {
    predictor: {
      containers: [{
        name: "kserve-container",
        image: "registry.example/aim:1",
        env,
        ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
        resources: {
          requests: { cpu: "4", memory: "32Gi", "amd.com/gpu": "1" },
          limits: { memory: "48Gi", "amd.com/gpu": "1" },
        },
        volumeMounts: [{ name: "dshm", mountPath: "/dev/shm" }, {
          name: "m",
          mountPath: "/workspace/cache/m",
        }],
      }],
      volumes: [
        { name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
        { name: "m", persistentVolumeClaim: { claimName: "m" } },
      ],
      minReplicas: 1,
      maxReplicas: 1,
    },
  },
};

const fieldsV1 = JSON.stringify({
  "f:metadata": {
    "f:labels": Object.fromEntries(Object.keys(labels).map((name) => [`f:${name}`, {}])),
    "f:ownerReferences": { 'k:{"uid":"u"}': {} },
  },
  "f:spec": {
    "f:predictor": { "f:containers": {}, "f:maxReplicas": {}, "f:minReplicas": {}, "f:volumes": {} },
  },
});

const live = structuredClone(desired);
Object.assign(live.metadata, { managedFields: [{ manager, operation: "Apply", apiVersion, fieldsV1 }] });

Deno.bench("compare, the same", { group: "InferenceService" }, () => {
  if (!compare(desired, live, { manager, apiVersion, rules: inferenceServiceFields }).same) {
    throw new Error("not the same");
  }
});

Deno.bench("hashOf", { group: "InferenceService" }, () => {
  hashOf(desired);
});
