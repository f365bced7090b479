import assert from "node:assert/strict";
import fc from "fast-check";
import { RegistryError } from "./errors.ts";
import { allowsPlainHttp, parseReference, registryHostOf } from "./reference.ts";

const hex = "0123456789abcdef".repeat(4);

Deno.test("references are read as Docker reads them (models-and-templates.md §3.3, rule 1)", () => {
  const rows: [image: string, registry: string, repository: string, tag?: string, digest?: string][] = [
    ["ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["x", "index.docker.io", "library/x", "latest"],
    ["ubuntu:24.04", "index.docker.io", "library/ubuntu", "24.04"],
    ["docker.io/ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["index.docker.io/ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["registry-1.docker.io/ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["docker.io/library/ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["amdenterpriseai/aim-base:0.9", "index.docker.io", "amdenterpriseai/aim-base", "0.9"],
    ["DOCKER.io/a/b", "index.docker.io", "a/b", "latest"],
    ["a/b/c/d:E_f.0-1", "index.docker.io", "a/b/c/d", "E_f.0-1"],
    ["ghcr.io/org/name", "ghcr.io", "org/name", "latest"],
    ["GHCR.io/name:v1", "ghcr.io", "name", "v1"],
    ["localhost/a", "localhost", "a", "latest"],
    ["localhost:5000/a", "localhost:5000", "a", "latest"],
    ["registry:5000/a/b:1", "registry:5000", "a/b", "1"],
    ["registry.example.com:443/a", "registry.example.com:443", "a", "latest"],
    ["10.0.0.7:5000/a", "10.0.0.7:5000", "a", "latest"],
    ["[::1]:5000/a:1", "[::1]:5000", "a", "1"],
    ["[2001:db8::1]/a", "[2001:db8::1]", "a", "latest"],
    ["a.b/c__d/e---f/g.h_i", "a.b", "c__d/e---f/g.h_i", "latest"],
    ["org/name@sha256:" + hex, "index.docker.io", "org/name", undefined, "sha256:" + hex],
    ["ghcr.io/a:1@sha256:" + hex, "ghcr.io", "a", "1", "sha256:" + hex],
    ["r:5000/a@sha512:" + hex + hex, "r:5000", "a", undefined, "sha512:" + hex + hex],
    ["a:" + "t".repeat(128), "index.docker.io", "library/a", "t".repeat(128)],
    ["g.io/" + "a".repeat(255), "g.io", "a".repeat(255), "latest"],
  ];
  for (const [image, registry, repository, tag, digest] of rows) {
    assert.deepEqual(parseReference(image), { image, registry, repository, tag, digest }, image);
    assert.equal(registryHostOf(image), registry);
  }
});

Deno.test("what is no reference is refused with its place and a remedy", () => {
  const rows: [image: string, says: RegExp][] = [
    ["", /it is empty/],
    [" a", /white space/],
    ["a\n", /white space/],
    ["https://ghcr.io/a", /leave out "https:\/\/"/],
    ["Ubuntu", /"U" at column 1, but paths are lower-case/],
    ["Org/name", /"O" at column 1, but paths are lower-case/],
    ["ghcr.io/org/Name", /"N" at column 13, but paths are lower-case/],
    ["a b", /" " at column 2, but allowed are/],
    ["ghcr.io/a/é", /"é" at column 11/],
    ["a//b", /element of the path is empty \(column 3\)/],
    ["/a", /element of the path is empty \(column 1\)/],
    ["a/", /element of the path is empty \(column 3\)/],
    ["ghcr.io/", /the path is empty/],
    ["a..b", /element "a\.\.b" of the path \(column 1\)/],
    ["a/b___c", /element "b___c" of the path \(column 3\)/],
    ["-a", /element "-a"/],
    ["a:", /the tag after ':' is empty \(column 3\)/],
    ["a:.x", /tag "\.x" has "\." at column 3/],
    ["a:x$", /tag "x\$" has "\$" at column 4/],
    ["a:" + "t".repeat(129), /tag has 129 characters, and 128/],
    ["g.io/" + "a".repeat(256), /path has 256 characters, and 255/],
    [hex, /id of an image/],
    ["a@", /does not begin with "sha256:"/],
    ["a@md5:abc", /digest "md5:abc" does not begin with "sha256:"/],
    ["a@sha256:abc", /does not have 64 lower-case hexadecimal digits/],
    ["a@sha256:" + hex.toUpperCase(), /64 lower-case/],
    ["a@sha256:" + hex + ":1", /64 lower-case/],
    ["a@constructor:x", /does not begin with/],
    ["@sha256:" + hex, /the path is empty/],
    ["host:99999/a", /port "99999" is not a number from 1 to 65535/],
    ["host:0/a", /port "0"/],
    ["host:/a", /port ""/],
    ["host:x/a", /port "x"/],
    ["-.io/a", /host "-\.io" is neither/],
    ["999.1.1.1/a", /host "999\.1\.1\.1" is neither/],
    ["[::g]/a", /host "\[::g\]" is neither/],
    ["a..io/b", /host "a\.\.io" is neither/],
    ["user@ghcr.io/a", /digest "ghcr\.io\/a" does not begin/],
  ];
  for (const [image, says] of rows) {
    assert.throws(() => parseReference(image), (error) => {
      assert.ok(error instanceof RegistryError);
      assert.equal(error.reason, "InvalidImageReference");
      assert.match(error.message, says, image);
      assert.match(error.message, /write it as \[host\[:port\]\/\]path/);
      assert.ok(error.message.includes(JSON.stringify(image.slice(0, 100)).slice(0, -1)), error.message);
      return true;
    }, image);
  }
});

Deno.test("plain HTTP only for RFC 1918, loopback, localhost with a port and .local", () => {
  const plain = [
    ["localhost:5000", "127.0.0.1", "127.9.9.9:5000", "[::1]", "[::1]:5000", "10.0.0.1", "10.255.255.255:80"],
    ["172.16.0.1", "172.31.255.255", "192.168.1.1:5000", "registry.local", "a.b.local:5000"],
  ].flat();
  const secure = [
    [
      "localhost",
      "index.docker.io",
      "ghcr.io",
      "172.15.0.1",
      "172.32.0.1",
      "192.169.0.1",
      "11.0.0.1",
      "1.10.0.1",
    ],
    ["registry.local.example.com", "local", "local:5000", "notlocalhost:5000", "localhost.example.com:5000"],
    ["10.0.0.1.example.com", "[2001:db8::1]:5000", "169.254.169.254"],
  ].flat();
  for (const registry of plain) assert.equal(allowsPlainHttp(registry), true, registry);
  for (const registry of secure) assert.equal(allowsPlainHttp(registry), false, registry);
});

Deno.test("a reference written out in full is the same reference", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
  const full = fc.tuple(
    fc.constantFrom("", "docker.io/", "ghcr.io/", "localhost:5000/", "10.1.2.3/", "r:1/"),
    fc.array(part, { minLength: 1, maxLength: 4 }),
    fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
    fc.boolean(),
  );
  fc.assert(fc.property(full, ([host, path, tag, digest]) => {
    const ends = (tag === undefined ? "" : `:${tag}`) + (digest ? `@sha256:${hex}` : "");
    const first = parseReference(host + (host === "" ? `org/${path.join("/")}` : path.join("/")) + ends);
    const again = parseReference(`${first.registry}/${first.repository}${ends}`);
    assert.deepEqual({ ...again, image: "" }, { ...first, image: "" });
  }));
});
