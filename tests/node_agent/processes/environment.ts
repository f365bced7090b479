/** What a kubelet makes of a container's `env`: values from elsewhere, and references to other variables. */

/** Reads what a pod refers to; undefined where the object is not there. */
export interface References {
  secret(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The value of a field of the pod, such as `metadata.name` or `status.podIP`. */
  field(path: string): string | undefined;
}

interface KeyReference {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** An entry of a container's `env`. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyReference;
    readonly configMapKeyRef?: KeyReference;
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/** A container cannot be made as its configuration stands; the message is the kubelet's kind of message. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * The environment of a container: `base` under its own entries, in their order.
 *
 * @throws ConfigError where a Secret, a ConfigMap or a key that is not optional is missing
 */
export async function environmentOf(
  variables: readonly Variable[],
  references: References,
  base: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const env: Record<string, string> = { ...base };
  for (const variable of variables) {
    const value = await valueOf(variable, references, env);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

async function valueOf(
  { value = "", valueFrom }: Variable,
  references: References,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (valueFrom?.fieldRef !== undefined) return references.field(valueFrom.fieldRef.fieldPath);
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  if (secretKeyRef !== undefined) {
    return await keyOf("secret", secretKeyRef, (name) => references.secret(name));
  }
  if (configMapKeyRef !== undefined) {
    return await keyOf("configmap", configMapKeyRef, (name) => references.configMap(name));
  }
  return expanded(value, env);
}

async function keyOf(
  kind: string,
  { name = "", key, optional = false }: KeyReference,
  read: (name: string) => Promise<Readonly<Record<string, string>> | undefined>,
): Promise<string | undefined> {
  const data = await read(name);
  const value = data?.[key];
  if (value !== undefined || optional) return value;
  throw new ConfigError(
    data === undefined ? `${kind} "${name}" not found` : `couldn't find key ${key} in ${kind} ${name}`,
  );
}

/** With each `$(NAME)` of a variable that is known replaced; `$$` stands for a plain `$`. */
export function expanded(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name) => {
    if (found === "$$") return "$";
    return Object.hasOwn(env, name) ? env[name] : found;
  });
}
