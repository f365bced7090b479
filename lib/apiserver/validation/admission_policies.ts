/** What is refused of policies in CEL and of their bindings. */
import { compileProblem } from "../cel/expression.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";
import {
  duplicate,
  each,
  type Errors,
  listOf,
  none,
  objectOf,
  oneOf,
  present,
  qualifiedName,
  selector,
  subdomain,
} from "./values.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

export function validatingPolicyErrors({ spec }: JsonObject): Errors {
  const {
    failurePolicy,
    paramKind,
    matchConstraints,
    matchConditions,
    variables,
    validations,
    auditAnnotations,
  } = objectOf(spec);
  const nothing = listOf(validations).length === 0 && listOf(auditAnnotations).length === 0;
  const neither = "validations or auditAnnotations must contain at least one item";
  return [
    ...oneOf("spec.failurePolicy", failurePolicy, ["Fail", "Ignore"], false),
    ...isObject(paramKind)
      ? ["apiVersion", "kind"].flatMap((name) => present(`spec.paramKind.${name}`, paramKind[name]))
      : none,
    ...present("spec.matchConstraints", matchConstraints),
    ...resourcesErrors("spec.matchConstraints", matchConstraints),
    ...isObject(matchConstraints)
      ? present("spec.matchConstraints.resourceRules", matchConstraints.resourceRules)
      : none,
    ...conditionErrors("spec.matchConditions", matchConditions),
    ...each("spec.variables", variables, ({ name, expression }, path) => [
      ...!name
        ? [requiredValue(`${path}.name`, "name is not specified")]
        : /^[_a-zA-Z]\w*$/.test(String(name))
        ? none
        : [invalidValue(`${path}.name`, name, "must be a valid CEL identifier")],
      ...expressionErrors(`${path}.expression`, expression, "expression is not specified"),
    ]),
    ...nothing
      ? [requiredValue("spec.validations", neither), requiredValue("spec.auditAnnotations", neither)]
      : each("spec.validations", validations, validationErrors),
  ];
}

/** @param conditions on which a policy or a webhook is asked at all */
export function conditionErrors(place: string, conditions: unknown): Errors {
  return each(place, conditions, ({ name, expression }, path, i) => [
    ...expressionErrors(`${path}.expression`, expression),
    ...name ? qualifiedName(`${path}.name`, name) : present(`${path}.name`, name),
    ...name && listOf(conditions).findIndex((other) => other.name === name) < i
      ? [duplicate(`${path}.name`, name)]
      : none,
  ]);
}

function expressionErrors(path: string, expression: unknown, missing = ""): Errors {
  const text = String(expression ?? "");
  if (text.trim() === "") return [requiredValue(path, missing)];
  const problem = compileProblem(text);
  return problem === undefined ? none : [invalidValue(path, text, `compilation failed: ${problem}`)];
}

function validationErrors(validation: JsonObject, path: string): Errors {
  const { expression, message, messageExpression, reason } = validation;
  const blank = (text: unknown) => typeof text === "string" && text !== "" && text.trim() === "";
  const found: FieldError[] = [
    ...expressionErrors(`${path}.expression`, expression, "expression is not specified"),
  ];
  if (blank(messageExpression)) {
    found.push(
      invalidValue(`${path}.messageExpression`, messageExpression, "must be non-empty if specified"),
    );
  } else if (messageExpression) {
    found.push(...expressionErrors(`${path}.messageExpression`, messageExpression));
  }
  if (blank(message)) found.push(invalidValue(`${path}.message`, message, "must be non-empty if specified"));
  else if (String(message ?? "").trim().includes("\n")) {
    found.push(invalidValue(`${path}.message`, message, "must not contain line breaks"));
  }
  return [...found, ...oneOf(`${path}.reason`, reason, reasons)];
}

function resourcesErrors(path: string, resources: unknown): Errors {
  if (!isObject(resources)) return none;
  return [
    ...oneOf(`${path}.matchPolicy`, resources.matchPolicy, ["Equivalent", "Exact"], false),
    ...selector(`${path}.namespaceSelector`, resources.namespaceSelector),
    ...selector(`${path}.objectSelector`, resources.objectSelector),
    ...["resourceRules", "excludeResourceRules"].flatMap((name) =>
      each(`${path}.${name}`, resources[name], ruleErrors)
    ),
  ];
}

/** What is wrong with a rule on which requests something is asked about. */
export function ruleErrors(rule: JsonObject, path: string): Errors {
  return [
    ...present(`${path}.operations`, rule.operations),
    ...listOf(rule.operations).flatMap((each, i) => oneOf(`${path}.operations[${i}]`, each, operations)),
    ...present(`${path}.apiGroups`, rule.apiGroups),
    ...present(`${path}.apiVersions`, rule.apiVersions),
    ...present(`${path}.resources`, rule.resources),
    ...oneOf(`${path}.scope`, rule.scope, ["*", "Cluster", "Namespaced"]),
  ];
}

export function policyBindingErrors({ spec }: JsonObject): Errors {
  const { policyName, paramRef, matchResources, validationActions } = objectOf(spec);
  return [
    ...policyName ? subdomain("spec.policyName", policyName) : present("spec.policyName", policyName),
    ...isObject(paramRef) ? referenceErrors(paramRef) : none,
    ...resourcesErrors("spec.matchResources", matchResources),
    ...actionsErrors(listOf(validationActions).map(String)),
  ];
}

function referenceErrors({ name, selector: chosen, parameterNotFoundAction }: JsonObject): Errors {
  const path = "spec.paramRef";
  const both = Boolean(name) && chosen !== undefined;
  const why = "name and selector are mutually exclusive";
  return [
    ...both ? [forbiddenValue(`${path}.name`, why)] : none,
    ...selector(`${path}.selector`, chosen),
    ...both ? [forbiddenValue(`${path}.selector`, why)] : none,
    ...!name && chosen === undefined
      ? [requiredValue(path, "one of name or selector must be specified")]
      : none,
    ...oneOf(`${path}.parameterNotFoundAction`, parameterNotFoundAction, ["Deny", "Allow"], false),
  ];
}

function actionsErrors(actions: readonly string[]): Errors {
  const path = "spec.validationActions";
  const found = actions.flatMap((action, i) => [
    ...oneOf(`${path}[${i}]`, action, ["Audit", "Deny", "Warn"]),
    ...actions.indexOf(action) < i ? [duplicate(`${path}[${i}]`, action)] : none,
  ]);
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API " +
      "response and headers serves no purpose)";
    found.push(invalidValue(path, actions, why));
  }
  if (actions.length === 0) found.push(requiredValue(path, "at least one validation action is required"));
  return found;
}
