/** YAML and JSON as people write them: what is wrong with them is told with line and column. */

import { type Document, isCollection, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";

/** Where something is written. Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong in a file. */
export interface FileFault extends Place {
  readonly file: string;
  readonly message: string;
}

/** One document of a file. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** Line of its beginning, from 1. */
  readonly line: number;
  /**
   * Where a field's name, or an item of a list, is written; of one that is not there, where the nearest around it is.
   *
   * @param key a name that is looked for in the field first
   */
  placeOf(path: readonly PropertyKey[], key?: string): Place;
}

/** The documents that are not empty, and what is wrong with those that are no YAML. */
export function documentsOf(
  file: string,
  text: string,
): { readonly documents: readonly YamlDocument[]; readonly faults: readonly FileFault[] } {
  const places = new Places(text);
  const json = jsonOf(text);
  if (json !== undefined) {
    const placeOf: YamlDocument["placeOf"] = (...at) => places.of(0, ...at);
    return { documents: [{ file, value: json, line: 1, placeOf }], faults: [] };
  }
  const documents: YamlDocument[] = [];
  const faults: FileFault[] = [];
  const lines = new LineCounter();
  for (const [n, document] of parsed(text, lines).entries()) {
    const at = (offset: number): Place => placeAt(lines, offset);
    const [error] = document.errors;
    if (error !== undefined) {
      faults.push({ file, ...at(error.pos[0]), message: error.message });
      continue;
    }
    if (document.contents === null) continue;
    const begin = at(beginOf(document));
    try {
      const value: unknown = document.toJS();
      const placeOf: YamlDocument["placeOf"] = (...at) => places.of(n, ...at);
      documents.push({ file, value, line: begin.line, placeOf });
    } catch (error) {
      // An alias that leads nowhere, or to too much.
      faults.push({ file, ...begin, message: (error as Error).message });
    }
  }
  return { documents, faults };
}

/** A fault at a place of a document: see {@link YamlDocument.placeOf}. */
export function faultAt(
  document: YamlDocument,
  path: readonly PropertyKey[],
  message: string,
  key?: string,
): FileFault {
  return { file: document.file, ...document.placeOf(path, key), message };
}

/** As compilers write it. */
export function faultInWords({ file, line, column, message }: FileFault): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** The value of a text that is JSON, which most tools print, and which is read much faster as such. */
function jsonOf(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // As YAML it may be well, and where it is not, the place of the fault is known.
    return undefined;
  }
}

/** As kubectl reads YAML. */
function parsed(text: string, lineCounter: LineCounter): Document[] {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    merge: true,
    lineCounter,
    prettyErrors: false,
  });
  return "empty" in documents ? [] : documents as Document[];
}

/** Where fields of a text are written. It is parsed again when that is asked first: thousands of files are never asked. */
class Places {
  readonly #text: string;
  #parsed?: { readonly documents: readonly Document[]; readonly lines: LineCounter };

  constructor(text: string) {
    this.#text = text;
  }

  of(n: number, path: readonly PropertyKey[], key?: string): Place {
    if (this.#parsed === undefined) {
      const lines = new LineCounter();
      this.#parsed = { documents: parsed(this.#text, lines), lines };
    }
    const { documents, lines } = this.#parsed;
    return placeAt(lines, offsetOf(documents[n], key === undefined ? path : [...path, key]));
  }
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const around = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const node = isMap(around)
      ? around.items.find(({ key }) => isScalar(key) && key.value === last)?.key
      : isSeq(around) && typeof last === "number"
      ? around.items[last]
      : undefined;
    if ((isCollection(node) || isScalar(node)) && node.range) return node.range[0];
  }
  return beginOf(document);
}

function beginOf({ contents, range }: Document): number {
  return contents?.range?.[0] ?? range![0];
}
