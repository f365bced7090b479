/** What the labels of one node say of its GPUs, each in a form that a node affinity can select (models-and-templates.md §4). */

import { modelOfDevice } from "./devices.ts";
import { normaliseGpuModel } from "./model_name.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** A label that says that a node has a GPU of the model. */
export interface GpuMark {
  /** Normalised; see {@link normaliseGpuModel}. */
  readonly model: string;
  readonly key: string;
  /** The value that a node must have; without one any count above 0 will do. */
  readonly value?: string;
  /** Where it stands among the forms of labels, newest first. */
  readonly form: number;
}

/** The label whose values a node affinity selects where nodes carry it. */
export const deviceIdLabel = "amd.com/gpu.device-id";

/** Keys whose value is a device id. Newest first: of several that a node carries the first is the one to select it by. */
export const deviceIdKeys = [deviceIdLabel, "beta.amd.com/gpu.device-id"];
const familyKeys = ["amd.com/gpu.family", "beta.amd.com/gpu.family"];

/** Marks by device ids; where a node has none, those by its families. */
export function gpuMarksOf(labels: Labels): GpuMark[] {
  const ids = deviceMarks(labels);
  return ids.length > 0 ? ids : familyMarks(labels);
}

/** The device ids of a node, by value and by count. */
export function deviceMarks(labels: Labels): GpuMark[] {
  return marks(labels, deviceIdKeys, 0, (id) => noId.test(id) ? "" : modelOfDevice(id));
}

/** The families of a node; they count only on one without device ids. */
export function familyMarks(labels: Labels): GpuMark[] {
  return marks(labels, familyKeys, 2 * deviceIdKeys.length, normaliseGpuModel);
}

/** The GPU models of one node, ascending. A mixed node has several. */
export function gpuModelsOf(labels: Labels): string[] {
  return [...new Set(gpuMarksOf(labels).map(({ model }) => model))].sort();
}

const noId = /^\s*(?:0x)?$/i;

/** First the labels that have a name as value, then those that have it in their key: `<key>.74a1: "8"`. */
function marks(labels: Labels, keys: readonly string[], form: number, modelOf: (name: string) => string) {
  const found: GpuMark[] = [];
  keys.forEach((key, at) => {
    if (Object.hasOwn(labels, key) && labels[key].trim() !== "") {
      found.push({ model: modelOf(labels[key]), key, value: labels[key], form: form + at });
    }
  });
  keys.forEach((key, at) => {
    for (const [label, count] of Object.entries(labels)) {
      if (label.startsWith(`${key}.`) && isCount(count)) {
        found.push({
          model: modelOf(label.slice(key.length + 1)),
          key: label,
          form: form + keys.length + at,
        });
      }
    }
  });
  return found.filter(({ model }) => model !== "");
}

/** What `Gt 0` selects: a whole number above 0, in 64 bits. */
function isCount(text: string): boolean {
  return /^\d+$/.test(text) && BigInt(text) > 0n && BigInt(text) < 2n ** 63n;
}

/** As one writes a label in a selector. */
export function textOf({ key, value }: GpuMark): string {
  return value === undefined ? `${key}>0` : `${key}=${value}`;
}

/** The newest form first, those of one form by their text. */
export function byForm(a: GpuMark, b: GpuMark): number {
  return a.form - b.form || (textOf(a) < textOf(b) ? -1 : 1);
}
