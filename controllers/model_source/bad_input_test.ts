/** Whatever a user, or a registry, gets wrong: what the user then reads (issue "Model sources", bad input). */

import assert from "node:assert/strict";
import { type SourceListing, sourceListingSource } from "../../lib/facts/source_listing.ts";
import { ApiError } from "../../lib/kube/errors.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { connectError, FakeServer } from "../../lib/registry/server_fixture.ts";
import { pass, source, type Spec } from "./pass_fixture.ts";

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const tags = (...names: string[]) => json({ tags: names });
const page = () => new Response("<html>Sign in", { headers: { "content-type": "text/html; charset=utf-8" } });
const refused = () => new Response("{}", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } });

/** Registries with what their addresses answer, and an API server with these Secrets. */
function surroundings(
  answers: Readonly<Record<string, (authorization: string | null) => Response | Error>>,
  secrets: Record<string, unknown> = {},
) {
  const server = new FakeServer();
  for (const [url, answer] of Object.entries(answers)) {
    server.on(`https://${url}`, ({ authorization }) => answer(authorization));
  }
  const performRequest = ({ method, path }: { method: string; path: string }) => {
    const found = secrets[path.split("/").at(-1)!];
    const missing = { method, path, status: 404, reason: "NotFound", message: "not found" };
    return found === undefined ? Promise.reject(new ApiError(missing)) : Promise.resolve(found);
  };
  const looks = sourceListingSource(
    { performRequest } as unknown as Transport,
    server.lister,
    () => Promise.resolve([]),
    { now: () => server.now, random: () => 0.5, timeout: () => new AbortController().signal },
  );
  /** One look, and the pass on what it brought. */
  const look = async (spec: Spec, before?: SourceListing) => {
    const { question } = pass(source(spec));
    const listing = await looks.fetch(question!, new AbortController().signal, before);
    return { listing, ...pass(source(spec), { listing }) };
  };
  return { look, server };
}

interface Row {
  readonly name: string;
  readonly spec: Spec;
  readonly answers?: Parameters<typeof surroundings>[0];
  /** What `FiltersReady` says, without the time of the next try; a failed filter in it by its class only, … */
  readonly says: string;
  /** … and what is said of it. */
  readonly because?: string;
  /** Images that become models nevertheless. */
  readonly makes?: readonly string[];
}

const filter = (image: string, more: object = {}): Spec => ({ filters: [{ image, ...more }] });

const rows: Row[] = [
  {
    name: "a registry with a path: it goes before the names",
    spec: { registry: "reg.example/project", ...filter("aim-*") },
    answers: {
      "reg.example/v2/_catalog?n=1000": () => json({ repositories: ["project/aim-a", "aim-b"] }),
      "reg.example/v2/project/aim-a/tags/list?n=1000": () => tags("1.0.0"),
    },
    says: "True: All 1 filters succeeded",
    makes: ["reg.example/project/aim-a:1.0.0"],
  },
  {
    name: "a registry with https",
    spec: { registry: "https://reg.example/", ...filter("org/a") },
    answers: { "reg.example/v2/org/a/tags/list?n=1000": () => tags("1.0.0") },
    says: "True: All 1 filters succeeded",
    makes: ["reg.example/org/a:1.0.0"],
  },
  {
    name: "a registry with another scheme",
    spec: { registry: "oci://reg.example", ...filter("org/a") },
    says: 'False: All 1 filters failed: "org/a": InvalidFilter: ',
    because:
      'spec.registry is "oci://reg.example"; write it as host[:port] with a dot or a port in it, with a path behind it if all repositories share it',
  },
  {
    name: "a host that nobody knows",
    spec: filter("nowhere.example/org/a"),
    answers: { "nowhere.example/*": () => connectError("dns error: failed to lookup address information") },
    says: 'False: All 1 filters failed: "nowhere.example/org/a": Unreachable: ',
    because:
      "nowhere.example: getting the tags of org/a failed: dns error: failed to lookup address information; correct the registry's name; where the cluster has no way to it, name a mirror that it has one to",
  },
  {
    name: "a wildcard where no repositories are listed",
    spec: filter("reg.example/org/*"),
    answers: { "reg.example/v2/_catalog?n=1000": () => json({ errors: [{ code: "UNSUPPORTED" }] }, 404) },
    says: 'False: All 1 filters failed: "reg.example/org/*": CatalogUnsupported: ',
    because:
      "reg.example answered the request for its repositories with HTTP 404 (UNSUPPORTED); this registry lists no repositories; name them without a wildcard",
  },
  {
    name: "a constraint that cannot be read takes nothing, and the others go on",
    spec: {
      registry: "reg.example",
      filters: [{ image: "org/a", versions: [">=1.0.0", "newest"] }, { image: "org/b" }],
    },
    answers: {
      "reg.example/v2/org/a/tags/list?n=1000": () => tags("1.0.0"),
      "reg.example/v2/org/b/tags/list?n=1000": () => tags("2.0.0"),
    },
    says: 'False: 1 of 2 filters had errors: "org/a": InvalidFilter: ',
    because:
      'its versions: the version constraint "newest" cannot be read: "newest" is no version; write it like ">=0.8.4", "~1.2.0", "1.2.x" or ">=1.0.0 <2.0.0 || 3.1.4"',
    makes: ["reg.example/org/b:2.0.0"],
  },
  {
    name: "a constraint of the source that cannot be read fails all filters that go by it",
    spec: {
      registry: "reg.example",
      versions: [">=1.0 and <2"],
      filters: [{ image: "org/a" }, { image: "org/b", versions: ["2.x"] }],
    },
    answers: { "reg.example/*": () => tags("2.0.0") },
    says: 'False: 1 of 2 filters had errors: "org/a": InvalidFilter: ',
    because:
      'spec.versions: the version constraint ">=1.0 and <2" cannot be read: "and" is no version; write it like ">=0.8.4", "~1.2.0", "1.2.x" or ">=1.0.0 <2.0.0 || 3.1.4"',
    makes: ["reg.example/org/b:2.0.0"],
  },
  {
    name: "a name that is none",
    spec: filter("Org/A"),
    says: 'False: All 1 filters failed: "Org/A": InvalidFilter: ',
    because:
      `"Org/A" is no repository: 2 to 247 of a-z, 0-9, '.', '_', '-' and '/', with letters or digits at the ends of each element; write it like "org/repo", "org/repo-*", "registry.example/org/repo:1.0.0" or "org/repo@sha256:…"`,
  },
  {
    name: "a pattern without the owner that Docker Hub wants",
    spec: filter("docker.io/*"),
    says: 'False: All 1 filters failed: "docker.io/*": InvalidFilter: ',
    because:
      'the pattern "*" does not begin with a namespace of Docker Hub, whose repositories could be listed; write it like "org/name-*"',
  },
  {
    name: "a repository that is not there",
    spec: filter("reg.example/org/gone"),
    answers: { "reg.example/*": () => json({ errors: [{ code: "NAME_UNKNOWN", message: "unknown" }] }, 404) },
    says: 'False: All 1 filters failed: "reg.example/org/gone": NotFound: ',
    because:
      "reg.example answered the request for the tags of org/gone with HTTP 404 (NAME_UNKNOWN: unknown); correct the name, or take the filter out if the repository is gone",
  },
  {
    name: "an organisation that is not there",
    spec: filter("docker.io/gone/aim-*"),
    says: 'False: All 1 filters failed: "docker.io/gone/aim-*": NotFound: ',
    because:
      "hub.docker.com answered the request for the repositories of gone with HTTP 404; correct the namespace or organisation at the beginning of the pattern; one that is private is found only with a pull secret whose account may see it",
  },
  {
    name: "a page to sign in",
    spec: filter("reg.example/org/a"),
    answers: { "reg.example/*": page },
    says: 'False: All 1 filters failed: "reg.example/org/a": UnexpectedAnswer: ',
    because:
      "what reg.example answered for the tags of org/a is no such list: it is of type text/html; check that this is the address of a registry, and what stands before it",
  },
  {
    name: "a page to sign in, where repositories are listed",
    spec: filter("reg.example/org/*"),
    answers: { "reg.example/*": page },
    says: 'False: All 1 filters failed: "reg.example/org/*": UnexpectedAnswer: ',
    because:
      "what reg.example answered for its repositories is no such list: it is of type text/html; check that this is the address of a registry, and what stands before it",
  },
  {
    name: "GitHub's packages without a token",
    spec: filter("ghcr.io/acme/aim-*"),
    says: 'False: All 1 filters failed: "ghcr.io/acme/aim-*": CredentialsMissing: ',
    because:
      "GitHub lists packages, public ones too, only to who shows a token; name a pull secret for ghcr.io with a token that has read:packages in spec.imagePullSecrets",
  },
  {
    name: "a secret that is not there, of a registry that refuses",
    spec: { ...filter("reg.example/org/a"), imagePullSecrets: [{ name: "gone" }] },
    answers: { "reg.example/*": refused },
    says: 'False: All 1 filters failed: "reg.example/org/a": SecretNotFound: ',
    because:
      "there is no pull secret aim-system/gone; create it, or take it out of spec.imagePullSecrets; without it: reg.example answered the request for the tags of org/a with HTTP 401; name a pull secret for this registry in spec.imagePullSecrets",
  },
  {
    name: "a secret that is not there, of a registry that does not mind",
    spec: { ...filter("reg.example/org/a"), imagePullSecrets: [{ name: "gone" }] },
    answers: { "reg.example/*": () => tags("1") },
    says: "True: All 1 filters succeeded; ",
    because: "there is no pull secret aim-system/gone; create it, or take it out of spec.imagePullSecrets",
    makes: ["reg.example/org/a:1"],
  },
  {
    name: "a registry with an authority of its own, which nobody has told the operator",
    spec: filter("reg.example/org/a"),
    answers: { "reg.example/*": () => connectError("invalid peer certificate: UnknownIssuer") },
    says: 'False: All 1 filters failed: "reg.example/org/a": Unreachable: ',
    because:
      "reg.example: getting the tags of org/a failed: invalid peer certificate: UnknownIssuer; if its authority is one of your own, give it to the operator in DENO_CERT",
  },
];

for (const { name, spec, answers = {}, says, because, makes = [] } of rows) {
  Deno.test(`bad input: ${name}`, async () => {
    const { look } = surroundings(answers);
    const { made, status } = await look(spec);
    assert.equal(said(status), because === undefined ? says : `${says}${because}`);
    assert.deepEqual(made.map(({ spec }) => spec!.image), makes);
  });
}

/** What `FiltersReady` says, without the time of the next try. */
function said(status: ReturnType<typeof pass>["status"]): string {
  const { status: is, message } = status!.conditions!.find(({ type }) => type === "FiltersReady")!;
  return `${is}: ${message!.replace(/; next try at .*/, "")}`;
}

Deno.test("bad input: 101 filters, and an interval in days: told on the object, and nobody is asked", () => {
  const filters = Array.from({ length: 101 }, () => ({ image: "org/a" }));
  const rows: [Spec, string][] = [
    [{ filters }, "spec.filters: must have at most 100 items; keep 100 of them"],
    [{ syncInterval: "1d" }, "spec.syncInterval: "],
  ];
  for (const [spec, wanted] of rows) {
    const { question, short, status } = pass(source(spec));
    assert.equal(question, undefined);
    assert.equal(status?.status, "Failed");
    assert.ok(short("ConfigValid")!.startsWith("False/InvalidSpec/"), short("ConfigValid"));
    assert.ok(short("ConfigValid")!.includes(wanted), short("ConfigValid"));
  }
});

Deno.test("bad input: a Secret that goes between two looks: the models stay, and its name is told", async () => {
  const auths = { "reg.example": { username: "u", password: "hunter2" } };
  const data = { ".dockerconfigjson": btoa(JSON.stringify({ auths })) };
  const secrets: Record<string, unknown> = { s: { type: "kubernetes.io/dockerconfigjson", data } };
  const { look } = surroundings(
    { "reg.example/*": (shown) => shown === null ? refused() : tags("1") },
    secrets,
  );
  const spec = { ...filter("reg.example/org/a"), imagePullSecrets: [{ name: "s" }] };
  const first = await look(spec);
  assert.equal(said(first.status), "True: All 1 filters succeeded");
  delete secrets.s;
  const { made, plan, status } = await look(spec, first.listing);
  assert.match(
    said(status),
    /"reg\.example\/org\/a": SecretNotFound: there is no pull secret aim-system\/s; create it/,
  );
  assert.deepEqual([made, plan.removals], [[], []]);
});

Deno.test("bad input: a repository that is renamed: its models stay, those of the new name come, nobody is blamed", async () => {
  const names = ["org/old"];
  const { look, server } = surroundings({
    "reg.example/v2/_catalog?n=1000": () => json({ repositories: names }),
    "reg.example/v2/org/old/tags/list?n=1000": () => names.includes("org/old") ? tags("1") : json({}, 404),
    "reg.example/v2/org/new/tags/list?n=1000": () => tags("1"),
  });
  const first = await look(filter("reg.example/org/*"));
  assert.deepEqual(first.made.map(({ spec }) => spec!.image), ["reg.example/org/old:1"]);
  names.splice(0, 1, "org/new");
  server.now += 24 * 3_600_000;
  const { made, plan, status } = await look(filter("reg.example/org/*"), first.listing);
  assert.deepEqual(made.map(({ spec }) => spec!.image), ["reg.example/org/new:1"]);
  assert.deepEqual(plan.removals, []);
  assert.equal(said(status), "True: All 1 filters succeeded");
});

Deno.test("bad input: tags that are no legal name or label still give legal models; what is no tag gives none", async () => {
  const odd = ["V1.0_RC.-", "_", "1.0.0-rc.1", "x".repeat(128), "bad tag", "x".repeat(129), "-a", "a/b", "é"];
  const { look } = surroundings({ "reg.example/v2/org/a/tags/list?n=1000": () => tags(...odd) });
  const { made, status } = await look(filter("reg.example/org/a"));
  assert.deepEqual(
    made.map(({ spec }) => spec!.image.slice("reg.example/org/a:".length)).sort(),
    odd.slice(0, 4).sort(),
  );
  for (const { metadata } of made) {
    assert.match(metadata!.name!, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    for (const value of Object.values(metadata!.labels!)) {
      assert.match(value, /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
    }
  }
  assert.equal(new Set(made.map(({ metadata }) => metadata!.name)).size, 4);
  assert.equal(said(status), "True: All 1 filters succeeded");
});
