/**
 * Paths as people read them, made from the path elements that `managedFields` uses:
 * `f:name` a field, `k:{…}` an item of a list-map, `v:…` a member of a set, `i:n` a position.
 */

/** One step on the way from the root of an object; rendered only when a difference is reported. */
export interface Step {
  readonly up: Step | undefined;
  readonly element: string;
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `.name`, `["app.kubernetes.io/name"]`, `[name=http,protocol=TCP]`, `[=finalizer]`, `[3]`. */
export function renderElement(element: string): string {
  const text = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return PLAIN_NAME.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
    case "k:":
      return `[${Object.entries(parse(text) as object).map(([k, v]) => `${k}=${bare(v)}`).join(",")}]`;
    case "v:":
      return `[=${bare(parse(text))}]`;
    default:
      return `[${text}]`;
  }
}

/** The whole path, `spec.predictor.minReplicas`; the root is the empty string. */
export function renderPath(step: Step | undefined): string {
  let path = "";
  for (let at = step; at !== undefined; at = at.up) path = renderElement(at.element) + path;
  return path.startsWith(".") ? path.slice(1) : path;
}

function bare(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
