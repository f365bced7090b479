import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterModelName } from "../../operator/naming/object_names.ts";
import { FilterError, imageUri, parseFilter } from "./image_filter.ts";
import { newestFirst } from "./order.ts";
import { matchesWildcard } from "./wildcard.ts";

const hex = "0123456789abcdef".repeat(4);

/** Filter, registry of the source, and registry, repository and reference that are meant; `*` for a pattern. */
type Row = readonly [
  image: string,
  source: string | undefined,
  registry: string,
  repository: string,
  rest?: string,
];

const rows: readonly Row[] = [
  // §3.1, the table; with the Better lines in the place of what it calls bugs
  ["silogen/aim-llama", undefined, "docker.io", "silogen/aim-llama"],
  ["silogen/aim-llama:1.0.0", undefined, "docker.io", "silogen/aim-llama", "1.0.0"],
  ["ghcr.io/silogen/aim-llama:0.8.1-rc1", undefined, "ghcr.io", "silogen/aim-llama", "0.8.1-rc1"],
  ["ghcr.io/silogen/aim-*", undefined, "ghcr.io", "silogen/aim-*", "*"],
  ["docker.io/a/*", undefined, "docker.io", "a/*", "*"],
  ["docker.io/a/b:1", undefined, "docker.io", "a/b", "1"],
  ["index.docker.io/a/b:1", undefined, "docker.io", "a/b", "1"],
  ["registry-1.docker.io/a/b", undefined, "registry-1.docker.io", "a/b"],
  ["ubuntu", undefined, "docker.io", "library/ubuntu"],
  ["reg.io:5000/a/b:2", undefined, "reg.io:5000", "a/b", "2"],
  ["reg.io:5000/a/b", undefined, "reg.io:5000", "a/b"],
  ["localhost:5000/a/b*", undefined, "localhost:5000", "a/b*", "*"],
  [`org/repo@sha256:${hex}`, undefined, "docker.io", "org/repo", `sha256:${hex}`],
  ["ghcr.io/o/r*:1.0.0", undefined, "ghcr.io", "o/r*", "*"],
  // its Better lines, one by one
  ["reg:5000/ab", undefined, "reg:5000", "ab"],
  ["localhost/a/b", undefined, "localhost", "a/b"],
  ["localhost/a/*", undefined, "localhost", "a/*", "*"],
  ["docker.io/a/b", "ghcr.io", "docker.io", "a/b"],
  ["index.docker.io/a/*", "ghcr.io", "docker.io", "a/*", "*"],
  ["ubuntu", "ghcr.io", "ghcr.io", "ubuntu"],
  ["ubuntu:22.04", "docker.io", "docker.io", "library/ubuntu", "22.04"],
  ["docker.io/ubuntu", "ghcr.io", "docker.io", "library/ubuntu"],
  [" org/a ", undefined, "docker.io", "org/a"],
  [`org/repo:1@sha256:${hex}`, undefined, "docker.io", "org/repo", `sha256:${hex}`],
  // the source's registry: a path, a scheme, a slash at its end
  ["team/a", "https://reg.example/", "reg.example", "team/a"],
  ["a1", "gcr.io/my-project", "gcr.io/my-project", "a1"],
  ["aim-*", "gcr.io/my-project/", "gcr.io/my-project", "aim-*", "*"],
  ["org/a", "", "docker.io", "org/a"],
  ["org/a", "index.docker.io", "docker.io", "org/a"],
  ["other.io/org/a", "gcr.io/my-project", "other.io", "org/a"],
  // wildcards
  ["*", undefined, "docker.io", "*", "*"],
  ["aim-*", undefined, "docker.io", "aim-*", "*"],
  ["am*/x", undefined, "docker.io", "am*/x", "*"],
  ["10.0.0.1:5000/*", undefined, "10.0.0.1:5000", "*", "*"],
];

Deno.test("filters: registry, repository and reference (§3.1)", () => {
  for (const [image, source, registry, repository, rest] of rows) {
    const filter = parseFilter({ image }, { registry: source });
    const how = rest === undefined ? "tags" : rest === "*" ? "catalogue" : "named";
    assert.deepEqual([filter.how, filter.registry, filter.repository], [how, registry, repository], image);
    if (filter.how === "named") assert.equal(filter.reference, rest, image);
  }
});

Deno.test("filters that cannot be read are refused, with a remedy", () => {
  const wrong: [image: string, source?: string, versions?: string[]][] = [
    ...[
      "",
      " ",
      "Foo/Bar:1",
      "foo bar",
      "a",
      "org/a:",
      "org//a",
      "/org/a",
      "org/a/",
      "org/a@sha256:12",
      "org/a?",
    ],
    ...[
      "org/a*:1.*",
      `org/a*@sha256:${hex}`,
      "https://ghcr.io/org/a",
      "*.io/a",
      "org/[a]*",
      "org/A*",
      "é/a",
      "a".repeat(300),
    ],
  ].map((image): [string] => [image]);
  wrong.push(["org/a", "http://reg.example"], ["org/a", "reg example"], ["org/*", "ftp://x"], [
    "org/a",
    "reg.io//a",
  ]);
  wrong.push(["org/a", "docker.io", ["nonsense"]], ["org/*", undefined, [">=1.0.0", "latest"]]);
  for (const [image, registry, versions] of wrong) {
    assert.throws(() => parseFilter({ image }, { registry, versions }), (error) => {
      assert.ok(error instanceof FilterError, String(error));
      assert.match(error.message, /write it|use versions/);
      return true;
    }, image);
  }
});

Deno.test("tags: the filter's constraints stand in for the source's; a tag in the filter for both (§3.3)", () => {
  const accepted = (versions: string[] | undefined, general: string[] | undefined, image = "org/a") => {
    const filter = parseFilter({ image, versions }, { versions: general });
    assert.ok(filter.how !== "named");
    return ["0.8.4", "v1.0.0", "latest", "1.0"].filter((tag) => filter.acceptsTag(tag));
  };
  assert.deepEqual(accepted(undefined, undefined), ["0.8.4", "v1.0.0", "latest", "1.0"]);
  assert.deepEqual(accepted(undefined, [">=0.9.0"]), ["v1.0.0"]);
  assert.deepEqual(accepted([], [">=0.9.0"]), ["v1.0.0"]);
  assert.deepEqual(accepted(["<0.9.0"], [">=0.9.0"]), ["0.8.4"]);
  assert.deepEqual(accepted([">=0.1.0", "<0.9.0"], undefined), ["0.8.4"]);
  assert.deepEqual(accepted(["<0.9.0"], [], "org/a*:latest"), ["latest"]);
});

Deno.test("a named image asks nobody and heeds neither exclude nor versions", () => {
  const filter = parseFilter({ image: "org/a:dev", exclude: ["org/a"], versions: ["nonsense"] }, {});
  assert.deepEqual(filter, { how: "named", registry: "docker.io", repository: "org/a", reference: "dev" });
});

Deno.test("repositories: the pattern and the exact names to leave out", () => {
  const accepts = (image: string, exclude: string[], registry?: string) => {
    const filter = parseFilter({ image, exclude }, { registry });
    assert.ok(filter.how !== "named");
    return filter.acceptsRepository;
  };
  assert.equal(accepts("org/aim-*", [])("org/aim-base"), true);
  assert.equal(accepts("org/aim-*", ["org/aim-base"])("org/aim-base"), false);
  assert.equal(
    accepts("org/aim-*", ["aim-base", "docker.io/org/aim-base", "org/aim-*"])("org/aim-base"),
    true,
  );
  assert.equal(accepts("*", ["library/nginx"])("library/nginx"), false);
  assert.equal(accepts("aim-*", ["project/aim-a"], "gcr.io/project")("aim-a"), false);
});

// §3.2
Deno.test("wildcards", () => {
  const table: [pattern: string, yes: string, no: string][] = [
    ["silogen/aim-*", "silogen/aim- silogen/aim-x silogen/aim-x/y", "silogen/aim other/aim-x xsilogen/aim-x"],
    ["a*a", "aa aba abca", "a ab ba"],
    ["*", "a a/b", ""],
    ["*/x", "a/x a/b/x /x", "x a/xy"],
    ["a*b*c", "abc axbxc abbc abcbc", "ac ab abcx acb"],
    ["a**b", "ab axb", "a b"],
    ["org/a", "org/a", "org/ab org/A"],
    ["o?g/[a]*", "o?g/[a]b", "org/ab"],
    ["*a*a*", "aa xaxax", "a xax"],
    ["am*/x", "amd/x am/x amd/y/x", "amx"],
  ];
  for (const [pattern, yes, no] of table) {
    for (const name of yes.split(" ").filter(Boolean)) {
      assert.ok(matchesWildcard(pattern, name), `${pattern} ${name}`);
    }
    for (const name of no.split(" ").filter(Boolean)) {
      assert.ok(!matchesWildcard(pattern, name), `${pattern} ${name}`);
    }
  }
});

Deno.test("a wildcard is what the regular expression of it is", () => {
  const text = (characters: string) =>
    fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((each) => each.join(""));
  fc.assert(
    fc.property(text("ab/*"), text("ab/"), (pattern, name) => {
      const regular = new RegExp(`^${pattern.split("*").join("[^]*")}$`);
      assert.equal(matchesWildcard(pattern, name), regular.test(name));
    }),
    { numRuns: 3000 },
  );
});

// §6.3, the names of the specification
Deno.test("images, and the names of their models", () => {
  assert.equal(imageUri("docker.io", "org/a", "1"), "org/a:1");
  assert.equal(imageUri("ghcr.io", "org/a", "1"), "ghcr.io/org/a:1");
  assert.equal(imageUri("ghcr.io", "org/a", `sha256:${hex}`), `ghcr.io/org/a@sha256:${hex}`);
  assert.equal(
    clusterModelName("ghcr.io", "silogen/llama-3-8b", "v1.2.0"),
    "silogen-llama-3-8b-v1-2-0-ed2f74",
  );
});

Deno.test("newest first: versions descending, then other tags ascending, each once", () => {
  const tags = ["0.8.4", "latest", "0.10.0", "v0.9.0", "0.10.0-rc1", "dev", "0.8.4", "v0.8.4"];
  assert.deepEqual(newestFirst(tags), ["0.10.0", "0.10.0-rc1", "v0.9.0", "0.8.4", "v0.8.4", "dev", "latest"]);
});
