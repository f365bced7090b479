/** Manifests as people write them: files and folders of YAML or JSON, each object with its place. */

import { isObject } from "../../kube/json/json.ts";
import { CommandFault } from "../faults.ts";
import { filesAt, textIn } from "./folders.ts";
import { documentsOf, faultInWords } from "./yaml.ts";

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
  const files = (await Promise.all(paths.map((path) => manifestFiles(path, recursive)))).flat();
  const faults: string[] = [];
  const all: Manifest[] = [];
  for (const file of files) all.push(...manifestsIn(file, await textIn(file), (fault) => faults.push(fault)));
  if (faults.length > 0) throw new CommandFault(faults.join("\n"));
  return all;
}

async function manifestFiles(path: string, recursive: boolean): Promise<string[]> {
  if (path === "-") return [path];
  const files = await filesAt(path, { names: /\.(ya?ml|json)$/, recursive, hidden: true });
  if (files.length === 0) throw new CommandFault(`${path} has no .yaml, .yml or .json file in it`);
  return files;
}

/** The objects in a text. @param fault told of each fault, with its place */
export function manifestsIn(file: string, text: string, fault: (what: string) => void): Manifest[] {
  const { documents, faults } = documentsOf(file, text);
  for (const each of faults) fault(faultInWords(each));
  return documents.flatMap(({ value, line, placeOf }) => {
    const isList = isObject(value) && Array.isArray(value.items) && String(value.kind).endsWith("List");
    const objects = isList ? value.items as unknown[] : [value];
    return objects.flatMap((object, n): Manifest[] => {
      const lacking = lackOf(object);
      if (lacking !== undefined) {
        fault(`${file}:${line}: ${isList ? `item ${n + 1} of the list ` : "this "}${lacking}`);
        return [];
      }
      const inside = isList ? ["items", n] : [];
      const lineOf = (field: string) => placeOf([...inside, ...stepsOf(field)]).line;
      return [{ object: object as Manifest["object"], file, line, lineOf }];
    });
  });
}

/** `spec.env[0].name` step by step. */
function stepsOf(field: string): PropertyKey[] {
  return field.split(/[.[\]]+/).filter((step) => step !== "")
    .map((step) => /^\d+$/.test(step) ? Number(step) : step);
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
