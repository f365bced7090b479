/** Our ten kinds, and KServe's and Gateway API's: their samples, and what their schemas say is wrong. */
import { parseAllDocuments } from "yaml";
import { isObject } from "../../../lib/apiserver/json.ts";
import { neighbourDefinitions } from "../../../lib/surroundings/crds/definitions.ts";
import type { Subject } from "./subjects.ts";

type Fields = Record<string, unknown>;

const manifests = new URL("../../../manifests/", import.meta.url);

function documentsIn(folder: string): Fields[] {
  const files = [...Deno.readDirSync(new URL(folder, manifests))].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml").sort();
  return files.flatMap((name) =>
    parseAllDocuments(Deno.readTextFileSync(new URL(`${folder}${name}`, manifests))).map((each) =>
      each.toJS()
    )
  );
}

/** As installed. */
export const customDefinitions: readonly Fields[] = [
  ...documentsIn("crds/").filter(({ kind }) => kind === "CustomResourceDefinition"),
  ...await neighbourDefinitions() as unknown as Fields[],
];

const samples = documentsIn("samples/");
const image = "docker.io/amdenterpriseai/aim-qwen-qwen3-32b:0.8.5";
const routed = { parentRefs: [{ name: "g" }], rules: [{ backendRefs: [{ name: "s", port: 80 }] }] };

/** Specs of kinds without a sample. */
const otherSpecs: Readonly<Record<string, Fields>> = {
  AIMClusterServiceTemplate: samples.find(({ kind }) => kind === "AIMServiceTemplate")!.spec as Fields,
  InferenceService: {
    predictor: {
      minReplicas: 1,
      containers: [{ name: "kserve-container", image, resources: { limits: { "amd.com/gpu": "1" } } }],
    },
  },
  HTTPRoute: routed,
  Gateway: { gatewayClassName: "c", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
  GatewayClass: { controllerName: "x.test/controller" },
};

interface Version {
  readonly name: string;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: Fields };
  readonly subresources?: { readonly status?: unknown; readonly scale?: unknown };
}

function subjectOf(definition: Fields): Subject {
  const { group, scope, names, versions } = definition.spec as {
    group: string;
    scope: string;
    names: { kind: string; plural: string };
    versions: Version[];
  };
  const version = versions.find(({ storage }) => storage)!;
  const schema = version.schema.openAPIV3Schema;
  const sample = samples.find(({ kind }) => kind === names.kind)?.spec as Fields | undefined;
  const spec = sample ?? otherSpecs[names.kind] ?? {};
  const specNode = (schema.properties as Fields).spec as Fields | undefined;
  return {
    plural: names.plural,
    kind: names.kind,
    apiVersion: `${group}/${version.name}`,
    custom: true,
    ...scope === "Cluster" ? { cluster: true } : {},
    ...version.subresources?.status === undefined ? {} : { status: {} },
    ...version.subresources?.scale === undefined ? {} : { scale: true },
    good: { spec },
    change: { metadata: { annotations: { n: "1" } } },
    json: ["/metadata/labels/other", "x"],
    bad: specNode === undefined
      ? []
      : spread(wrong(specNode, spec), 24).map((fragment) => ({ spec: fragment })),
  };
}

/** So many of a list, from all over it. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.floor(i * all.length / most)]);
}

/** Merge patches, each of which makes one field of a value wrong by its schema. */
function wrong(node: Fields, value: unknown): unknown[] {
  const { type, properties, items, required, pattern, minimum, maximum, minLength, maxLength } = node;
  const found: unknown[] = [];
  const otherType = { string: 7, integer: "seven", number: "seven", boolean: "maybe", array: {}, object: [] };
  if (typeof type === "string") found.push(otherType[type as keyof typeof otherType]);
  if (Array.isArray(node.enum)) found.push("Nonsense");
  if (pattern !== undefined) found.push("!");
  if (Number(minLength ?? 0) > 0) found.push("");
  if (maxLength !== undefined) found.push("a".repeat(Number(maxLength) + 1));
  if (minimum !== undefined) found.push(Number(minimum) - 1);
  if (maximum !== undefined) found.push(Number(maximum) + 1);
  if (isObject(value) && isObject(properties)) {
    for (const [key, member] of Object.entries(value)) {
      if (Array.isArray(required) && required.includes(key)) found.push({ [key]: null });
      const memberNode = properties[key] as Fields | undefined;
      if (memberNode !== undefined) found.push(...wrong(memberNode, member).map((each) => ({ [key]: each })));
    }
  }
  if (Array.isArray(value) && isObject(items) && value.length > 0) {
    found.push([value[0], value[0]]);
    const { required: needed } = items;
    if (Array.isArray(needed) && isObject(value[0])) {
      for (const key of needed) {
        const { [key]: _, ...rest } = value[0] as Fields;
        found.push([rest]);
      }
    }
    if (!isObject(value[0])) found.push(...wrong(items, value[0]).map((each) => [each]));
  }
  return found;
}

export const customSubjects: readonly Subject[] = customDefinitions.map(subjectOf);
