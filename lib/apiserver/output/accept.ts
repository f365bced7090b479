/** What a client wants to read: JSON or YAML, and in which shape. */
import { Refusal } from "../status.ts";

export interface Wanted {
  readonly format: "json" | "yaml";
  /** `Table`, `PartialObjectMetadata`, `APIGroupDiscoveryList` …; undefined for the object itself. */
  readonly as?: string;
  /** The version of that shape. */
  readonly version?: string;
}

const representations = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

const anything: Wanted = { format: "json" };

/**
 * The first that can be given of what a client names.
 * @param shapes what can be asked for besides the object itself
 * @throws Refusal 406
 */
export function wantedOf(accept: string | undefined, shapes: readonly string[] = []): Wanted {
  if (accept === undefined) return anything;
  for (const item of accept.split(",")) {
    const [type, ...rest] = item.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => part.split("=", 2) as [string, string]));
    const format = type === "application/yaml"
      ? "yaml"
      : ["application/json", "*/*", "application/*"].includes(type)
      ? "json"
      : undefined;
    const as = parameters.get("as");
    if (format === undefined || as !== undefined && !shapes.includes(as)) continue;
    return { format, as, version: parameters.get("v") };
  }
  const message = `406: Not Acceptable\n\nAvailable representations: ${representations.join(", ")}`;
  throw new Refusal(406, "NotAcceptable", message, {});
}
