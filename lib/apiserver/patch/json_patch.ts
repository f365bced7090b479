/**
 * JSON patch (RFC 6902) as the API server understands it: an index may count from the end (`-1` is the last item), and a test
 * for null also holds where nothing is.
 */
import { equalJson } from "../../kube/json/equal.ts";
import { isObject, type JsonObject, thawed } from "../json.ts";
import { PatchError } from "./patch_error.ts";

interface Operation {
  readonly op?: string;
  readonly path?: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Applies all operations to a copy. @throws PatchError if one of them does not apply */
export function jsonPatch(object: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    const type = isObject(operations) ? "object" : typeof operations;
    throw new PatchError(`json: cannot unmarshal ${type} into Go value of type jsonpatch.Patch`, true);
  }
  return operations.reduce(operate, thawed(object));
}

/** @returns the document, which is another one where all of it is replaced */
function operate(document: unknown, operation: Operation): unknown {
  switch (operation.op) {
    case "add":
      placeOf(document, pathOf(operation), "add operation does not apply: doc is missing path: %q")
        .add(valueOf(operation), `error in add for path: '${operation.path}'`);
      return document;
    case "remove":
      placeOf(document, pathOf(operation), "remove operation does not apply: doc is missing path: %q")
        .remove(`error in remove for path: '${operation.path}'`);
      return document;
    case "replace":
      return replace(document, operation);
    case "move": {
      const from = placeOf(
        document,
        fromOf(operation),
        "move operation does not apply: doc is missing from path: %s",
      );
      const value = from.remove(`error in move for path: '${from.key}'`);
      placeOf(
        document,
        pathOf(operation),
        "move operation does not apply: doc is missing destination path: %s",
      )
        .add(value, `error in move for path: '${operation.path}'`);
      return document;
    }
    case "copy": {
      const from = placeOf(
        document,
        fromOf(operation),
        "copy operation does not apply: doc is missing from path: %s",
      );
      const value = thawed(from.get(`error in copy for from: '${operation.from}'`) ?? null);
      placeOf(
        document,
        pathOf(operation),
        "copy operation does not apply: doc is missing destination path: %s",
      )
        .add(value, "error while adding value during copy");
      return document;
    }
    case "test":
      test(document, operation);
      return document;
    default:
      throw new PatchError(`Unexpected kind: ${operation.op ?? "unknown"}`);
  }
}

function replace(document: unknown, operation: Operation): unknown {
  const path = pathOf(operation);
  const value = valueOf(operation);
  if (path === "") {
    if (!isObject(value) && !Array.isArray(value)) {
      throw new PatchError("replace operation value must be object or array: %!w(<nil>)");
    }
    return value;
  }
  const place = placeOf(document, path, "replace operation does not apply: doc is missing path: %s");
  // Of an object a member may be missing: the original adds it.
  if (Array.isArray(place.holder) && !place.has()) {
    throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  place.set(value);
  return document;
}

function test(document: unknown, operation: Operation): void {
  const path = pathOf(operation);
  const found = path === ""
    ? document
    : placeOf(document, path, "test operation does not apply: is missing path: %s")
      .get(`error in test for path: '${path}'`);
  if (!equalJson(found ?? null, operation.value ?? null)) {
    throw new PatchError(`testing value ${path} failed: test failed`);
  }
}

function pathOf({ op, path }: Operation): string {
  if (typeof path === "string") return path;
  const why = op === "add" || op === "remove" || op === "copy" ? "" : "operation missing path field: ";
  throw new PatchError(`${op} operation failed to decode path: ${why}missing value`);
}

function fromOf({ op, from }: Operation): string {
  if (typeof from === "string") return from;
  throw new PatchError(`${op} operation failed to decode from: operation, missing from field: missing value`);
}

/** The value of an operation, for the document alone. */
function valueOf({ value }: Operation): unknown {
  return value === undefined ? null : thawed(value);
}

/** @param problem what to say where nothing can be: `%q` is the path in quotes, `%s` without */
function placeOf(document: unknown, path: string, problem: string): Place {
  const steps = path.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  let holder = steps.length < 2 ? undefined : document;
  for (const step of steps.slice(1, -1)) {
    holder = Array.isArray(holder) ? holder[indexOf(holder, step) ?? -1] : memberOf(holder, step);
  }
  if (isObject(holder) || Array.isArray(holder)) return new Place(holder, steps[steps.length - 1]);
  throw new PatchError(
    `${problem.replace("%q", () => `"${path}"`).replace("%s", () => path)}: missing value`,
  );
}

function memberOf(holder: unknown, key: string): unknown {
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

/** The index that a step names in a list that holds so many; undefined where it names none. */
function indexOf({ length }: { readonly length: number }, step: string): number | undefined {
  if (!/^[+-]?\d+$/.test(step)) return undefined;
  const index = Number(step);
  const counted = index < 0 ? index + length : index;
  return counted >= 0 && counted < length ? counted : undefined;
}

/** A member of an object or an item of a list. */
class Place {
  constructor(readonly holder: JsonObject | unknown[], readonly key: string) {}

  has(): boolean {
    if (Array.isArray(this.holder)) return indexOf(this.holder, this.key) !== undefined;
    return memberOf(this.holder, this.key) !== undefined;
  }

  get(context: string): unknown {
    if (!Array.isArray(this.holder)) return memberOf(this.holder, this.key);
    return this.holder[this.#index(context)];
  }

  set(value: unknown): void {
    if (Array.isArray(this.holder)) this.holder[this.#index("")] = value;
    else this.holder[this.key] = value;
  }

  add(value: unknown, context: string): void {
    if (!Array.isArray(this.holder)) this.holder[this.key] = value;
    else if (this.key === "-") this.holder.push(value);
    else this.holder.splice(this.#index(context, 1), 0, value);
  }

  remove(context: string): unknown {
    if (Array.isArray(this.holder)) return this.holder.splice(this.#index(context), 1)[0];
    if (!this.has()) {
      throw new PatchError(`${context}: Unable to remove nonexistent key: ${this.key}: missing value`);
    }
    const value = this.holder[this.key];
    delete this.holder[this.key];
    return value;
  }

  /** @param more how many places more than items there are */
  #index(context: string, more = 0): number {
    const index = indexOf({ length: (this.holder as unknown[]).length + more }, this.key);
    if (index !== undefined) return index;
    const problem = /^[+-]?\d+$/.test(this.key)
      ? `Unable to access invalid index: ${Number(this.key)}: invalid index referenced`
      : `${
        more === 1 ? `value was not a proper array index: '${this.key}': ` : ""
      }strconv.Atoi: parsing "${this.key}": invalid syntax`;
    throw new PatchError(`${context}: ${problem}`);
  }
}
