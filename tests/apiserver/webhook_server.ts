/** Webhooks of the conversations: what one does is in its path. */
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { isObject, type JsonObject } from "../../lib/apiserver/json.ts";

export interface Webhooks extends AsyncDisposable {
  /** What stands for them in a conversation, with what it stands for. */
  readonly places: Readonly<Record<string, string>>;
}

export function startWebhooks(): Webhooks {
  const authority = new CertificateAuthority("webhooks");
  const { certificate: cert, key } = authority.forServer(["127.0.0.1"]);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} }, answer);
  return {
    places: {
      $webhooks: `https://127.0.0.1:${server.addr.port}`,
      $bundle: btoa(authority.certificate),
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const { request: asked } = await request.json() as { request: JsonObject };
  if (pathname === "/slow") {
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
  }
  if (pathname === "/garbage") return new Response("nonsense");
  if (pathname === "/error") return new Response("out of order", { status: 500 });
  if (pathname === "/missing") return new Response("nothing here", { status: 404 });
  const response = { uid: asked.uid, ...responses[pathname]?.(asked) };
  const type = pathname === "/wrong-kind"
    ? { apiVersion: "admission.k8s.io/v2", kind: "AdmissionReview" }
    : { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };
  return Response.json(pathname === "/no-response" ? type : { ...type, response });
}

const patching = (...operations: JsonObject[]) => ({
  allowed: true,
  patchType: "JSONPatch",
  patch: btoa(JSON.stringify(operations)),
});

const responses: Readonly<Record<string, (asked: JsonObject) => JsonObject>> = {
  "/allow": () => ({ allowed: true }),
  "/deny": () => ({ allowed: false, status: { code: 403, reason: "Forbidden", message: "not like that" } }),
  "/deny-plain": () => ({ allowed: false }),
  "/deny-reason": () => ({
    allowed: false,
    status: { code: 200, status: "Success", reason: "TooLate", details: { causes: [{ field: "data" }] } },
  }),
  "/warn": () => ({ allowed: true, warnings: ["mind the gap", "and the step"] }),
  "/patch": () =>
    patching(
      { op: "add", path: "/metadata/annotations", value: { patched: "yes" } },
      { op: "add", path: "/nonsense", value: 1 },
    ),
  "/patch-spec": () =>
    patching({ op: "add", path: "/spec/replicas", value: 7 }, { op: "add", path: "/spec/odd", value: 1 }),
  "/patch-wrongly": () => patching({ op: "add", path: "/spec/replicas", value: 70 }),
  "/patch-nowhere": () => patching({ op: "add", path: "/no/such/place", value: 1 }),
  "/patch-nothing": () => patching(),
  "/undecodable": () => ({ allowed: true, patchType: "JSONPatch", patch: btoa("x") }),
  "/untyped-patch": () => ({ allowed: true, patch: btoa("[]") }),
  "/typed-nothing": () => ({ allowed: true, patchType: "JSONPatch" }),
  "/wrong-type": () => ({ allowed: true, patchType: "Merge", patch: btoa("{}") }),
  "/wrong-uid": () => ({ uid: "another", allowed: true }),
  // Adds one to a count, so that it can be seen how often it was asked.
  "/count": ({ object }) => {
    const { labels = {} } = (object as { metadata: { labels?: Record<string, string> } }).metadata;
    return patching({
      op: "add",
      path: "/metadata/labels/count",
      value: String(Number(labels.count ?? 0) + 1),
    });
  },
  "/echo": (asked) => ({ allowed: false, status: { code: 418, message: JSON.stringify(sorted(asked)) } }),
};

/** A value with its keys in order, without what is told of the user by one server only. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const { extra: _, ...known } = value;
  const entries = Object.entries(known).map(([key, item]): [string, unknown] => [key, sorted(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}
