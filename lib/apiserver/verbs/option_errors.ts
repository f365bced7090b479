import { Refusal } from "../status.ts";
import type { FieldError } from "../schema/field_error.ts";

/** The options of a request break their rules: worded as of an object of the kind `ListOptions` and the like. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): Refusal {
  const causes = errors.map(({ type, field, detail }) => ({ reason: type, message: detail, field }));
  const said = errors.map(({ field, detail }) => `${field}: ${detail}`);
  const list = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  return new Refusal(422, "Invalid", `${kind}.meta.k8s.io "" is invalid: ${list}`, {
    group: "meta.k8s.io",
    kind,
    causes,
  });
}
