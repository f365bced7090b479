/** What a file of tests says: its words, checked. Real manifests may stand in it wherever the short forms do not do. */

import * as z from "zod";
import { aimService, fieldOf, type Kind, kinds } from "../../api/mod.ts";
import { isKnownReason, reasons } from "../../operator/errors/reasons.ts";
import { nearest } from "../faults.ts";
import { faultAt, type FileFault, type YamlDocument } from "../files/yaml.ts";

/** `kind` of a file of tests. */
export const caseKind = "CatalogueTest";

const gpuNode = z.strictObject({
  gpu: z.string().optional(),
  vram: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const shortNode = z.union([z.string(), gpuNode]);

/** A template in short: what selection looks at. What is left out is not known of it. */
const shortTemplate = z.strictObject({
  name: z.string().min(1),
  /** Without one it is a template of the cluster. */
  namespace: z.string().optional(),
  model: z.string().optional(),
  status: z.string().optional(),
  type: z.string().optional(),
  gpu: z.string().optional(),
  gpuCount: z.number().optional(),
  metric: z.string().optional(),
  precision: z.string().optional(),
  /** What its condition `GPUReady` says is lacking. */
  lacks: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

const shortModel = z.union([
  z.string().min(1),
  z.strictObject({ name: z.string().min(1), defaultServiceTemplate: z.string().optional() }),
]);

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

/** Whatever its schema does not know stays in it, to be told. */
const serviceSpec = aimService.spec.partial().loose();

const given = {
  model: shortModel.optional(),
  nodes: z.array(shortNode).optional(),
  templates: z.array(shortTemplate).optional(),
  objects: z.array(manifest).optional(),
};

const expectation = z.strictObject({
  /** The template that the service gets. */
  template: z.string().optional(),
  scope: z.enum(["Namespace", "Cluster"]).optional(),
  /** Reason of the service's condition about its template, or about its model where that cannot be resolved. */
  reason: z.string().optional(),
  /** What that condition's message contains. */
  message: z.union([z.string(), z.array(z.string())]).optional(),
  /** What a choice without the chosen one would fall on; null: nothing. */
  runnerUp: z.string().nullable().optional(),
  /** By name, or `namespace/name`: what is contained in `rejected gpu RequiredGPUNotInCluster: GPU … is on no node`. */
  candidates: z.record(z.string(), z.string()).optional(),
  /** All candidates in the order in which they are told. */
  order: z.array(z.string()).optional(),
});

const testCase = z.strictObject({
  name: z.string().min(1),
  ...given,
  /** Spec of the AIMService. */
  service: serviceSpec.optional(),
  expect: expectation,
});

const caseFile = z.strictObject({
  kind: z.literal(caseKind),
  description: z.string().optional(),
  /** Files and folders with manifests, seen from this file. */
  manifests: z.array(z.string()).optional(),
  namespace: z.string().min(1).optional(),
  ...given,
  service: serviceSpec.optional(),
  tests: z.array(testCase).min(1),
});

export type CaseFile = z.infer<typeof caseFile>;
export type TestCase = z.infer<typeof testCase>;
export type Expectation = z.infer<typeof expectation>;
export type ShortNode = z.infer<typeof shortNode>;
export type ShortTemplate = z.infer<typeof shortTemplate>;
export type ShortModel = z.infer<typeof shortModel>;

/** Whether the document is one of tests: all others are left to those who read them. */
export function isCaseFile({ value }: YamlDocument): boolean {
  return (value as { kind?: unknown } | null)?.kind === caseKind;
}

/** Reads a document of tests; the file, or all that is wrong with it. */
export function readCaseFile(
  document: YamlDocument,
): { readonly cases: CaseFile; readonly faults?: undefined } | { readonly faults: readonly FileFault[] } {
  const parsed = caseFile.safeParse(document.value);
  if (!parsed.success) {
    return { faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, document)) };
  }
  // As it is written: what the schemas do not know is not in what they have parsed.
  const { service, objects = [], tests } = document.value as CaseFile;
  const faults = [
    ...strangers(document, aimService, service, ["service"]),
    ...objects.flatMap((object, at) => manifestFault(document, object, ["objects", at])),
    ...tests.flatMap((test, n) => [
      ...strangers(document, aimService, test.service, ["tests", n, "service"]),
      ...(test.objects ?? []).flatMap((object, at) =>
        manifestFault(document, object, ["tests", n, "objects", at])
      ),
      ...emptyExpectations(test, n, document),
    ]),
  ];
  return faults.length > 0 ? { faults } : { cases: parsed.data };
}

function faultsOf(issue: z.core.$ZodIssue, document: YamlDocument, before: PropertyKey[] = []): FileFault[] {
  const path = [...before, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      faultAt(document, path, `there is no field ${key} in ${placeOf(path)}${hintFor(key, path)}`, key)
    );
  }
  return [faultAt(document, path, `${placeOf(path)}: ${issue.message}`)];
}

/** Fields that the schema of a kind does not have: the API server would drop them. */
function strangers(
  document: YamlDocument,
  kind: Kind,
  value: unknown,
  at: readonly PropertyKey[],
  path: readonly string[] = ["spec"],
): FileFault[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = [...path, key];
    return fieldOf(kind, below) === "absent"
      ? [faultAt(document, at, `${kind.kind} has no field ${below.join(".")}`, key)]
      : strangers(document, kind, inner, [...at, key], below);
  });
}

function emptyExpectations({ expect, name }: TestCase, n: number, document: YamlDocument): FileFault[] {
  const path = ["tests", n, "expect"];
  if (expect.template === undefined && expect.reason === undefined) {
    return [faultAt(document, path, `"${name}" expects neither a template nor a reason: say one`)];
  }
  const { reason } = expect;
  if (reason === undefined || isKnownReason(reason)) return [];
  return [
    faultAt(
      document,
      [...path, "reason"],
      `no reason is called ${reason}${near(reason, Object.keys(reasons))}`,
    ),
  ];
}

/** What is wrong with a manifest of one of our kinds: its version, or its spec. Others' kinds are left alone. */
export function manifestFault(
  document: YamlDocument,
  object: unknown,
  path: readonly PropertyKey[] = [],
): FileFault[] {
  const { apiVersion = "", kind: name = "", spec } = object as {
    apiVersion?: string;
    kind?: string;
    spec?: unknown;
  };
  const [group, version] = apiVersion.split("/");
  if (group !== kinds[0].group) return [];
  const kind: Kind | undefined = kinds.find((each) => each.kind === name);
  if (kind === undefined) {
    return [
      faultAt(
        document,
        [...path, "kind"],
        `${group} has no kind ${name}${
          near(
            name,
            kinds.map((each) => each.kind),
          )
        }`,
      ),
    ];
  }
  if (version !== kind.version) {
    return [
      faultAt(
        document,
        [...path, "apiVersion"],
        `${name} of version ${version}: this program knows ${kind.version}`,
      ),
    ];
  }
  if (spec === undefined) return [];
  const parsed = kind.spec.safeParse(spec);
  const at = [...path, "spec"];
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, document, at));
  return [...issues, ...strangers(document, kind, spec, at)];
}

function placeOf(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (before, key) =>
      typeof key === "number"
        ? `${before}[${key}]`
        : before === ""
        ? String(key)
        : `${before}.${String(key)}`,
    "",
  );
  return text === "" ? `a ${caseKind}` : text;
}

/** Fields that may have been meant, by where the stranger stands. */
function hintFor(key: string, path: readonly PropertyKey[]): string {
  const last = path.findLast((part) => typeof part === "string");
  const fields = last === undefined
    ? caseFile.shape
    : last === "tests"
    ? testCase.shape
    : last === "expect"
    ? expectation.shape
    : last === "templates"
    ? shortTemplate.shape
    : last === "nodes"
    ? gpuNode.shape
    : {};
  return near(key, Object.keys(fields));
}

function near(word: string, others: readonly string[]): string {
  const found = nearest(word, others);
  return found.length === 0 ? "" : `: did you mean ${found.join(", or ")}?`;
}
