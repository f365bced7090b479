/** A control plane with all subjects' kinds, and the requests that the property makes. */
import type { Cluster } from "../control_plane/cluster.ts";
import { until } from "../control_plane/until.ts";
import { minimalServiceCrd, thingCrd } from "./crds.ts";
import { onRealCluster, startScenarioServer } from "../e2e/half.ts";
import { policy } from "./policy.ts";
import { type Json, type Subject, subjects } from "./subjects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";

/** An object as the server answers it. */
export type Stored = KubeObject & Json;

/** The API server under test. */
export class ApplyServer implements AsyncDisposable {
  private constructor(private readonly plane: Cluster) {}

  static async start(): Promise<ApplyServer> {
    const plane = await startScenarioServer({ neighbours: true });
    const server = new ApplyServer(plane);
    try {
      await plane.apply([thingCrd, minimalServiceCrd, ...(onRealCluster ? policy : [])]);
      await until("all kinds served", async () => {
        for (const subject of subjects) await plane.request("GET", server.path(subject, ""));
        return true;
      });
    } catch (error) {
      await plane.stop();
      throw error;
    }
    return server;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.plane.stop();
  }

  get(subject: Subject, name: string): Promise<Stored | undefined> {
    return this.plane.request("GET", this.path(subject, name)).catch((error) => {
      if (refusal(error) === 404) return undefined;
      throw error;
    });
  }

  /** Server-side apply with force. */
  apply(subject: Subject, body: Json, manager: string, dryRun = false): Promise<Stored> {
    const query = `?fieldManager=${manager}&force=true${dryRun ? "&dryRun=All" : ""}`;
    const name = (body.metadata as Json).name as string;
    return this.plane.request(
      "PATCH",
      this.path(subject, name) + query,
      body,
      "application/apply-patch+yaml",
    );
  }

  patch(subject: Subject, name: string, patch: unknown, manager: string, type: "merge" | "json") {
    const path = `${this.path(subject, name)}?fieldManager=${manager}`;
    return this.plane.request("PATCH", path, patch, `application/${type}-patch+json`);
  }

  delete(subject: Subject, name: string): Promise<unknown> {
    return this.plane.request("DELETE", this.path(subject, name));
  }

  private path({ apiVersion, plural }: Subject, name: string): string {
    const root = apiVersion.includes("/") ? "/apis" : "/api";
    return `${root}/${apiVersion}/namespaces/default/${plural}${name && "/"}${name}`;
  }
}

/** The status code of a refused request; anything but a refusal is thrown on. */
export function refusal(error: unknown): number {
  const code = /: (\d{3}) /.exec(String(error))?.[1];
  if (code === undefined) throw error;
  return Number(code);
}
