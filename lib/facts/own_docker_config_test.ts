import assert from "node:assert/strict";
import { credentialFor, DockerConfigError, parseReference } from "../registry/mod.ts";
import { ownDockerConfig } from "./own_docker_config.ts";

/** The files of a directory that is there for one test; the user in each is called as its place. */
async function withFiles(
  places: readonly string[],
  test: (root: string) => Promise<void>,
  text = (place: string) =>
    JSON.stringify({ auths: { "registry.test": { username: place, password: "p" } } }),
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const place of places) {
      await Deno.mkdir(`${root}/${place.slice(0, place.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${place}`, text(place));
    }
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** All that models-and-templates.md §3.3 rule 3 names, in its order. */
const all = ["docker/config.json", "podman/auth", "run/containers/auth.json"];
const environment = (root: string): Record<string, string> => ({
  DOCKER_CONFIG: `${root}/docker`,
  HOME: `${root}/home`,
  REGISTRY_AUTH_FILE: `${root}/podman/auth`,
  XDG_RUNTIME_DIR: `${root}/run`,
});

/** Whose credential is found. */
async function user(env: Record<string, string>): Promise<string | undefined> {
  const configs = await ownDockerConfig((name) => env[name]);
  const basic = credentialFor(parseReference("registry.test/a:1"), configs)?.basic();
  return basic && atob(basic.slice("Basic ".length)).split(":")[0];
}

for (const [index, place] of all.entries()) {
  Deno.test(`the operator's own credentials: of what there is, ${place} is the first`, () =>
    withFiles(all.slice(index), async (root) => {
      assert.equal(await user(environment(root)), place);
    }));
}

Deno.test("without $DOCKER_CONFIG it is ~/.docker, which counts before podman's", () =>
  withFiles(["home/.docker/config.json", ...all.slice(1)], async (root) => {
    const { DOCKER_CONFIG: _, ...env } = environment(root);
    assert.equal(await user(env), "home/.docker/config.json");
  }));

Deno.test("where $DOCKER_CONFIG says otherwise, ~/.docker is not looked at", () =>
  withFiles(["home/.docker/config.json"], async (root) => {
    assert.equal(await user(environment(root)), undefined);
  }));

Deno.test("without any variable, and without any file, there are no credentials", async () => {
  assert.deepEqual(await ownDockerConfig(() => undefined), []);
  assert.deepEqual(await ownDockerConfig(() => "/nowhere/at/all"), []);
});

Deno.test("a file that cannot be understood is named, and what is in it is not told", () =>
  withFiles(all.slice(0, 1), async (root) => {
    await assert.rejects(user(environment(root)), (error) => {
      assert.ok(error instanceof DockerConfigError);
      assert.ok(error.message.includes(`${root}/docker/config.json`), error.message);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }, () => '{"auths": {"registry.test": {"auth": "hunter2'));
