/**
 * A conversation with an API server: requests in order, each of which may use what earlier ones were answered. The same
 * conversation is held with the real API server (whose answers are kept) and with ours (whose answers are compared).
 */

export interface Row {
  /** `METHOD /path?query`. `$ns` is the conversation's own namespace; `$(a.metadata.uid)` is out of the answer named `a`. */
  readonly request: string;
  /** Sent as JSON; text is sent as it is. What is in it is replaced as in `request`. */
  readonly body?: unknown;
  /** Content type of the body; `application/json` unless said. */
  readonly type?: string;
  readonly accept?: string;
  /** Who asks; unless said, an administrator. `$ns` is replaced in the name. */
  readonly who?: { readonly user: string; readonly groups?: readonly string[] };
  /** Name of the answer for later rows. */
  readonly as?: string;
  /** Asked again until it is answered with this code: for what the server does in its own time. Only this answer is kept. */
  readonly until?: number;
  /** Milliseconds that pass before: for what follows the row before by itself. */
  readonly pause?: number;
  /** The answer is a stream: so many lines of it are read. */
  readonly lines?: number;
}

export interface Conversation {
  readonly name: string;
  /** Held while no controller runs that would act on what is made. */
  readonly alone?: true;
  readonly rows: readonly Row[];
}

/** What came back, before it is normalised. */
export interface RawAnswer {
  readonly code: number;
  /** JSON, or the text where it is none; a list of events where lines were asked for. */
  readonly body: unknown;
  readonly warnings: readonly string[];
}

export interface SentRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  readonly accept?: string;
  readonly who?: { readonly user: string; readonly groups?: readonly string[] };
  readonly lines?: number;
}

export type Send = (request: SentRequest) => Promise<RawAnswer>;

/** An answer without what differs from run to run. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly warnings?: readonly string[];
}

const realPause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * Holds a conversation and gives the normalised answers, one a row.
 *
 * @param places what else is replaced in rows, as `$ns` is, and taken out of the answers again
 * @param pause lets time pass for the server
 */
export async function hold(
  conversation: Conversation,
  send: Send,
  places: Readonly<Record<string, string>> = {},
  pause: (milliseconds: number) => void | Promise<void> = realPause,
): Promise<Answer[]> {
  const namespace = `c-${conversation.name}`;
  await send({ method: "POST", path: "/api/v1/namespaces", body: namespaceBody(namespace) });
  const named = new Map<string, unknown>();
  const answers: Answer[] = [];
  const seen = new Normaliser(places);
  for (const row of conversation.rows) {
    const fill = (text: string) => filled(text, { $ns: namespace, ...places }, named);
    const [method, path] = fill(row.request).split(/ (.*)/s);
    const body = row.body === undefined
      ? undefined
      : fill(typeof row.body === "string" ? row.body : JSON.stringify(row.body));
    const who = row.who && { ...row.who, user: fill(row.who.user) };
    const request = { method, path, body, type: row.type, accept: row.accept, who, lines: row.lines };
    if (row.pause !== undefined) await pause(row.pause);
    let answer = await send(request);
    for (let tries = 0; row.until !== undefined && answer.code !== row.until && tries < 100; tries++) {
      await pause(100);
      answer = await send(request);
    }
    if (row.as !== undefined) named.set(row.as, answer.body);
    const warnings = answer.warnings.length > 0 ? { warnings: answer.warnings } : {};
    answers.push({ code: answer.code, body: seen.normal(answer.body), ...warnings });
  }
  return answers;
}

function namespaceBody(name: string): string {
  return JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

function filled(
  text: string,
  places: Readonly<Record<string, string>>,
  named: ReadonlyMap<string, unknown>,
): string {
  for (const [mark, place] of Object.entries(places)) text = text.replaceAll(mark, place);
  return text.replace(/\$\(([^.)]+)\.([^)]+)\)/g, (_, name, path: string) => {
    let at: unknown = named.get(name);
    for (const key of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
    return String(at);
  });
}

/** Replaces versions, identities, times and made-up names by marks that are equal where the original was equal. */
export class Normaliser {
  readonly #marks = new Map<string, string>();

  constructor(private readonly places: Readonly<Record<string, string>> = {}) {}

  normal(value: unknown): unknown {
    if (typeof value === "string") return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.normal(item));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => !unstable.includes(key)).map(
      ([key, item]): [string, unknown] => {
        if (key === "resourceVersion" && typeof item === "string") return [key, item === "" ? "" : "VERSION"];
        if (key === "continue" && typeof item === "string") return [key, item === "" ? "" : "TOKEN"];
        if (key === "cells") return [key, (item as unknown[]).map((cell) => this.normal(withoutAge(cell)))];
        return [this.#text(key), this.normal(item)];
      },
    ).sort(([a], [b]) => a < b ? -1 : 1);
    return inOrder(Object.fromEntries(entries));
  }

  #text(text: string): string {
    for (const [mark, place] of Object.entries(this.places)) text = text.replaceAll(place, mark);
    return text
      .replace(
        /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
        (uid) => this.#mark("UID", uid),
      )
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, "TIME")
      // The owners of fields in an object that a webhook quotes.
      .replace(/"managedFields":(\[.*?\])(?=,"name":)/g, (_, owners: string) => quoted(owners))
      .replace(/(made-)[a-z0-9]{5}\b/gi, "$1XXXXX")
      .replace(
        /(resource version: |resourceVersion: |resourceVersion: "|resourceVersion\\*":\\*")\d+/gi,
        "$1N",
      )
      .replace(/(in record \()\d+/, "$1N")
      .replace(/\(\d+\)$/, "(N)")
      .replace(/(, current: )\d+/, "$1N")
      .replace(/(kube-api-access-)[a-z0-9]{5}\b/g, "$1XXXXX")
      .replace(/\b10\.96\.(?!200\.200\b)\d+\.\d+/g, "10.96.N.N")
      .replace(/(Syntax error: )[^\n]*/g, "$1WORDS") // of the parser that is used
      .replace(/\n@@ .*/s, "") // a difference of the original's inner structures
      .replace(/(patch: )?Invalid value: "\{.*\}": /s, "$1Invalid value: OBJECT: ")
      .replace(/Invalid value: \{"(?:labels|Raw|Spec|Volumes)".*\}: /s, "Invalid value: OBJECT: ");
  }

  #mark(kind: string, original: string): string {
    let mark = this.#marks.get(original);
    if (mark === undefined) this.#marks.set(original, mark = `${kind}${this.#marks.size + 1}`);
    return mark;
  }
}

/** What is of the server's build or of who asks. */
const unstable = ["storageVersionHash", "serverAddressByClientCIDRs", "userInfo", "extra"];

/**
 * A cell that says how long ago something was: seconds since the conversation began, or days since a date that it
 * names. Which of the two says from which field the age was taken.
 */
function withoutAge(cell: unknown): unknown {
  if (typeof cell !== "string") return cell;
  if (/^\d+s$/.test(cell)) return "AGE";
  return /^(\d+d|\d+y(\d+d)?)$/.test(cell) ? "DAYS" : cell;
}

/**
 * Puts in order what the original gives in any order: the causes of a refusal and the limits that a pod breaks, found
 * by walking maps; rules of roles that are not sorted; the owners of fields, sorted by the second in which they wrote;
 * the resources of a group that definitions serve.
 */
function inOrder(object: Record<string, unknown>): Record<string, unknown> {
  const { details, message, managedFields, resourceRules, nonResourceRules, groupVersion, resources } =
    object as {
      details?: { causes?: { message?: string; field?: string }[] };
      message?: string;
      managedFields?: unknown[];
      resourceRules?: unknown[];
      nonResourceRules?: unknown[];
      groupVersion?: string;
      resources?: { name: string }[];
    };
  if (groupVersion?.startsWith("conversation.test/") && resources !== undefined) {
    return { ...object, resources: byName(resources) };
  }
  if (resourceRules !== undefined && nonResourceRules !== undefined) {
    return { ...object, resourceRules: sorted(resourceRules), nonResourceRules: sorted(nonResourceRules) };
  }
  if (Array.isArray(managedFields)) return { ...object, managedFields: sorted(managedFields) };
  const causes = details?.causes;
  if (causes === undefined && message !== undefined) return { ...object, message: inOneOrder(message) };
  if (causes === undefined || causes.length < 2 || message === undefined) return object;
  const list = message.indexOf(": [");
  const said = list < 0 ? message : `${message.slice(0, list)}: [${causes.length} causes]`;
  return { ...object, message: said, details: { ...details, causes: sorted(causes) } };
}

/**
 * A refusal by limits, `is forbidden: [maximum cpu … is 3, maximum memory … is 4097Mi]`, or by rights of which some
 * could not be read, `RBAC: [role "a" not found, clusterrole "b" not found]`, with its parts sorted.
 */
function inOneOrder(message: string): string {
  return message.replace(
    /((?:is forbidden|RBAC): \[)(.*)(\])$/,
    (_, before, parts: string, after) =>
      before + parts.split(/, (?=m(?:ax|in)imum |(?:cluster)?role)/).sort().join(", ") + after,
  );
}

function sorted(items: readonly unknown[]): unknown[] {
  const text = (item: unknown) => {
    const { manager, operation, subresource } = item as Record<string, unknown>;
    return manager === undefined ? JSON.stringify(item) : `${manager} ${operation} ${subresource ?? ""}`;
  };
  return [...items].sort((a, b) => text(a) < text(b) ? -1 : 1);
}

function quoted(owners: string): string {
  return `"managedFields":${JSON.stringify(sorted(JSON.parse(owners)))}`;
}

function byName(resources: readonly { name: string }[]): unknown[] {
  return [...resources].sort((a, b) => a.name < b.name ? -1 : 1);
}
