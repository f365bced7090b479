/** The array that a discovery Job prints: the types of its fields (models-and-templates.md §5.8). */

import { foldName, readInt32, readString } from "./fields.ts";
import { LiteralError, type LiteralReader } from "./literal.ts";

/** A model that a profile loads, as printed. */
export interface PrintedModel {
  name?: string;
  source?: string;
  size_gb?: number;
}

/** What a profile is made for, as printed. */
export interface PrintedMetadata {
  engine?: string;
  gpu?: string;
  precision?: string;
  gpu_count?: number;
  metric?: string;
  type?: string;
}

/** An element of the array, as printed; what nobody reads is left out. */
export interface PrintedProfile {
  /** Whether there is a `profile`. */
  hasProfile: boolean;
  metadata: PrintedMetadata;
  /** The source text, which {@link parseVerbatim} reads. */
  engineArgs?: string;
  envVars?: Record<string, string>;
  models: PrintedModel[];
}

/** Deeper engine arguments than any engine takes are not carried through the program. */
export const deepestArguments = 100;

/**
 * Reads the array. All elements must be of the right types; only the first one is kept, and none is undefined.
 * @throws LiteralError at what is not as it must be.
 */
export function readOutput(reader: LiteralReader, text: string): PrintedProfile | undefined {
  let first: PrintedProfile | undefined;
  reader.items((index) => {
    const element = readElement(reader, `[${index}]`, text);
    if (index === 0) first = element;
  });
  reader.finish();
  return first;
}

/** What reads a field: it stands in front of the value, and `name` is the way to it from the array. */
type Fields = Readonly<Record<string, (name: string) => void>>;

/** Reads an object by its known fields; `null` has none, others are skipped. */
function readFields(reader: LiteralReader, path: string, known: Fields): void {
  if (reader.kind() === "null") {
    reader.skip();
    return;
  }
  reader.fields((name) => {
    const field = foldName(name);
    if (Object.hasOwn(known, field)) known[field](`${path}.${field}`);
    else reader.skip();
  });
}

function readElement(reader: LiteralReader, path: string, text: string): PrintedProfile {
  const element: PrintedProfile = { hasProfile: false, metadata: {}, models: [] };
  if (reader.kind() === "null") {
    reader.skip();
    return element;
  }
  const anyText = (name: string) => readString(reader, name);
  readFields(reader, path, {
    filename: anyText,
    profile: (name) => {
      element.hasProfile ||= reader.kind() !== "null";
      readFields(reader, name, {
        model: anyText,
        quantized_model: anyText,
        metadata: (name) => readMetadata(reader, name, element.metadata),
        engine_args: (name) => element.engineArgs = readArguments(reader, name, text),
        env_vars: (name) => element.envVars = readVariables(reader, name),
      });
    },
    models: (name) => element.models = readModels(reader, name),
  });
  return element;
}

function readMetadata(reader: LiteralReader, path: string, metadata: PrintedMetadata): void {
  const set = (field: "engine" | "gpu" | "precision" | "metric" | "type") => (name: string) => {
    metadata[field] = readString(reader, name) ?? metadata[field];
  };
  readFields(reader, path, {
    engine: set("engine"),
    gpu: set("gpu"),
    precision: set("precision"),
    metric: set("metric"),
    type: set("type"),
    gpu_count: (name) => metadata.gpu_count = readInt32(reader, name) ?? metadata.gpu_count,
  });
}

function readModels(reader: LiteralReader, path: string): PrintedModel[] {
  const models: PrintedModel[] = [];
  if (reader.kind() === "null") {
    reader.skip();
    return models;
  }
  reader.items((index) => {
    const model: PrintedModel = {};
    readFields(reader, `${path}[${index}]`, {
      name: (name) => model.name = readString(reader, name) ?? model.name,
      source: (name) => model.source = readString(reader, name) ?? model.source,
      size_gb: (name) => model.size_gb = readNumber(reader, name) ?? model.size_gb,
    });
    models.push(model);
  });
  return models;
}

function readNumber(reader: LiteralReader, name: string): number | undefined {
  const kind = reader.kind();
  if (kind === "number") return Number(reader.number());
  const value = reader.skip();
  if (kind === "null") return undefined;
  throw new LiteralError(value.start, `${name} must be a number but is a ${kind}`, "print a bare number");
}

function readVariables(reader: LiteralReader, path: string): Record<string, string> | undefined {
  if (reader.kind() === "null") {
    reader.skip();
    return undefined;
  }
  const variables: [string, string][] = [];
  reader.fields((name) =>
    variables.push([name.toWellFormed(), readString(reader, `${path}.${shortened(name)}`) ?? ""])
  );
  return Object.fromEntries(variables);
}

function shortened(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 40)}…`;
}

function readArguments(
  reader: LiteralReader,
  path: string,
  text: string,
): string | undefined {
  const kind = reader.kind();
  const { start, end, depth } = reader.skip();
  if (kind === "null") return undefined;
  if (kind !== "dict") {
    throw new LiteralError(start, `${path} must be an object but is a ${kind}`, "print an object");
  }
  if (depth > deepestArguments) {
    const fault = `${path} nests ${depth} levels deep, and no more than ${deepestArguments} are kept`;
    throw new LiteralError(start, fault, "nest less");
  }
  return text.slice(start, end);
}

// The source text proposal is in the engine, not yet in TypeScript's library.
const sourceText = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/**
 * JSON whose numbers stay as they are written: an engine tells `1.0` from `1`. As `parseJson` of lib/kube. Half
 * characters are replaced: the API server would replace them, and the status would never equal what is wanted.
 */
export function parseVerbatim(text: string): unknown {
  return sourceText.parse(text, (_key, value, { source }) => {
    if (typeof value === "string") return value.toWellFormed();
    if (typeof value === "object" && value !== null) return withWellFormedNames(value);
    if (typeof value !== "number" || source === undefined || String(value) === source) return value;
    return sourceText.rawJSON(source);
  });
}

function withWellFormedNames(value: object): object {
  if (Array.isArray(value) || Object.keys(value).every((name) => name.isWellFormed())) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toWellFormed(), each]));
}
