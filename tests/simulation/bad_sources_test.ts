/**
 * Sources that nobody can download (issue "Bad input"): the artifact and the service both name the object, the field, its value
 * and what to do. What the downloader says of them is held by tests/download; here it is handed on.
 */

import assert from "node:assert/strict";
import type { AIMArtifact, AIMService, ModelSource } from "../../lib/api/mod.ts";
import { artifacts, jobs, services, templates } from "../../lib/cluster/kinds.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { cacheUsersScenario } from "./scenarios/cache_users_scenario.ts";
import type { Fate } from "./scenarios/caches_scenario.ts";
import { forSeeds, World } from "./world.ts";

const namespace = "ml";

interface Row {
  readonly what: string;
  readonly source: ModelSource;
  /** What the downloader would say; undefined: it is never asked. */
  readonly told?: Exclude<Fate, string>;
  readonly words: RegExp;
}

const rows: readonly Row[] = [
  {
    what: "hf:// without a name",
    source: { modelId: "org/x", sourceUri: "hf://" },
    words:
      /spec\.sourceUri is "hf:\/\/" but must match .*write it in the form hf:\/\/org\/name or s3:\/\/bucket\/folder/,
  },
  {
    what: "an unknown scheme",
    source: { modelId: "org/x", sourceUri: "gs://bucket/x" },
    words: /spec\.sourceUri is "gs:\/\/bucket\/x" but must match .*write it in the form hf:\/\/org\/name/,
  },
  {
    what: "a folder of a repository",
    source: { modelId: "org/x", sourceUri: "hf://org/name/folder" },
    words:
      /spec\.sourceUri "hf:\/\/org\/name\/folder" names no repository: .*correct the template's modelSources/,
  },
  {
    what: "a size that is smaller than the source",
    source: { modelId: "org/x", sourceUri: "hf://org/x", size: "1Gi" },
    told: {
      class: "storageFull",
      message:
        "no space left on device: 60 bytes are still to be written; the source has 60 bytes, and its size was said to be 1",
    },
    words: /the source has 60 bytes, and its size was said to be 1/,
  },
  {
    what: "a revision that is not there",
    source: { modelId: "org/x", sourceUri: "hf://org/x@v9", size: "1Gi" },
    told: { class: "notFound", message: "Revision Not Found: org/x has no revision v9" },
    words: /org\/x has no revision v9/,
  },
  {
    what: "a certificate of nobody's, at the size check",
    source: { modelId: "org/x", sourceUri: "hf://org/x" },
    told: {
      class: "network",
      message: "hub shows a certificate that is not trusted here: UnknownIssuer; put it",
    },
    words: /hub shows a certificate that is not trusted here: UnknownIssuer; put it/,
  },
];

function messageOf(object: KubeObject, type: string): string {
  const { status } = object as Live<AIMService>;
  return status?.conditions?.find((each) => each.type === type)?.message ?? "";
}

for (const { what, source, told, words } of rows) {
  Deno.test(`bad source: ${what}`, () =>
    forSeeds(1, 1, async (_, turns) => {
      const world = new World(cacheUsersScenario, 1, turns);
      const { server } = world;
      if (told !== undefined) world.memory.set("fate", told);
      const make = (resource: typeof services.resource, name: string, spec: object) =>
        server.create(resource, {
          apiVersion: "aim.eai.amd.com/v1alpha1",
          kind: resource.kind,
          metadata: { name, namespace },
          spec,
        } as KubeObject, "kubectl");
      make(templates.resource, "bad", { modelName: "m" });
      server.patch(templates.resource, namespace, "bad", {
        status: { status: "Ready", modelSources: [source] },
      }, { manager: "outside", subresource: "status" });
      make(services.resource, "s", { model: { name: "m" }, template: { name: "bad" } });
      await world.settle();
      const [artifact, ...more] = server.list(artifacts.resource, namespace) as Live<AIMArtifact>[];
      assert.equal(more.length, 0);
      assert.equal(artifact.status?.status, "Failed");
      const service = server.get(services.resource, namespace, "s") as Live<AIMService>;
      for (const type of ["Ready", "CacheReady"]) {
        const message = messageOf(service, type);
        assert.match(message, words, type);
        assert.ok(message.includes(`artifact ${artifact.metadata.name}`), message);
      }
      assert.match(messageOf(artifact, "Ready"), words);
      if (told === undefined) {
        assert.deepEqual(server.list(jobs.resource, namespace), [], "no Job is made of it");
      }
    }));
}
