/** From the log of a discovery Job to the profile in a template's status (models-and-templates.md §5.8). */

import {
  bytesQuantity,
  formatQuantity,
  type Metric,
  metrics,
  modelIdPattern,
  type ModelSource,
  type Precision,
  precisions,
  type Profile,
  type ProfileMetadata,
  type ProfileType,
  profileTypes,
  sourceUriPattern,
} from "../api/mod.ts";
import {
  parseVerbatim,
  type PrintedMetadata,
  type PrintedModel,
  type PrintedProfile,
  readOutput,
} from "./discovery_output.ts";
import { LiteralError, LiteralReader } from "./literal.ts";
import { lastArray, likelyArray, longestArray, longestLog, placeOf, type Slice } from "./output_array.ts";

export { longestArray, longestLog } from "./output_array.ts";

/** What discovery found, as it goes into the status of a template. */
export interface DiscoveryFound {
  readonly ok: true;
  readonly profile: Profile;
  readonly modelSources: ModelSource[];
  /** The GPU and number of GPUs that the profile is made for, where it says so. */
  readonly discovered: { readonly gpu?: string; readonly gpuCount?: number };
  /** What was left out because the API does not take it, a sentence each. */
  readonly flaws: readonly string[];
}

/** Why a log has no result. */
export type DiscoveryFault =
  /** Nothing was printed. */
  | "NoOutput"
  /** There is no array in what was printed. */
  | "NoArray"
  /** The array, or what looks like it, does not read; or its types are wrong. */
  | "Unreadable"
  | "EmptyArray"
  /** The first element says nothing: neither a profile nor models. */
  | "NoProfile"
  | "BadSource"
  /** The result does not fit into a status. */
  | "TooLarge";

/** That there is no result. */
export interface DiscoveryFailure {
  readonly ok: false;
  readonly fault: DiscoveryFault;
  /** What was found, where (line and column of the log), and what is wanted. For a condition's message. */
  readonly message: string;
}

/** A result, or why there is none. */
export type DiscoveryResult = DiscoveryFound | DiscoveryFailure;

/** So many bytes of a result fit into a status beside all else. */
export const largestResult = 2 ** 17;

/**
 * Reads the log of a successful discovery Job. Its result is the array that ends at the last `]`, with noise
 * before and after; of it the first element. Values that the status does not take are left out with a flaw; a
 * model source that it does not take fails the whole.
 *
 * Of a log longer than {@link longestLog} characters the end is read.
 */
export function readDiscoveryLog(log: string): DiscoveryResult {
  if (log.length > longestLog) {
    const end = readDiscoveryLog(log.slice(-longestLog));
    return end.ok
      ? end
      : { ...end, message: `in the last ${longestLog} characters of the log: ${end.message}` };
  }
  const printed = printedIn(log);
  return "ok" in printed ? printed : resultOf(printed);
}

function failure(fault: DiscoveryFault, message: string): DiscoveryFailure {
  return { ok: false, fault, message };
}

const wanted = "an AIM image prints a JSON array of profiles when it is started with dry-run";

/** The first element of the array in a log. */
function printedIn(log: string): PrintedProfile | DiscoveryFailure {
  const slice = lastArray(log);
  if (slice !== undefined && slice.end - slice.start > longestArray) {
    return failure(
      "TooLarge",
      `the array that starts in ${place(log, slice.start)} of the log has ${
        slice.end - slice.start
      } characters, ` +
        `and no more than ${longestArray} are read; let the image print fewer or shorter profiles`,
    );
  }
  const printed = slice && read(log, slice);
  if (printed !== undefined && !(printed instanceof LiteralError)) return printed;
  if (isHtml(log)) return withoutArray(log);
  const likely = likelyArray(log) ?? slice?.start;
  if (likely === undefined) return withoutArray(log);
  // An array before or behind the slice is the one that was meant: noise follows it, or it is cut.
  const meant = slice && likely >= slice.start && likely < slice.end ? slice : {
    start: likely,
    end: likely + longestArray,
  };
  const error = read(log, meant);
  // It reads if it is as long as what is looked at, with noise behind it.
  return error instanceof LiteralError ? unreadable(log, meant.start, error) : withoutArray(log);
}

function read(log: string, { start, end }: Slice): PrintedProfile | DiscoveryFailure | LiteralError {
  const text = log.slice(start, end);
  try {
    return readOutput(new LiteralReader(text, "json"), text) ?? emptyArray;
  } catch (error) {
    if (error instanceof LiteralError) return error;
    throw error;
  }
}

const emptyArray = failure(
  "EmptyArray",
  "the image printed an empty array: it has no profile for the metric, precision, GPU and profile id of this " +
    "template; change the template or the image",
);

function withoutArray(log: string): DiscoveryFailure {
  if (isHtml(log)) {
    return failure("NoArray", `the image printed a page of HTML; ${wanted}: check the image`);
  }
  const start = log.search(/\S/);
  if (start < 0) return failure("NoOutput", `the image printed nothing; ${wanted}: check the image`);
  const { line } = placeOf(log, start);
  const shown = [...log.slice(start, start + 80).split("\n", 1)[0]].slice(0, 40).join("").trimEnd();
  return failure(
    "NoArray",
    `the image printed no JSON array, but from line ${line} on ${
      JSON.stringify(shown)
    }; ${wanted}: check the image`,
  );
}

function isHtml(log: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(log);
}

function unreadable(
  log: string,
  start: number,
  { position, message, remedy }: LiteralError,
): DiscoveryFailure {
  return failure(
    "Unreadable",
    `the array that starts in ${place(log, start)} of the log does not read: ` +
      `in ${place(log, start + position)} ${message}; ${remedy}`,
  );
}

function place(log: string, position: number): string {
  const { line, column } = placeOf(log, position);
  return `line ${line}, column ${column}`;
}

function resultOf(printed: PrintedProfile): DiscoveryResult {
  if (!printed.hasProfile && printed.models.length === 0) {
    return failure("NoProfile", `the image printed an element without profile and models; ${wanted}`);
  }
  const flaws: string[] = [];
  const metadata = metadataOf(printed.metadata, flaws);
  const profile: Profile = { metadata };
  const { engineArgs } = printed;
  if (engineArgs !== undefined && engineArgs.length > largestResult) return tooLarge(engineArgs.length);
  if (engineArgs !== undefined) profile.engine_args = parseVerbatim(engineArgs);
  if (printed.envVars !== undefined) profile.env_vars = printed.envVars;
  const modelSources: ModelSource[] = [];
  for (const [index, model] of printed.models.entries()) {
    const source = sourceOf(model, `models[${index}]`, flaws);
    if ("ok" in source) return source;
    modelSources.push(source);
  }
  const bytes = new TextEncoder().encode(JSON.stringify([profile, modelSources])).length;
  if (bytes > largestResult) return tooLarge(bytes);
  const { gpu, gpuCount } = metadata;
  const discovered = { ...(gpu && { gpu }), ...(gpuCount && { gpuCount }) };
  return { ok: true, profile, modelSources, discovered, flaws: few(flaws) };
}

function tooLarge(bytes: number): DiscoveryFailure {
  return failure(
    "TooLarge",
    `the profile and its models take ${bytes} bytes, and no more than ${largestResult} fit into the status of a ` +
      "template; shorten engine_args, env_vars or models in the image",
  );
}

const mostFlaws = 8;

function few(flaws: readonly string[]): readonly string[] {
  if (flaws.length <= mostFlaws) return flaws;
  return [...flaws.slice(0, mostFlaws), `and ${flaws.length - mostFlaws} more`];
}

/** As the schema of `hardware.gpu.model` has it, where this goes too. */
const longestGpuModel = 64;

function metadataOf(printed: PrintedMetadata, flaws: string[]): ProfileMetadata {
  const metadata: ProfileMetadata = {};
  const { engine, gpu, gpu_count: gpuCount } = printed;
  if (engine) metadata.engine = engine;
  if (gpu && [...gpu.slice(0, 2 * longestGpuModel + 1)].length > longestGpuModel) {
    flaws.push(`profile.metadata.gpu has more than ${longestGpuModel} characters; it is left out`);
  } else if (gpu) metadata.gpu = gpu;
  if (gpuCount !== undefined && gpuCount < 0) {
    flaws.push(`profile.metadata.gpu_count is ${gpuCount} but must be at least 0; it is left out`);
  } else if (gpuCount) metadata.gpuCount = gpuCount;
  const metric = oneOf<Metric>(metrics, "metric", printed.metric, flaws);
  if (metric !== undefined) metadata.metric = metric;
  const precision = oneOf<Precision>(precisions, "precision", printed.precision, flaws);
  if (precision !== undefined) metadata.precision = precision;
  const type = oneOf<ProfileType>(profileTypes, "type", printed.type, flaws);
  if (type !== undefined) metadata.type = type;
  return metadata;
}

function oneOf<Word extends string>(
  known: readonly Word[],
  field: string,
  value: string | undefined,
  flaws: string[],
): Word | undefined {
  if (!value) return undefined;
  const word = known.find((each) => each === value);
  if (word === undefined) {
    const all = known.join(", ");
    flaws.push(`profile.metadata.${field} is ${shown(value)} but must be one of ${all}; it is left out`);
  }
  return word;
}

function shown(value: string): string {
  const characters = [...value.slice(0, 82)];
  return JSON.stringify(characters.slice(0, 40).join("") + (characters.length > 40 ? "…" : ""));
}

const modelId = new RegExp(modelIdPattern);
const sourceUri = new RegExp(sourceUriPattern);

function sourceOf(
  { name = "", source = "", size_gb: size = 0 }: PrintedModel,
  path: string,
  flaws: string[],
): ModelSource | DiscoveryFailure {
  if (!modelId.test(name)) {
    return failure(
      "BadSource",
      `the image printed ${path}.name ${shown(name)}, and a model is named org/name ` +
        "(letters, digits, _ and -, in the name also dots); correct the profile in the image",
    );
  }
  if (!sourceUri.test(source)) {
    return failure(
      "BadSource",
      `the image printed ${path}.source ${shown(withoutCredentials(source))}, and weights come from ` +
        "hf://org/name or s3://bucket/key; correct the profile in the image",
    );
  }
  return { modelId: name, sourceUri: source, size: sizeOf(size, `${path}.size_gb`, flaws) };
}

/** A URL without what may let someone in: its user and its query. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/.*@/s, "//…@").replace(/\?.*/s, "?…");
}

/** Gigabytes as a quantity of bytes: `62976Mi` for 61.5. */
function sizeOf(gigabytes: number, path: string, flaws: string[]): string {
  const bytes = Math.floor(gigabytes * 2 ** 30);
  if (bytes >= 0 && bytes < 2 ** 63) return formatQuantity(bytesQuantity(BigInt(bytes)));
  flaws.push(`${path} is ${gigabytes}, which is no size; the operator measures it`);
  return "0";
}
