import type * as z from "zod";
import { described, immutable, int32, oneOf, quantity, structure, text, withRule } from "../schema.ts";
import { metrics, precisions } from "./words.ts";

/** GPU needs of one replica. */
export const gpu = withRule(
  structure("GPUs that one replica needs.", {
    requests: int32(
      "Number of GPUs, set as request and limit of the GPU resource. Absent means none.",
      { minimum: 0 },
    ).optional(),
    model: text(
      "GPU model, e.g. MI300X. Case and vendor prefix do not matter. Empty means any. Cannot be combined with minVram.",
      { maxLength: 64 },
    ).optional(),
    minVram: quantity(
      "Smallest memory a GPU must have, e.g. 64Gi; any model that has it will do. Cannot be combined with model.",
    ).optional(),
    resourceName: text("Resource name under which the nodes offer the GPUs.", { default: "amd.com/gpu" })
      .optional(),
  }),
  {
    rule: '!(has(self.minVram) && has(self.model) && self.model != "")',
    message: "model and minVram exclude each other: name a GPU model or a minimum of memory",
    remedy: "remove model or minVram",
    holds: (value) => value.minVram === undefined || !value.model,
  },
);
export type Gpu = z.infer<typeof gpu>;

/** CPU needs of one replica. */
export const cpu = structure("CPU cores that one replica needs.", {
  requests: quantity("CPU cores to request, more than 0."),
  limits: quantity("CPU limit, at least the request. Absent means no limit.").optional(),
});
export type Cpu = z.infer<typeof cpu>;

/** Hardware needs of one replica: a GPU, a CPU or both. */
export const hardware = withRule(
  structure("Hardware that one replica needs.", {
    gpu: described("GPUs that one replica needs. Absent means that it runs on CPU only.", gpu).optional(),
    cpu: cpu.optional(),
  }),
  {
    rule: "has(self.gpu) || has(self.cpu)",
    message: "gpu or cpu must be set",
    remedy: "set gpu or cpu",
    holds: (value) => value.gpu !== undefined || value.cpu !== undefined,
  },
);
export type Hardware = z.infer<typeof hardware>;

/** The fields that tell one way to run a model from another, inlined where they apply. */
export const runtimeParameters = {
  metric: immutable("metric", oneOf(metrics, "What the runtime is tuned for: latency or throughput."))
    .optional(),
  precision: immutable(
    "precision",
    oneOf(precisions, "Numeric precision of the weights; auto leaves it to the runtime."),
  ).optional(),
  hardware: immutable("hardware", hardware).optional(),
};
