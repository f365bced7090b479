/** The operator's own registry credentials, from where docker and podman keep theirs (models-and-templates.md §3.3). */

import { type DockerConfig, parseDockerConfigFile } from "../registry/mod.ts";

/**
 * Reads the first file that there is: `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, then
 * `$REGISTRY_AUTH_FILE`, then `$XDG_RUNTIME_DIR/containers/auth.json`. Read afresh for each image, since a mounted
 * secret changes. A file that may not be read (Deno's permissions) counts as absent.
 *
 * @throws DockerConfigError when there is one that cannot be understood
 */
export async function ownDockerConfig(
  env: (name: string) => string | undefined = readableEnv,
): Promise<readonly DockerConfig[]> {
  for (const path of places(env)) {
    const text = await readIfThere(path);
    if (text === undefined) continue;
    return [parseDockerConfigFile(text, path)];
  }
  return [];
}

function places(env: (name: string) => string | undefined): string[] {
  const [docker, home, podman, runtime] = [
    env("DOCKER_CONFIG"),
    env("HOME"),
    env("REGISTRY_AUTH_FILE"),
    env("XDG_RUNTIME_DIR"),
  ];
  const all = [
    docker ? `${docker}/config.json` : home && `${home}/.docker/config.json`,
    podman,
    runtime && `${runtime}/containers/auth.json`,
  ];
  return all.filter((path): path is string => !!path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}

function readableEnv(name: string): string | undefined {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
    ? Deno.env.get(name)
    : undefined;
}
