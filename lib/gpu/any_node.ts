/** What counts of nodes that cannot be read: that each may have any of the known GPUs, labelled in any form by value. */

import { gpuDevices, usualVram } from "./devices.ts";
import { deviceIdKeys, deviceMarks } from "./node_labels.ts";
import type { ClusterGpus, ClusterMarks } from "./nodes.ts";

/** Every known model with its usual memory. */
export const anyGpus: ClusterGpus = new Map(gpuDevices.map(({ model }) => [model, usualVram(model)]));

/** Every label with a device id as its value that a node of the model may carry. */
export const anyMarks: ClusterMarks = new Map(
  gpuDevices.map(({ model, deviceIds }) => [
    model,
    deviceIds.flatMap((id) => deviceMarks(Object.fromEntries(deviceIdKeys.map((key) => [key, id])))),
  ]),
);
