/** kubeconform, with the schemas that an API server publishes of all its kinds. */

import { buildParts } from "../control_plane/build/build.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
}

const quantity = /\.api\.resource\.Quantity$/;

/** With every field that is not named refused, and numbers where the API takes them besides texts. */
function strict(schema: Schema, name = ""): Schema {
  if (schema.format === "int-or-string" || quantity.test(name)) {
    return { type: ["string", "number"] } as unknown as Schema;
  }
  const { properties, items, additionalProperties } = schema;
  const open = schema["x-kubernetes-preserve-unknown-fields"] || additionalProperties !== undefined;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, strict(each)])),
      ...(!open && { additionalProperties: false }),
    }),
    ...(items && { items: strict(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: strict(additionalProperties) }),
  };
}

/** Writes the schemas of all kinds that the server has into a folder, one file a kind. */
export async function writeSchemas(plane: ControlPlane, folder: string): Promise<void> {
  const { definitions } = await plane.request("GET", "/openapi/v2") as {
    definitions: Record<string, Schema>;
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? []) {
      const file = [kind, ...group === "" ? [] : [group.split(".")[0]], version].join("-").toLowerCase();
      const needed = neededBy(name, definitions);
      const own = Object.fromEntries([...needed].map((each) => [each, strict(definitions[each], each)]));
      const text = JSON.stringify({ $ref: reference(name), definitions: own });
      await Deno.writeTextFile(`${folder}/${file}.json`, text);
    }
  }
}

const reference = (name: string) => `#/definitions/${name}`;

/** A definition and all that it refers to. */
function neededBy(name: string, definitions: Readonly<Record<string, Schema>>): Set<string> {
  const needed = new Set([name]);
  for (const each of needed) {
    const text = JSON.stringify(definitions[each]);
    for (const [, other] of text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) needed.add(other);
  }
  return needed;
}

/** What kubeconform finds wrong with YAML documents, one line each; a kind without a schema is wrong too. */
export async function findings(folder: string, yaml: string): Promise<{ wrong: string[]; valid: number }> {
  const { programs } = await buildParts({ programs: ["kubeconform"], yaml: [] });
  const file = `${folder}/documents.yaml`;
  await Deno.writeTextFile(file, yaml);
  const { stdout } = await new Deno.Command(programs.kubeconform, {
    args: [
      "-strict",
      "-output=json",
      "-verbose",
      `-schema-location=${folder}/{{.ResourceKind}}{{.KindSuffix}}.json`,
      file,
    ],
  }).output();
  const { resources } = JSON.parse(new TextDecoder().decode(stdout)) as {
    resources: { kind: string; name: string; status: string; msg: string }[];
  };
  const isValid = ({ status }: { status: string }) => status === "statusValid";
  return {
    wrong: resources.filter((each) => !isValid(each)).map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`),
    valid: resources.filter(isValid).length,
  };
}
