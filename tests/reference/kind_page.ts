/** The page of a kind: its names, its columns, and every field. */

import { crdOf, type CrdSchema } from "../../lib/api/crd.ts";
import type { Kind } from "../../lib/api/mod.ts";
import { table } from "./table.ts";

/** The guide that explains a kind, below `docs/kinds`. */
const guides: Readonly<Record<string, string>> = {
  AIMService: "services.md",
  AIMModel: "models.md",
  AIMClusterModel: "models.md",
  AIMServiceTemplate: "templates.md",
  AIMClusterServiceTemplate: "templates.md",
  AIMTemplateCache: "caches.md",
  AIMArtifact: "caches.md",
  AIMClusterModelSource: "model-sources.md",
  AIMRuntimeConfig: "runtime-configs.md",
  AIMClusterRuntimeConfig: "runtime-configs.md",
};

export function kindPage(kind: Kind): string {
  const [{ schema: { openAPIV3Schema: { properties = {} } }, additionalPrinterColumns = [] }] =
    crdOf(kind).spec.versions;
  const columns = additionalPrinterColumns.map(({ name, jsonPath, priority }) => [
    name,
    `\`${jsonPath}\``,
    priority ? "with `-o wide`" : "",
  ]);
  return `# ${kind.kind}

${kind.description} How it works: [${guides[kind.kind]}](../../kinds/${guides[kind.kind]}).

| | |
|---|---|
| API version | \`${kind.group}/${kind.version}\` |
| Scope | ${kind.scope} |
| Names for kubectl | \`${kind.plural}\`, \`${kind.singular}\`, \`${kind.shortNames.join("`, `")}\` |

## Columns

${table(["Column", "Field", ""], columns)}

${section("spec", properties.spec)}
${section("status", properties.status)}`;
}

function section(name: string, schema: CrdSchema): string {
  const rules = rulesOf(schema, name);
  return `## ${name}

${schema.description ?? ""}

${table(["Field", "Type", "Meaning"], [...fieldsOf(schema, "")])}
${rules.length === 0 ? "" : `\n${table(["Rule for", "What the API server demands"], rules)}\n`}`;
}

/** A row for each field, down to the leaves. */
function* fieldsOf(schema: CrdSchema, path: string): Generator<string[]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = path === "" ? name : `${path}.${name}`;
    const required = schema.required?.includes(name) ? "**required**; " : "";
    yield [`\`${here}\``, typeOf(field), `${required}${meaningOf(field)}`];
    // Kubernetes' own: `kubectl explain pod.spec.containers.env.valueFrom` tells the rest.
    if (name === "valueFrom") continue;
    yield* fieldsOf(field, here);
    if (field.items) yield* fieldsOf(field.items, `${here}[]`);
    if (typeof field.additionalProperties === "object") {
      yield* fieldsOf(field.additionalProperties, `${here}.*`);
    }
  }
}

function typeOf(schema: CrdSchema): string {
  if (schema["x-kubernetes-int-or-string"]) return isQuantity(schema) ? "quantity" : "integer or string";
  if (schema.enum) return schema.enum.map((word) => `\`${word || '""'}\``).join(", ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type ?? "any";
}

function meaningOf(schema: CrdSchema): string {
  const limits = [
    schema.default !== undefined && `Default \`${JSON.stringify(schema.default)}\`.`,
    schema.pattern !== undefined && !isQuantity(schema) && `Pattern \`${schema.pattern}\`.`,
    schema.minimum !== undefined && `At least ${schema.minimum}.`,
    schema.maximum !== undefined && `At most ${schema.maximum}.`,
    schema.minLength !== undefined && `At least ${schema.minLength} characters.`,
    schema.maxLength !== undefined && `At most ${schema.maxLength} characters.`,
    schema.minItems !== undefined && `At least ${schema.minItems} entries.`,
    schema.maxItems !== undefined && `At most ${schema.maxItems} entries.`,
  ];
  return [schema.description ?? "", ...limits.filter((limit) => limit !== false)].filter(Boolean).join(" ");
}

/** The pattern of a Kubernetes quantity tells a reader nothing. */
const isQuantity = ({ pattern }: CrdSchema) => pattern?.includes("[KMGTPE]i") ?? false;

function rulesOf(schema: CrdSchema, path: string): string[][] {
  const own = (schema["x-kubernetes-validations"] ?? []).map(({ message }) => [`\`${path}\``, message]);
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rulesOf(field, `${path}.${name}`)
  );
  return [...own, ...below, ...(schema.items ? rulesOf(schema.items, `${path}[]`) : [])];
}
