/** What is refused of claims, volumes and storage classes. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from "../schema/field_error.ts";
import { hostPathErrors } from "./pod_spec.ts";
import {
  type Errors,
  isMore,
  listOf,
  none,
  objectOf,
  oneOf,
  present,
  qualifiedName,
  quantity,
  selector,
  subdomain,
} from "./values.ts";

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function claimErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  const { accessModes, resources, storageClassName, volumeMode } = spec;
  const storage = at(resources, "requests", "storage");
  const found = [
    ...listOf(accessModes).length === 0
      ? [requiredValue("spec.accessModes", "at least 1 access mode is required")]
      : listOf(accessModes).flatMap((mode) => oneOf("spec.accessModes", mode, modes)),
    ...listOf(accessModes).length > 1 && listOf(accessModes).includes("ReadWriteOncePod" as never)
      ? [forbiddenValue("spec.accessModes", "may not use ReadWriteOncePod with other access modes")]
      : none,
    ...isObject(spec.selector) ? selector("spec.selector", spec.selector) : none,
    ...storage === undefined
      ? [requiredValue("spec.resources[storage]")]
      : quantity("spec.resources[storage]", storage, { positive: true }),
    ...storageClassName ? subdomain("spec.storageClassName", storageClassName) : none,
    ...oneOf("spec.volumeMode", volumeMode, ["Block", "Filesystem"]),
    ...["dataSource", "dataSourceRef"].flatMap((name) => sourceErrors(`spec.${name}`, spec[name])),
  ];
  return old === undefined ? found : [...found, ...claimUpdateErrors(object, old)];
}

/** What a claim is to be filled from. */
function sourceErrors(path: string, source: unknown): Errors {
  if (!isObject(source)) return none;
  const { name, kind, apiGroup } = source;
  return [
    ...present(`${path}.name`, name),
    ...present(`${path}.kind`, kind),
    ...!apiGroup && kind !== "PersistentVolumeClaim"
      ? [
        invalidValue(
          path,
          kind ?? "",
          "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        ),
      ]
      : none,
    ...apiGroup ? subdomain(`${path}.apiGroup`, apiGroup) : none,
  ];
}

/** Of a claim's spec only the size of one that is bound may change, and only grow. */
function claimUpdateErrors(object: JsonObject, old: JsonObject): Errors {
  const [spec, before] = [objectOf(object.spec), objectOf(old.spec)];
  const fixed = (claim: JsonObject, bound: boolean) => ({
    ...claim,
    volumeAttributesClassName: undefined,
    ...bound ? { resources: { ...objectOf(claim.resources), requests: undefined } } : {},
    // A claim is bound by its volume's name, and may be given a class once.
    ...before.volumeName ? {} : { volumeName: undefined },
    ...before.storageClassName === undefined ? { storageClassName: undefined } : {},
  });
  const bound = at(old, "status", "phase") === "Bound";
  const same = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
  const why =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
  const sizeOf = (claim: JsonObject) => at(claim.resources, "requests", "storage") ?? "0";
  const has = at(old, "status", "capacity", "storage") ?? "0";
  return [
    ...same(fixed(spec, bound), fixed(before, bound)) ? none : [forbiddenValue("spec", why)],
    ...isMore(sizeOf(before), sizeOf(spec)) && !isMore(sizeOf(spec), has)
      ? [forbiddenValue("spec.resources.requests.storage", "field can not be less than status.capacity")]
      : none,
    // Said once more, and without the `spec`, as the original does.
    ...spec.volumeMode === before.volumeMode
      ? none
      : [invalidValue("volumeMode", spec.volumeMode, "field is immutable")],
  ];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

const otherVolumeFields = [
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
];

export function volumeErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  const { accessModes, capacity, persistentVolumeReclaimPolicy: policy } = spec;
  const sources = Object.keys(spec).filter((name) => !otherVolumeFields.includes(name));
  const { hostPath } = spec;
  const sourceOf = (volume: JsonObject) =>
    Object.fromEntries(
      Object.entries(objectOf(volume.spec)).filter(([name]) => !otherVolumeFields.includes(name)),
    );
  return [
    ...listOf(accessModes).length === 0
      ? [requiredValue("spec.accessModes")]
      : listOf(accessModes).flatMap((mode) => oneOf("spec.accessModes", mode, modes)),
    ...Object.keys(objectOf(capacity)).length === 0
      ? [requiredValue("spec.capacity"), unsupportedValue("spec.capacity", capacity ?? null, ["storage"])]
      : quantity("spec.capacity[storage]", at(capacity, "storage"), { positive: true }),
    ...oneOf("spec.persistentVolumeReclaimPolicy", policy, ["Delete", "Recycle", "Retain"]),
    ...isObject(hostPath) ? hostPathErrors(hostPath, "spec.hostPath") : none,
    ...sources.length === 0 ? [requiredValue("spec", "must specify a volume type")] : none,
    ...policy === "Recycle" && at(hostPath, "path") === "/"
      ? [
        forbiddenValue(
          "spec.persistentVolumeReclaimPolicy",
          "may not be 'recycle' for a hostPath mount of '/'",
        ),
      ]
      : none,
    ...old === undefined || equalJson(sourceOf(object), sourceOf(old)) ? none : [
      forbiddenValue(
        "spec.persistentvolumesource",
        "spec.persistentvolumesource is immutable after creation",
      ),
    ],
  ];
}

export function storageClassErrors(object: JsonObject, old?: JsonObject): Errors {
  const { provisioner, reclaimPolicy, volumeBindingMode, parameters } = object;
  const fixed = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"];
  if (old !== undefined) {
    return fixed.filter((name) => !equalJson(object[name], old[name])).map((name) =>
      forbiddenValue(name, `updates to ${name} are forbidden.`)
    );
  }
  return [
    ...provisioner === undefined || provisioner === ""
      ? [requiredValue("provisioner")]
      : qualifiedName("provisioner", String(provisioner).toLowerCase()),
    ...Object.hasOwn(objectOf(parameters), "")
      ? [invalidValue("parameters", "", "field can not be empty.")]
      : none,
    ...oneOf("reclaimPolicy", reclaimPolicy, ["Delete", "Retain"]),
    ...oneOf("volumeBindingMode", volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
  ];
}
