/** What is refused of configurations of webhooks. */
import { isObject, type JsonObject } from "../json.ts";
import { type FieldError, invalidValue, requiredValue } from "../schema/field_error.ts";
import { conditionErrors, ruleErrors } from "./admission_policies.ts";
import {
  duplicate,
  each,
  type Errors,
  listOf,
  none,
  objectOf,
  oneOf,
  port,
  present,
  selector,
  subdomain,
} from "./values.ts";

const reviewVersions = ["v1", "v1beta1"];
const sideEffects = ["None", "NoneOnDryRun"];

export function webhookErrors({ webhooks }: JsonObject): Errors {
  return each("webhooks", webhooks, (hook, path, i) => [
    ...hookErrors(hook, path),
    ...versionErrors(`${path}.admissionReviewVersions`, listOf(hook.admissionReviewVersions)),
    ...hook.name && listOf(webhooks).findIndex(({ name }) => name === hook.name) < i
      ? [duplicate(`${path}.name`, hook.name)]
      : none,
  ]);
}

function hookErrors(hook: JsonObject, path: string): Errors {
  const { timeoutSeconds } = hook as { timeoutSeconds?: number };
  return [
    ...fullName(`${path}.name`, String(hook.name ?? "")),
    ...each(`${path}.rules`, hook.rules, ruleErrors),
    ...oneOf(`${path}.failurePolicy`, hook.failurePolicy, ["Fail", "Ignore"]),
    ...oneOf(`${path}.matchPolicy`, hook.matchPolicy, ["Equivalent", "Exact"]),
    ...!hook.sideEffects
      ? [requiredValue(`${path}.sideEffects`, `must specify one of ${sideEffects.join(", ")}`)]
      : oneOf(`${path}.sideEffects`, hook.sideEffects, sideEffects, false),
    ...timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)
      ? [
        invalidValue(
          `${path}.timeoutSeconds`,
          timeoutSeconds,
          "the timeout value must be between 1 and 30 seconds",
        ),
      ]
      : none,
    ...selector(`${path}.namespaceSelector`, hook.namespaceSelector),
    ...selector(`${path}.objectSelector`, hook.objectSelector),
    ...oneOf(`${path}.reinvocationPolicy`, hook.reinvocationPolicy, ["IfNeeded", "Never"]),
    ...addressErrors(`${path}.clientConfig`, objectOf(hook.clientConfig)),
    ...conditionErrors(`${path}.matchConditions`, hook.matchConditions),
  ];
}

/** A name of at least three parts. */
function fullName(path: string, name: string): Errors {
  if (name === "") return [requiredValue(path)];
  const errors = subdomain(path, name);
  if (errors.length > 0 || name.split(".").length >= 3) return errors;
  return [invalidValue(path, name, "should be a domain with at least three segments separated by dots")];
}

function versionErrors(path: string, versions: readonly unknown[]): Errors {
  if (versions.length === 0) {
    return [requiredValue(path, `must specify one of ${reviewVersions.join(", ")}`)];
  }
  if (versions.some((version) => reviewVersions.includes(String(version)))) return none;
  return [invalidValue(path, versions, `must include at least one of ${reviewVersions.join(", ")}`)];
}

function addressErrors(path: string, { url, service }: JsonObject): Errors {
  const [hasUrl, hasService] = [url !== undefined, isObject(service)];
  if (hasUrl === hasService) return [requiredValue(path, "exactly one of url or service is required")];
  if (hasUrl) return urlErrors(`${path}.url`, String(url));
  const { name, namespace, port: number } = objectOf(service);
  const wrong = port(`${path}.service.port`, number).length > 0;
  return [
    // The original mistakes one for the other.
    ...present(`${path}.service.namespace`, name),
    ...present(`${path}.service.name`, namespace),
    ...wrong
      ? [
        invalidValue(
          `${path}.service.port`,
          number,
          "port is not valid: must be between 1 and 65535, inclusive",
        ),
      ]
      : none,
  ];
}

function urlErrors(path: string, text: string): Errors {
  const [, scheme = "", , user, host = "", , query = "", fragment = ""] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(\/\/(?:([^@/?#]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(
      text,
    ) ??
      [];
  const form = "; desired format: https://host[/path]";
  const found: FieldError[] = [];
  const bad = (value: string, why: string) => found.push(invalidValue(path, value, why));
  if (scheme !== "https") bad(scheme, `'https' is the only allowed URL scheme${form}`);
  if (host === "") bad(host, `host must be specified${form}`);
  if (user !== undefined) bad(user, "user information is not permitted in the URL");
  if (fragment !== "") bad(fragment, "fragments are not permitted in the URL");
  if (query !== "") bad(query, "query parameters are not permitted in the URL");
  return found;
}
