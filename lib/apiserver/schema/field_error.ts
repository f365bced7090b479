/** What is wrong with one field. */
export interface FieldError {
  readonly type:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueNotSupported"
    | "FieldValueDuplicate"
    | "FieldValueForbidden"
    | "FieldValueNotFound"
    | "FieldValueTooLong"
    | "FieldValueTooMany"
    | "FieldValueTypeInvalid"
    | "InternalError";
  readonly field: string;
  /** The words after the field's name, e.g. `Invalid value: "x": must be short`. */
  readonly detail: string;
}

/** A value as messages quote it. */
export function quoted(value: unknown): string {
  return value === undefined ? "null" : JSON.stringify(value);
}

export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { type: "FieldValueInvalid", field, detail: `Invalid value: ${quoted(value)}: ${why}` };
}

export function requiredValue(field: string, why = ""): FieldError {
  return { type: "FieldValueRequired", field, detail: `Required value${why === "" ? "" : `: ${why}`}` };
}

export function forbiddenValue(field: string, why: string): FieldError {
  return { type: "FieldValueForbidden", field, detail: `Forbidden: ${why}` };
}

export function tooLong(field: string, limit: number, unit = "bytes"): FieldError {
  return { type: "FieldValueTooLong", field, detail: `Too long: may not be more than ${limit} ${unit}` };
}

export function unsupportedValue(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const list = supported.map((each) => JSON.stringify(each)).join(", ");
  const detail = `Unsupported value: ${quoted(value)}: supported values: ${list}`;
  return { type: "FieldValueNotSupported", field, detail };
}
