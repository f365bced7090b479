/**
 * What Go writes of a structure that says nothing, read from the structure's source: fields that are left out, and fields
 * that are always there.
 */
import { join } from "node:path";

/** One structure: what is left out where it is zero, and what stands there in any case, with its zero. */
export interface GoZeros {
  readonly omitted: string[];
  readonly always: Record<string, unknown>;
}

interface Field {
  /** Its name in JSON; "" of what is embedded. */
  readonly name: string;
  readonly type: string;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
}

/** Types of other packages that are no structures in JSON, and their zeros. */
const otherZeros: Readonly<Record<string, unknown>> = {
  "metav1.Time": null,
  Time: null,
  "metav1.MicroTime": null,
  "resource.Quantity": "0",
  "intstr.IntOrString": 0,
  "runtime.RawExtension": null,
  "runtime.Object": null,
  "types.UID": "",
  UID: "",
};

/** The structures of a package by name. @param folder where its Go files are */
export async function goZeros(folder: string): Promise<Record<string, GoZeros>> {
  const structures = new Map<string, Field[]>();
  const basics = new Map<string, string>();
  for (const file of ["types.go", "types_jsonschema.go"]) {
    const text = await Deno.readTextFile(join(folder, file)).catch(() => "");
    for (const [, name, body] of text.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) {
      structures.set(name, fieldsOf(body));
    }
    for (const [, name, type] of text.matchAll(/^type (\w+) =? ?([\w.\[\]]+)$/gm)) basics.set(name, type);
  }
  return Object.fromEntries(
    [...structures].map(([name, fields]) => [name, zerosOf(fields, structures, basics)]),
  );
}

function fieldsOf(body: string): Field[] {
  const line = /^\t(?:(\w+) +)?(\S+)\s+`(?:[^`]* )?json:"([^"]*)"/gm;
  return [...body.matchAll(line)].flatMap(([, , type, tag]) => {
    const [name, ...flags] = tag.split(",");
    if (name === "-") return [];
    return [{ name, type, omitEmpty: flags.includes("omitempty"), omitZero: flags.includes("omitzero") }];
  });
}

function zerosOf(
  fields: readonly Field[],
  structures: ReadonlyMap<string, readonly Field[]>,
  basics: ReadonlyMap<string, string>,
): GoZeros {
  const zeros: GoZeros = { omitted: [], always: {} };
  for (const { name, type, omitEmpty, omitZero } of fields) {
    if (type.startsWith("*")) {
      if (name !== "" && !omitEmpty) zeros.always[name] = null;
      continue;
    }
    if (name === "") {
      const embedded = structures.get(type);
      if (embedded === undefined) continue; // the version and the kind
      const { omitted, always } = zerosOf(embedded, structures, basics);
      zeros.omitted.push(...omitted);
      Object.assign(zeros.always, always);
      continue;
    }
    const zero = zeroOf(type, basics);
    const isStructure = typeof zero === "object" && zero !== null || type in otherZeros && zero !== "";
    if (omitZero || omitEmpty && !isStructure) zeros.omitted.push(name);
    else zeros.always[name] = zero;
  }
  return zeros;
}

function zeroOf(type: string, basics: ReadonlyMap<string, string>): unknown {
  if (type in otherZeros) return otherZeros[type];
  if (type.startsWith("[]") || type.startsWith("map[")) return null;
  if (/^(u?int\d*|float\d+)$/.test(type)) return 0;
  if (type === "bool") return false;
  if (type === "string") return "";
  const basic = basics.get(type);
  if (basic !== undefined) return zeroOf(basic, basics);
  // Of another package: names of resources and words are texts, all else is a structure.
  if (/^(core)?v1\.(ResourceName|ConditionStatus|Protocol|CoordinatedLeaseStrategy)$/.test(type)) return "";
  if (/ResourceList$/.test(type)) return null;
  return {};
}
