import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { inspect } from "node:util";
import {
  credentialFor,
  type DockerConfig,
  globMatches,
  parseDockerConfig,
  parseDockerConfigFile,
} from "./docker_config.ts";
import { DockerConfigError } from "../errors.ts";
import { parseReference } from "../reference.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const name = 'Secret "ns/pull"';

function configJson(text: string): DockerConfig | undefined {
  return parseDockerConfig({
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": base64(text) },
  }, name);
}

function dockercfg(text: string): DockerConfig | undefined {
  return parseDockerConfig({ type: "kubernetes.io/dockercfg", data: { ".dockercfg": base64(text) } }, name);
}

/** The user whose credential is for an image, by keys in the order of Secrets; the key is the user's name. */
function userFor(image: string, ...keys: string[]): string | undefined {
  const configs = keys.map((key, i) =>
    parseDockerConfigFile(
      JSON.stringify({ auths: { [key]: { username: `${key}#${i}`, password: "x" } } }),
      "f",
    )
  );
  const header = credentialFor(parseReference(image), configs)?.basic();
  return header && atob(header.slice("Basic ".length)).slice(0, -":x".length);
}

Deno.test("both types of pull secret are read, and every form of credential", () => {
  const auths = {
    "a.io": { auth: base64("user:pass:word") },
    "b.io": { username: "ü", password: "ö" },
    "c.io": { auth: base64("right:one"), username: "wrong", password: "other" },
    "d.io": { identitytoken: "refresh" },
    "e.io": { registrytoken: "bearer" },
    "f.io": { auth: base64("token:\0x\0\0") },
    "empty.io": {},
    "empty2.io": { auth: "", username: "" },
    "null.io": null,
  };
  const read = (config: DockerConfig | undefined) =>
    config!.entries.map(({ host, credential }) => [
      host,
      credential.basic() && Buffer.from(credential.basic()!.slice(6), "base64").toString(),
      credential.identityToken,
      credential.registryToken,
    ]);
  const expected = [
    ["a.io", "user:pass:word", undefined, undefined],
    ["b.io", "ü:ö", undefined, undefined],
    ["c.io", "right:one", undefined, undefined],
    ["d.io", undefined, "refresh", undefined],
    ["e.io", undefined, undefined, "bearer"],
    ["f.io", "token:\0x", undefined, undefined],
  ];
  assert.deepEqual(read(configJson(JSON.stringify({ auths, credsStore: "desktop" }))), expected);
  assert.deepEqual(read(dockercfg(JSON.stringify(auths))), expected);
  assert.deepEqual(configJson("{}")!.entries, []);
});

Deno.test("Secrets of other types hold no credentials for images", () => {
  for (const type of [undefined, "", "Opaque", "kubernetes.io/tls", "constructor", "__proto__"]) {
    assert.equal(parseDockerConfig({ type, data: { ".dockerconfigjson": "!" } }, name), undefined, type);
  }
});

Deno.test("what is broken is named with Secret, key and place, and quotes no credential", () => {
  const secret = "hunter2";
  const rows: [read: () => unknown, says: RegExp][] = [
    [
      () => parseDockerConfig({ type: "kubernetes.io/dockerconfigjson" }, name),
      /has no key "\.dockerconfigjson"/,
    ],
    [
      () => parseDockerConfig({ type: "kubernetes.io/dockercfg", data: { ".dockerconfigjson": "" } }, name),
      /no key "\.dockercfg"/,
    ],
    [
      () => parseDockerConfig({ type: "kubernetes.io/dockercfg", data: { ".dockercfg": "%" } }, name),
      /not UTF-8 text in base64/,
    ],
    [
      () =>
        parseDockerConfig({ type: "kubernetes.io/dockercfg", data: { ".dockercfg": btoa("\xff") } }, name),
      /not UTF-8 text/,
    ],
    [() => configJson(""), /is not JSON \(line 1 column 1\)/],
    [() => configJson(secret), /is not JSON \(line 1 column 1\)/],
    [
      () => configJson(`{"auths":\n {"a.io": {"password": "${secret}",}}}`),
      /is not JSON \(line 2 column 34\)/,
    ],
    [() => configJson(`{"auths": {"a.io": {"password": "${secret}"}`), /is not JSON \(line 1 column 43\)/],
    [() => configJson("[]"), /the text is a list, wanted is an object/],
    [() => configJson("null"), /the text is null/],
    [() => configJson('{"auths":[]}'), /auths is a list/],
    [() => configJson(`{"auths":{"a.io":"${secret}"}}`), /auths\["a\.io"\] is a string, wanted is an object/],
    [
      () => configJson('{"auths":{"a.io":{"username":1}}}'),
      /auths\["a\.io"\]\.username is a number, wanted is text/,
    ],
    [() => configJson('{"auths":{"a.io":{"identitytoken":{}}}}'), /\.identitytoken is an object/],
    [
      () => configJson(`{"auths":{"a.io":{"auth":"${secret}:"}}}`),
      /auths\["a\.io"\]\.auth is not text in base64/,
    ],
    [() => configJson(`{"auths":{"a.io":{"auth":"${base64(secret)}"}}}`), /\.auth has no ':' between/],
    [() => dockercfg(`{"a.io":{"auth":"${base64(secret)}"}}`), /\["a\.io"\]\.auth has no ':'/],
  ];
  for (const [read, says] of rows) {
    assert.throws(read, (error) => {
      assert.ok(error instanceof DockerConfigError);
      assert.match(error.message, says);
      assert.ok(error.message.startsWith(name) && error.message.includes('".dockerc'), error.message);
      assert.ok(!error.message.includes(secret) && !error.message.includes(base64(secret)), error.message);
      return true;
    });
  }
});

Deno.test("which key is for which image (models-and-templates.md §3.3, rule 3)", () => {
  const rows: [image: string, keys: string[], user: string | undefined][] = [
    ["ghcr.io/org/a", ["ghcr.io"], "ghcr.io#0"],
    ["ghcr.io/org/a", ["https://ghcr.io"], "https://ghcr.io#0"],
    ["ghcr.io/org/a", ["http://GHCR.io/"], "http://GHCR.io/#0"],
    ["ghcr.io/org/a", ["https://ghcr.io/v2/"], "https://ghcr.io/v2/#0"],
    ["ghcr.io/org/a", ["ghcr.io/v1/org"], "ghcr.io/v1/org#0"],
    ["ghcr.io/org/a", ["ghcr.io/v2"], undefined], // only before a further slash
    ["ghcr.io/v2/a", ["ghcr.io/v2"], "ghcr.io/v2#0"],
    ["ghcr.io/org/a", ["quay.io"], undefined],
    // Labels: equal in number, each a glob.
    ["x.azurecr.io/a", ["*.azurecr.io"], "*.azurecr.io#0"],
    ["x.y.azurecr.io/a", ["*.azurecr.io"], undefined],
    ["azurecr.io/a", ["*.azurecr.io"], undefined],
    ["x.azurecr.io/a", ["*"], undefined],
    ["reg1.example.com/a", ["reg?.*.com"], "reg?.*.com#0"],
    ["registry.example.com/a", ["reg*y.ex*le.com"], "reg*y.ex*le.com#0"],
    ["registry.example.com/a", ["reg*x.example.com"], undefined],
    // Ports.
    ["r.io:5000/a", ["r.io:5000"], "r.io:5000#0"],
    ["r.io:5000/a", ["r.io"], undefined],
    ["r.io/a", ["r.io:443"], undefined],
    ["[::1]:5000/a", ["[::1]:5000"], "[::1]:5000#0"],
    ["[::1]:5000/a", ["[*]:5000"], undefined],
    // Paths, at the borders of their elements.
    ["ghcr.io/org/a", ["ghcr.io/org"], "ghcr.io/org#0"],
    ["ghcr.io/org/a", ["ghcr.io/org/"], "ghcr.io/org/#0"],
    ["ghcr.io/org/a", ["ghcr.io/org/a"], "ghcr.io/org/a#0"],
    ["ghcr.io/orgx/a", ["ghcr.io/org"], undefined],
    ["ghcr.io/org/a", ["ghcr.io/org/a/b"], undefined],
    // Reverse lexical order: the longer path first; of equal keys the first Secret.
    ["ghcr.io/org/a", ["ghcr.io", "ghcr.io/org"], "ghcr.io/org#1"],
    ["ghcr.io/org/a", ["ghcr.io/org", "ghcr.io"], "ghcr.io/org#0"],
    ["ghcr.io/other/a", ["ghcr.io/org", "ghcr.io"], "ghcr.io#1"],
    ["x.azurecr.io/a", ["*.azurecr.io", "x.azurecr.io"], "x.azurecr.io#1"],
    ["ghcr.io/a", ["ghcr.io", "https://ghcr.io"], "ghcr.io#0"],
    ["ghcr.io/a", ["https://ghcr.io", "ghcr.io"], "https://ghcr.io#0"],
    // Docker Hub is one host under three names (Better).
    ["ubuntu", ["https://index.docker.io/v1/"], "https://index.docker.io/v1/#0"],
    ["org/a", ["docker.io"], "docker.io#0"],
    ["docker.io/org/a", ["registry-1.docker.io"], "registry-1.docker.io#0"],
    ["registry-1.docker.io/org/a", ["docker.io/org"], "docker.io/org#0"],
    ["ubuntu", ["docker.io/library"], "docker.io/library#0"],
    ["ubuntu", ["hub.docker.io"], undefined],
  ];
  for (const [image, keys, user] of rows) assert.equal(userFor(image, ...keys), user, `${image} ${keys}`);
});

Deno.test("a glob is matched as its meaning says", () => {
  const rows: [glob: string, label: string, matches: boolean][] = [
    ["", "", true],
    ["*", "", true],
    ["?", "", false],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxcyyb", false],
    ["*a", "aba", true],
    ["**", "x", true],
    ["a", "ab", false],
  ];
  for (const [glob, label, matches] of rows) {
    assert.equal(globMatches(glob, label), matches, `${glob} ${label}`);
  }
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  fc.assert(fc.property(letters, letters, (glob, label) => {
    const meaning = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
    assert.equal(globMatches(glob, label), meaning.test(label));
  }));
});

Deno.test("a credential does not show itself", () => {
  const config = configJson(
    '{"auths":{"a.io":{"username":"u","password":"hunter2","registrytoken":"bearer2"}}}',
  )!;
  for (
    const shown of [JSON.stringify(config), Deno.inspect(config, { depth: 9 }), inspect(config, { depth: 9 })]
  ) {
    assert.doesNotMatch(shown, /hunter2|bearer2|aHVudGVyMg/);
    assert.match(shown, /a\.io/);
  }
});
