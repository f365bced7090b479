/** Manifests as people write them: files and folders of YAML or JSON, each object with its place. */

import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { LineCounter, parseAllDocuments, parseDocument } from "yaml";
import { isObject } from "../../kube/json/json.ts";
import { CommandFault } from "../faults.ts";

export type JsonObject = Record<string, unknown>;

/** An object, and where it is written. */
export interface Manifest {
  readonly object: JsonObject & { readonly apiVersion: string; readonly kind: string; metadata: Metadata };
  readonly file: string;
  /** Line of the object's beginning, from 1. */
  readonly line: number;
  /** Line of a field (`spec.env[0].name`), or of the nearest that is written around it. */
  lineOf(field: string): number;
}

export interface Metadata extends JsonObject {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/**
 * Reads files, folders (their `.yaml`, `.yml` and `.json` files in the order of their names) and `-`, the standard input.
 * A list counts as the objects in it.
 *
 * @throws CommandFault that names every fault with file, line and column
 */
export async function readManifests(
  paths: readonly string[],
  { recursive = false } = {},
): Promise<Manifest[]> {
  const files = (await Promise.all(paths.map((path) => filesAt(path, recursive)))).flat();
  const faults: string[] = [];
  const all: Manifest[] = [];
  for (const file of files) all.push(...manifestsIn(file, await textIn(file), (fault) => faults.push(fault)));
  if (faults.length > 0) throw new CommandFault(faults.join("\n"));
  return all;
}

/** The objects in a text. @param fault told of each fault, with its place */
export function manifestsIn(file: string, text: string, fault: (what: string) => void): Manifest[] {
  return documentsIn(text).flatMap(({ value, line, start, problem }) => {
    if (problem !== undefined) {
      fault(`${file}:${problem.line}:${problem.column}: ${problem.message}`);
      return [];
    }
    if (value === null || value === undefined) return [];
    const isList = isObject(value) && Array.isArray(value.items) && String(value.kind).endsWith("List");
    const objects = isList ? value.items as unknown[] : [value];
    return objects.flatMap((object, n): Manifest[] => {
      const lacking = lackOf(object);
      if (lacking !== undefined) {
        fault(`${file}:${line}: ${isList ? `item ${n + 1} of the list ` : "this "}${lacking}`);
        return [];
      }
      const inside = isList ? `items[${n}]` : "";
      return [{
        object: object as Manifest["object"],
        file,
        line,
        lineOf: (field) => lineOf(text, start, [inside, field].filter((part) => part !== "").join(".")),
      }];
    });
  });
}

interface Read {
  readonly value?: unknown;
  readonly line: number;
  /** Where the document begins in the text. */
  readonly start: number;
  readonly problem?: { readonly line: number; readonly column: number; readonly message: string };
}

function documentsIn(text: string): Read[] {
  if (/^\s*\{/.test(text)) {
    try {
      return [{ value: JSON.parse(text), line: 1, start: 0 }];
    } catch {
      // As YAML it may be well, and where it is not, the place of the fault is known.
    }
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...dialect, lineCounter: lines });
  return ("empty" in documents ? [] : documents).map((document) => {
    const start = document.contents?.range?.[0] ?? document.range[0];
    const [error] = document.errors;
    const { line } = lines.linePos(start);
    if (error === undefined) return { value: document.toJS(), line, start };
    const { line: at, col } = lines.linePos(error.pos[0]);
    const message = error.message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "");
    return { line, start, problem: { line: at, column: col, message } };
  });
}

/** As kubectl reads YAML. */
const dialect = { version: "1.1", merge: true } as const;

function lineOf(text: string, start: number, field: string): number {
  const lines = new LineCounter();
  // Lines are counted from the beginning of the file.
  const documents = parseAllDocuments(text, { ...dialect, lineCounter: lines });
  const document =
    ("empty" in documents ? [] : documents).find(({ contents }) => contents?.range?.[0] === start) ??
      parseDocument(text, { ...dialect, lineCounter: lines });
  const steps = field.split(/[.[\]]+/).filter((step) => step !== "");
  for (let length = steps.length; length > 0; length--) {
    const path = steps.slice(0, length).map((step) => /^\d+$/.test(step) ? Number(step) : step);
    const key = keyNodeAt(document, path);
    if (key !== undefined) return lines.linePos(key).line;
  }
  return lines.linePos(start).line;
}

/** Where the key, or the item of a list, at a path begins. */
function keyNodeAt(
  document: { getIn(path: unknown[], keep: boolean): unknown },
  path: readonly (string | number)[],
): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true) as
    | { items?: { key?: { value?: unknown; range?: number[] }; range?: number[] }[] }
    | undefined;
  const last = path.at(-1);
  if (typeof last === "number") return parent?.items?.[last]?.range?.[0];
  return parent?.items?.find(({ key }) => key?.value === last)?.key?.range?.[0];
}

function lackOf(object: unknown): string | undefined {
  if (!isObject(object)) return "is no Kubernetes object";
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== "string" || apiVersion === "") {
    return "is no Kubernetes object: apiVersion is missing";
  }
  if (typeof kind !== "string" || kind === "") return "is no Kubernetes object: kind is missing";
  const name = isObject(metadata) ? metadata.name : undefined;
  return typeof name === "string" && name !== "" ? undefined : `${kind} has no metadata.name`;
}

async function filesAt(path: string, recursive: boolean): Promise<string[]> {
  if (path === "-") return [path];
  try {
    if (!(await Deno.stat(path)).isDirectory) return [path];
    const entries = (await Array.fromAsync(Deno.readDir(path))).sort((a, b) => a.name < b.name ? -1 : 1);
    const below = await Promise.all(entries.map(({ name, isDirectory }) => {
      const inside = join(path, name);
      if (isDirectory) return recursive ? filesIn(inside) : [];
      return /\.(ya?ml|json)$/.test(name) ? [inside] : [];
    }));
    const files = below.flat();
    if (files.length === 0) throw new CommandFault(`${path} has no .yaml, .yml or .json file in it`);
    return files;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new CommandFault(`there is no file or folder ${path}`);
    throw error;
  }
}

/** Of a folder inside another one; one without manifests is no fault. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inside = join(folder, name);
    if (isDirectory) found.push(...await filesIn(inside));
    else if (/\.(ya?ml|json)$/.test(name)) found.push(inside);
  }
  return found.sort();
}

/** The text of a file, compressed by gzip or not; of `-` the standard input's. */
export async function textIn(file: string): Promise<string> {
  const bytes = file === "-" ? await new Response(Deno.stdin.readable).bytes() : await Deno.readFile(file);
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(isCompressed ? gunzipSync(bytes) : bytes);
}
