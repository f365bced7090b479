/** Finds the tests of a folder and runs them. */

import { dirname, join } from "node:path";
import type { KubeObject } from "../../kube/object.ts";
import { CommandFault } from "../faults.ts";
import {
  type CaseFile,
  caseKind,
  isCaseFile,
  manifestFault,
  readCaseFile,
  type TestCase,
} from "./case_file.ts";
import { objectsOf } from "./case_objects.ts";
import { decide, type Decision, type Difference, differences } from "./verdict.ts";
import { filesAt, textIn } from "../files/folders.ts";
import { documentsOf, faultAt, type FileFault, type YamlDocument } from "../files/yaml.ts";

/** What came of one test. */
export interface Result {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** None: it passed. */
  readonly differences: readonly Difference[];
  readonly decision: Decision;
  readonly milliseconds: number;
}

export interface Results {
  readonly results: readonly Result[];
  /** What cannot be read; the tests of such a file do not run. */
  readonly faults: readonly FileFault[];
}

/** A test that was read, with all that it needs. */
export interface FoundTest {
  readonly file: string;
  readonly line: number;
  readonly cases: CaseFile;
  readonly test: TestCase;
  readonly manifests: readonly KubeObject[];
}

/** Runs the tests of all files below a folder, or of one file. @throws CommandFault as {@link findTests} */
export async function runTests(path: string): Promise<Results> {
  const { tests, faults } = await findTests(path);
  return { results: tests.map(runTest), faults };
}

/**
 * Reads the tests of all files below a folder, or of one file.
 *
 * @throws CommandFault where there is no such folder, or no test in it
 */
export async function findTests(
  path: string,
): Promise<{ readonly tests: readonly FoundTest[]; readonly faults: readonly FileFault[] }> {
  const folder = new Files();
  const tests: FoundTest[] = [];
  const faults: FileFault[] = [];
  let found = false;
  for (const file of await filesAt(path, yamlFiles)) {
    const parsed = await folder.documents(file);
    faults.push(...parsed.faults);
    for (const document of parsed.documents.filter(isCaseFile)) {
      found = true;
      const read = readCaseFile(document);
      if (read.faults !== undefined) {
        faults.push(...read.faults);
        continue;
      }
      const { cases } = read;
      const { objects: manifests, faults: wrong } = await folder.manifests(document, cases.manifests ?? []);
      faults.push(...wrong);
      if (wrong.length > 0) continue;
      for (const [n, test] of cases.tests.entries()) {
        const { line } = document.placeOf(["tests", n]);
        tests.push({ file, line, cases, test, manifests });
      }
    }
  }
  if (!found && faults.length === 0) {
    throw new CommandFault(`no file of ${path} has tests: a file of tests says kind: ${caseKind}`);
  }
  return { tests, faults: unique(faults) };
}

export function runTest({ file, line, cases, test, manifests }: FoundTest): Result {
  const began = performance.now();
  const { objects, namespace } = objectsOf(cases, test, manifests);
  const decision = decide(objects, namespace);
  return {
    file,
    line,
    name: test.name,
    differences: differences(test.expect, decision),
    decision,
    milliseconds: performance.now() - began,
  };
}

/** A file that several files of tests name is told once. */
function unique(faults: readonly FileFault[]): FileFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}

/** All below a folder. */
const yamlFiles = { names: /\.ya?ml$/, recursive: true, hidden: false };

/** Files, each read once. Paths are told as they were given. */
class Files {
  readonly #documents = new Map<string, ReturnType<typeof documentsOf>>();

  async documents(file: string): Promise<ReturnType<typeof documentsOf>> {
    const known = this.#documents.get(file) ?? documentsOf(file, await textIn(file));
    this.#documents.set(file, known);
    return known;
  }

  /** The manifests that a file of tests names. */
  async manifests(document: YamlDocument, paths: readonly string[]) {
    const objects: KubeObject[] = [];
    const faults: FileFault[] = [];
    for (const [n, path] of paths.entries()) {
      try {
        for (const file of await filesAt(join(dirname(document.file), path), yamlFiles)) {
          const parsed = await this.documents(file);
          faults.push(...parsed.faults);
          for (const each of parsed.documents.filter((each) => !isCaseFile(each))) {
            const items = itemsOf(each.value);
            faults.push(...items.flatMap(({ object, at }) => manifestFault(each, object, at)));
            objects.push(...items.map(({ object }) => object));
          }
        }
      } catch (error) {
        if (!(error instanceof CommandFault)) throw error;
        faults.push(faultAt(document, ["manifests", n], error.message));
      }
    }
    return { objects, faults };
  }
}

/** The object, or those of a list. What is no object (the values of a chart, say) is none. */
function itemsOf(value: unknown): { readonly object: KubeObject; readonly at: readonly PropertyKey[] }[] {
  const { kind, metadata, items } = (value ?? {}) as KubeObject & { readonly items?: readonly KubeObject[] };
  if (kind === "List" && Array.isArray(items)) {
    return items.map((object, n) => ({ object, at: ["items", n] }));
  }
  return kind === undefined || metadata?.name === undefined ? [] : [{ object: value as KubeObject, at: [] }];
}
