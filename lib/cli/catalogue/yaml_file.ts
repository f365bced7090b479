/** YAML as people write it: what is wrong with it is told with line and column. */

import { type Document, isCollection, isMap, isScalar, LineCounter, parseAllDocuments } from "yaml";

/** Something wrong in a file. */
export interface FileFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** One document of a file. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /**
   * A fault at a field, or at what holds it where it is not there; `key` is a name in it that ought not to be.
   */
  fault(path: readonly PropertyKey[], message: string, key?: string): FileFault;
}

/** The documents that are not empty; or, of a file that is no YAML, what is wrong with it. */
export function documentsOf(
  file: string,
  text: string,
): { readonly documents: readonly YamlDocument[]; readonly faults: readonly FileFault[] } {
  const lines = new LineCounter();
  const at = (offset: number, message: string): FileFault => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, message };
  };
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed as Document[] : [];
  const faults = documents.flatMap(({ errors }) => errors.map(({ pos, message }) => at(pos[0], message)));
  if (faults.length > 0) return { documents: [], faults };
  const read: YamlDocument[] = [];
  for (const document of documents) {
    if (document.contents === null) continue;
    try {
      read.push({
        file,
        value: document.toJS({ maxAliasCount: 100 }),
        fault: (path, message, key) => at(offsetOf(document, path, key), message),
      });
    } catch (error) {
      // An alias that leads nowhere, or to too much.
      faults.push(at(document.range?.[0] ?? 0, (error as Error).message));
    }
  }
  return { documents: read, faults };
}

/** As compilers write it. */
export function faultInWords({ file, line, column, message }: FileFault): string {
  return `${file}:${line}:${column}: ${message}`;
}

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (length === path.length && key !== undefined && isMap(node)) {
      const named = node.items.find((item) => isScalar(item.key) && item.key.value === key)?.key;
      if (isScalar(named) && named.range) return named.range[0];
    }
    if ((isCollection(node) || isScalar(node)) && node.range) return node.range[0];
  }
  return 0;
}
