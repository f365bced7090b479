/** What the query and the headers of a write say. */
import { invalidOptions } from "./option_errors.ts";
import type { JsonObject } from "../json.ts";
import { badRequest } from "../status.ts";
import { type FieldError, tooLong, unsupportedValue } from "../schema/field_error.ts";
import type { Request } from "../request.ts";
import { administrator, type UserInfo } from "../user.ts";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
  readonly force: boolean;
  readonly user: UserInfo;
  /** Of this, what the request says itself. */
  readonly said: JsonObject;
  /** What the request leaves to the server of metadata that it then keeps. */
  readonly unsaid?: readonly string[];
  /** What whoever asks is warned of; grows while the request is answered. */
  readonly warnings: string[];
}

type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions";

/** @throws Refusal if one of them is wrong */
export function writeOptions(
  { query, userAgent, user = administrator }: Request,
  kind: OptionsKind,
): WriteOptions {
  const dryRun = query.getAll("dryRun");
  const manager = query.get("fieldManager") ?? "";
  const validation = query.get("fieldValidation") ?? "";
  const errors = [
    ...dryRunErrors(dryRun),
    ...manager.length > 128 && [...manager].length > 128 ? [tooLong("fieldManager", 128)] : [],
    ...unprintable(manager) ? [unprintableError(manager)] : [],
    ...["", "Strict", "Warn", "Ignore"].includes(validation)
      ? []
      : [unsupportedValue("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"])],
  ];
  const force = flag(query, "force");
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: dryRun.length > 0 && dryRun[0] !== "",
    manager: manager || defaultManager(userAgent),
    fieldValidation: (validation || "Warn") as WriteOptions["fieldValidation"],
    force,
    user,
    said: {
      ...(dryRun.length > 0 ? { dryRun } : {}),
      ...(manager === "" ? {} : { fieldManager: manager }),
      ...(validation === "" ? {} : { fieldValidation: validation }),
    },
    warnings: [],
  };
}

export function dryRunErrors(dryRun: readonly string[]) {
  const bad = dryRun.find((value) => value !== "All" && value !== "");
  return bad === undefined ? [] : [unsupportedValue("dryRun", dryRun, ["All"])];
}

/** A switch in a query, as Go reads it. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === "0" || value.toLowerCase() === "false") return false;
  if (value === "" || value === "1" || value.toLowerCase() === "true") return true;
  throw badRequest(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** Who writes, where nobody says: the program's name. */
function defaultManager(userAgent = "unknown"): string {
  return userAgent.split("/")[0].slice(0, 128);
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;

function unprintable(text: string): boolean {
  return controlCharacter.test(text);
}

/** Quoted as Go quotes it. */
function unprintableError(manager: string): FieldError {
  const at = controlCharacter.exec(manager)!.index;
  const code = (manager.charCodeAt(at)).toString(16).padStart(2, "0");
  const shown = JSON.stringify(manager).replace(/\\u00([0-9a-f]{2})/g, "\\x$1");
  const why = `invalid character U+00${code.toUpperCase()} (at position ${at})`;
  return { type: "FieldValueInvalid", field: "fieldManager", detail: `Invalid value: ${shown}: ${why}` };
}
