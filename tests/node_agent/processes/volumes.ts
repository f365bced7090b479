/** A pod's volumes as folders of this machine. A claim's folder stays when its pods go. */

import { join } from "node:path";
import { isStatus } from "../../../lib/kube/errors.ts";
import type { HttpTransport } from "../../../lib/kube/http_transport.ts";
import type { BoundPod } from "../../../lib/surroundings/kubelet/behaviour.ts";

/** A volume as it stands in a pod. */
interface Volume {
  readonly name: string;
  readonly emptyDir?: unknown;
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly projected?: { readonly sources: readonly ProjectedSource[] };
}

interface ProjectedSource {
  readonly serviceAccountToken?: { readonly path: string; readonly expirationSeconds?: number };
  readonly configMap?: {
    readonly name: string;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
  };
  readonly downwardAPI?: {
    readonly items?: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[];
  };
}

/** A volume cannot be mounted now; a kubelet says so in a `FailedMount` event and tries again. */
export class MountError extends Error {
  override name = "MountError";
}

export class Volumes {
  /**
   * @param folder where all volumes of the node stand
   * @param caFile certificate of the API server's authority, for the pods' own access to it
   */
  constructor(
    private readonly transport: HttpTransport,
    private readonly folder: string,
    private readonly caFile: string,
  ) {}

  /**
   * The folder of each volume of the pod, by the volume's name, made where it is not there yet.
   *
   * @throws MountError where a claim is not bound, or a Secret or ConfigMap is not there
   */
  async prepare(pod: BoundPod): Promise<ReadonlyMap<string, string>> {
    const volumes = (pod.spec as { volumes?: Volume[] } | undefined)?.volumes ?? [];
    const group = (pod.spec?.securityContext as { fsGroup?: number } | undefined)?.fsGroup;
    const folders = new Map<string, string>();
    for (const volume of volumes) {
      const folder = await this.#prepare(volume, pod);
      folders.set(volume.name, folder);
      if (group !== undefined && volume.projected === undefined) await giveToGroup(folder, group);
    }
    return folders;
  }

  /** Folder of a claim's files. */
  claimFolder(uid: string): string {
    return join(this.folder, "claims", uid);
  }

  /** Removes what belongs to the pod alone. */
  async release(pod: BoundPod): Promise<void> {
    await Deno.remove(this.#ownFolder(pod), { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  #ownFolder({ metadata }: BoundPod): string {
    return join(this.folder, "pods", metadata?.uid ?? "");
  }

  async #prepare(volume: Volume, pod: BoundPod): Promise<string> {
    const namespace = pod.metadata?.namespace ?? "";
    if (volume.persistentVolumeClaim !== undefined) {
      return await this.#claim(namespace, volume.persistentVolumeClaim.claimName);
    }
    const folder = join(this.#ownFolder(pod), volume.name);
    await Deno.mkdir(folder, { recursive: true });
    if (volume.secret !== undefined) {
      const { secretName, optional } = volume.secret;
      await this.#write(folder, await this.data("secrets", namespace, secretName), { secretName, optional });
    } else if (volume.configMap !== undefined) {
      const { name, optional } = volume.configMap;
      const data = await this.data("configmaps", namespace, name);
      await this.#write(folder, data, { secretName: name, optional });
    } else if (volume.projected !== undefined) {
      for (const source of volume.projected.sources) await this.#project(folder, source, pod);
    } else await Deno.chmod(folder, 0o777); // an emptyDir
    return folder;
  }

  async #claim(namespace: string, name: string): Promise<string> {
    const claim = await this.#get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`);
    if (claim === undefined) throw new MountError(`persistentvolumeclaim "${name}" not found`);
    if (claim.status?.phase !== "Bound") throw new MountError(`persistentvolumeclaim "${name}" is not bound`);
    const folder = this.claimFolder(claim.metadata.uid);
    await Deno.mkdir(folder, { recursive: true });
    return folder;
  }

  /** The content of a Secret or ConfigMap as text; undefined where it is not there. */
  async data(
    plural: "secrets" | "configmaps",
    namespace: string,
    name: string,
  ): Promise<Record<string, string> | undefined> {
    const object = await this.#get(`/api/v1/namespaces/${namespace}/${plural}/${name}`);
    if (object === undefined) return undefined;
    const entries: [string, string][] = Object.entries(object.data ?? {});
    if (plural === "configmaps") return Object.fromEntries(entries);
    return Object.fromEntries(entries.map(([key, value]) => [key, atob(value)]));
  }

  async #write(
    folder: string,
    data: Readonly<Record<string, string>> | undefined,
    { secretName, optional }: { secretName: string; optional?: boolean },
  ): Promise<void> {
    if (data === undefined && !optional) throw new MountError(`"${secretName}" not found`);
    for (const [key, text] of Object.entries(data ?? {})) await Deno.writeTextFile(join(folder, key), text);
  }

  async #project(folder: string, source: ProjectedSource, pod: BoundPod): Promise<void> {
    const namespace = pod.metadata?.namespace ?? "";
    const { serviceAccountToken, configMap, downwardAPI } = source;
    if (serviceAccountToken !== undefined) {
      const token = await this.#token(pod, serviceAccountToken.expirationSeconds ?? 3600);
      await Deno.writeTextFile(join(folder, serviceAccountToken.path), token);
    }
    if (configMap !== undefined) {
      // The certificate of the API server, which the controller manager publishes a moment later than pods may start.
      const data = await this.data("configmaps", namespace, configMap.name) ??
        { "ca.crt": await Deno.readTextFile(this.caFile) };
      const items = configMap.items ?? Object.keys(data).map((key) => ({ key, path: key }));
      for (const { key, path } of items) await Deno.writeTextFile(join(folder, path), data[key] ?? "");
    }
    for (const { path, fieldRef } of downwardAPI?.items ?? []) {
      if (fieldRef === undefined) continue;
      await Deno.writeTextFile(join(folder, path), fieldOf(pod, fieldRef.fieldPath) ?? "");
    }
  }

  /** A token of the pod's own account, as a kubelet asks for it: bound to the pod. */
  async #token(pod: BoundPod, expirationSeconds: number): Promise<string> {
    const { namespace, name, uid } = pod.metadata ?? {};
    const account = pod.spec?.serviceAccountName || "default";
    const answer = await this.transport.performRequest({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      bodyJson: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds, boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } },
      },
      expectJson: true,
    }) as { status: { token: string } };
    return answer.status.token;
  }

  // deno-lint-ignore no-explicit-any
  async #get(path: string): Promise<any> {
    try {
      return await this.transport.performRequest({ method: "GET", path, expectJson: true });
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }
}

/** A field of a pod by its path, as `fieldRef` names it. */
export function fieldOf(pod: BoundPod, path: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata?.[keyed[1] as "labels" | "annotations"]?.[keyed[2]];
  let value: unknown = pod;
  for (const part of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  return value === undefined ? undefined : String(value);
}

/** What `fsGroup` does: the group owns the volume, may write into it, and owns what comes into it. */
async function giveToGroup(folder: string, group: number): Promise<void> {
  if (Deno.uid() !== 0) return;
  await Deno.chown(folder, null, group);
  await Deno.chmod(folder, 0o2775);
}
