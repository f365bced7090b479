/** What an image says about itself: its OCI labels (models-and-templates.md §3.4). */

import type { ImageMetadata, ModelMetadata, OCIMetadata, RecommendedDeployment } from "../api/mod.ts";
import { DeploymentsError, readDeployments } from "./recommended_deployments.ts";

/** A label that does not read. The message names it, the place in it, what was found and the remedy. */
export class LabelError extends Error {
  override readonly name = "LabelError";
  /** The label. */
  readonly label: string;
  /** The entry of the list in it, counted from 0, where one is at fault. */
  readonly entry: number | undefined;
  /** The place in its value, in characters from 1, where there is one. */
  readonly column: number | undefined;

  constructor(
    fault: string,
    remedy: string,
    place: { readonly label: string; readonly entry?: number; readonly column?: number },
  ) {
    const { label, entry, column } = place;
    const where = [
      `image label ${shownLabel(label)}`,
      ...(entry === undefined ? [] : [`entry [${entry}]`]),
      ...(column === undefined ? [] : [`column ${column}`]),
    ];
    super(
      `${
        where.join(", ")
      }: ${fault}; ${remedy} and push the image under another tag, or set spec.imageMetadata`,
    );
    this.label = label;
    this.entry = entry;
    this.column = column;
  }
}

function shownLabel(label: string): string {
  return label.length <= 100 ? label : `${label.slice(0, 100)}…`;
}

/** The prefixes of our labels; the first with a value wins. */
const prefixes = ["com.amd.aim.", "org.amd.silogen."];
const ociPrefix = "org.opencontainers.image.";

const ociKeys = [
  "title",
  "description",
  "licenses",
  "vendor",
  "authors",
  "source",
  "documentation",
  "created",
  "revision",
  "version",
] as const satisfies readonly (keyof OCIMetadata)[];

const textSuffixes = {
  canonicalName: "model.canonicalName",
  source: "model.source",
  title: "title",
  descriptionFull: "description.full",
  releaseNotes: "release.notes",
} as const satisfies Partial<Record<keyof ModelMetadata, string>>;

const listSuffixes = {
  tags: "model.tags",
  versions: "model.versions",
  variants: "model.variants",
} as const satisfies Partial<Record<keyof ModelMetadata, string>>;

const yes = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/** So many bytes of metadata fit into an object beside all else that it holds. */
export const largestMetadata = 2 ** 20;

/**
 * The metadata in an image's labels, as it goes into `status.imageMetadata`. What is empty or false is left
 * out; no labels at all give an empty `model` and `oci`.
 * @throws LabelError when the recommended deployments do not read, or when all labels together are too large
 * for an object of the API.
 */
export function imageMetadataOf(found: Readonly<Record<string, string>>): ImageMetadata {
  const labels = wellFormed(found);
  const metadata: ImageMetadata = { model: modelOf(labels), oci: ociOf(labels) };
  if (Object.keys(labels).length > 0) metadata.originalLabels = labels;
  refuseTooLarge(labels, metadata);
  return metadata;
}

/** The labels with half characters replaced: the API server would replace them, and we would write them again. */
function wellFormed(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => {
      if (typeof value !== "string") throw new LabelError("its value is not text", "make it text", { label });
      return [label.toWellFormed(), value.toWellFormed()];
    }),
  );
}

function modelOf(labels: Readonly<Record<string, string>>): ModelMetadata {
  const model: ModelMetadata = {};
  for (const [field, suffix] of entriesOf(textSuffixes)) {
    const value = find(labels, suffix)?.value;
    if (value !== undefined) model[field] = value;
  }
  for (const [field, suffix] of entriesOf(listSuffixes)) {
    const words = (find(labels, suffix)?.value ?? "").split(",").map((item) => item.trim());
    const list = words.filter((item) => item !== "");
    if (list.length > 0) model[field] = list;
  }
  if (yes.has(find(labels, "hfToken.required")?.value ?? "")) model.hfTokenRequired = true;
  const deployments = deploymentsOf(labels);
  if (deployments.length > 0) model.recommendedDeployments = deployments;
  return model;
}

function ociOf(labels: Readonly<Record<string, string>>): OCIMetadata {
  return Object.fromEntries(
    ociKeys.map((key) => [key, labels[ociPrefix + key]]).filter(([, value]) => value),
  );
}

function deploymentsOf(labels: Readonly<Record<string, string>>): RecommendedDeployment[] {
  const found = find(labels, "model.recommendedDeployments") ??
    // The documents of AIM Engine name this one.
    given(labels, "com.amd.aim.model.deployments");
  if (found === undefined) return [];
  try {
    return readDeployments(found.value);
  } catch (error) {
    if (!(error instanceof DeploymentsError)) throw error;
    const { message, remedy, entry, column } = error;
    throw new LabelError(message, remedy, { label: found.label, entry, column });
  }
}

interface Found {
  readonly label: string;
  readonly value: string;
}

/** The label of a suffix, under the first prefix that has a value for it. */
function find(labels: Readonly<Record<string, string>>, suffix: string): Found | undefined {
  return given(labels, prefixes[0] + suffix) ?? given(labels, prefixes[1] + suffix);
}

function given(labels: Readonly<Record<string, string>>, label: string): Found | undefined {
  const value = labels[label];
  return value ? { label, value } : undefined;
}

function refuseTooLarge(labels: Readonly<Record<string, string>>, metadata: ImageMetadata): void {
  const bytes = bytesOf(metadata) + bytesInManagedFields(labels);
  if (bytes <= largestMetadata) return;
  const largest = Object.entries(labels).reduce((a, b) => b[1].length > a[1].length ? b : a);
  throw new LabelError(
    `the labels of the image make ${bytes} bytes of metadata, and no more than ${largestMetadata} fit into an ` +
      `object of the API; this is the largest label, with ${largest[1].length} characters`,
    "shorten it",
    { label: largest[0] },
  );
}

/** Who owns each label is kept with the object, under the name of the label once more. */
function bytesInManagedFields(labels: Readonly<Record<string, string>>): number {
  return bytesOf(Object.fromEntries(Object.keys(labels).map((label) => [`f:${label}`, {}])));
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

function entriesOf<Fields extends Record<string, string>>(fields: Fields) {
  return Object.entries(fields) as [keyof Fields & string, string][];
}
