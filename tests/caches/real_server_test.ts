/**
 * Jobs, claims and rights of artifacts, as the real API server, its admission and the Job controller see them:
 * pods under the restricted Pod Security level, claims that grow, and what a download pod's account may do.
 */

import assert from "node:assert/strict";
import {
  artifact,
  claim,
  claimName,
  desired,
  pass,
  reporting,
  type Seen,
} from "../../controllers/artifact/artifact_fixture.ts";
import type { Job, PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { installCrds } from "../api/installation.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";

const ours = "/apis/aim.eai.amd.com/v1alpha1";
const namespace = "ml";
const account = "aim-engine-artifact-downloader";
const rbac = (file: string) =>
  Deno.readTextFile(new URL(`../../manifests/rbac/${file}.yaml`, import.meta.url));
const jobsOf = (ns: string) => `/apis/batch/v1/namespaces/${ns}/jobs`;
const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;

/** Without an owner, whom the garbage collector would look for. */
function orphan<T extends KubeObject>(object: T, ns = namespace): T {
  const { ownerReferences: _, ...metadata } = object.metadata!;
  return { ...object, metadata: { ...metadata, namespace: ns } };
}

const restricted = (name: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
});

Deno.test("Jobs, claims and accounts of artifacts on a real API server", async (t) => {
  await using plane = await startControlPlane({ controllerManager: true });
  await installCrds(plane);
  await plane.apply([namespace, "engine", "other", "aim-system"].map(restricted));
  for (const file of ["artifact_status_updater_role", "account/service_account", "operator_role"]) {
    await plane.apply(await rbac(file));
  }
  for (const child of pass(artifact()).plan.children) {
    if (child.how === "keep" || child.ref.kind.resource.kind === "PersistentVolumeClaim") continue;
    await plane.apply([orphan(child.desired)]);
  }

  await t.step("the pods of both Jobs are admitted where restricted is enforced", async () => {
    const download = desired<Job>(pass(artifact(), [claim(), ...reporting()]), "Job");
    const measuring = desired<Job>(pass(artifact({ size: "0" }), reporting()), "Job");
    for (const job of [download, measuring]) {
      await plane.request("POST", jobsOf(namespace), orphan(job));
      await until(`a pod of ${job.metadata!.name}`, async () => (await podsOf(plane, job)).length === 1);
    }
    const bare = structuredClone(orphan(download));
    bare.metadata!.name = "bare";
    const { spec } = bare.spec!.template!;
    delete spec!.securityContext;
    delete spec!.containers[0].securityContext;
    await plane.request("POST", jobsOf(namespace), bare);
    await until("the refusal", async () => {
      const { items } = await plane.request("GET", `/api/v1/namespaces/${namespace}/events`);
      return items.some((each: { reason: string; message: string; involvedObject: { name: string } }) =>
        each.involvedObject.name === "bare" && each.reason === "FailedCreate" &&
        /violates PodSecurity/.test(each.message)
      );
    });
    assert.equal((await podsOf(plane, bare)).length, 0);
  });

  await t.step("a claim grows where its class allows it, and only so", async () => {
    for (const [name, allowVolumeExpansion] of [["grows", true], ["fixed", false]] as const) {
      await plane.request("POST", "/apis/storage.k8s.io/v1/storageclasses", {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "example.com/nobody",
        allowVolumeExpansion,
      });
    }
    const classes = (await plane.request("GET", "/apis/storage.k8s.io/v1/storageclasses")).items.map(
      (each: object) => ({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", ...each }),
    );
    // Its owner, which the claim here has not, since nobody is there for the garbage collector to find.
    const { ownerReferences } = desired(pass(artifact()), "PersistentVolumeClaim").metadata!;
    const larger = (of: PersistentVolumeClaim) => {
      const owned = { ...of, metadata: { ...of.metadata, ownerReferences } };
      return edited(pass(artifact({ size: "5Gi" }), [owned, ...reporting(), ...classes]));
    };
    const small = await bound(plane, "grows");
    const operator = await plane.kubeconfigFor("aim-system", "aim-engine-controller-manager");
    /** With the rights of the operator. */
    const patch = async (body: object) => {
      const args = ["patch", "pvc", claimName, "-n", namespace, "--type=merge", "-o", "json", "-p"];
      const { code, stdout, stderr } = await plane.kubectl([...args, JSON.stringify(body)], "", operator);
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    };
    const edit = larger(small);
    assert.deepEqual(edit, { spec: { resources: { requests: { storage: "6Gi" } } } });
    const grown = await patch(edit!);
    assert.equal(grown.spec.resources.requests.storage, "6Gi");
    assert.equal(larger(grown), undefined, "asked once");
    await assert.rejects(
      patch({ spec: { resources: { requests: { storage: "1Gi" } } } }),
      /less than/,
    );
    // What we do not ask for, it would refuse.
    await patch({ metadata: { finalizers: null } });
    await plane.request("DELETE", `${claims}/${claimName}`);
    await until(
      "the claim is gone",
      () => plane.request("GET", `${claims}/${claimName}`).then(() => false, () => true),
    );
    const fixed = await bound(plane, "fixed");
    assert.equal(larger(fixed), undefined);
    await assert.rejects(patch(edit!), /only dynamically provisioned pvc can be resized|support/);
  });

  await t.step(
    "the account of the pods may report about artifacts of its namespace, and nothing else",
    async () => {
      const own = await plane.kubeconfigFor(namespace, account);
      assert.deepEqual(await rights(plane, own, namespace), [
        "aimartifacts.aim.eai.amd.com/status [get patch]",
      ]);
      assert.deepEqual(await rights(plane, own, "other"), []);
      const { uid: _, generation: __, ...metadata } = artifact().metadata!;
      await plane.request("POST", `${ours}/namespaces/${namespace}/aimartifacts`, {
        ...artifact(),
        metadata,
      });
      const as = (...args: string[]) =>
        plane.kubectl(["patch", "aimartifacts", "test-hf", "-n", namespace, ...args], "", own);
      const report = await as(
        "--subresource=status",
        "--type=merge",
        "-p",
        '{"status":{"progress":{"percentage":3}}}',
      );
      assert.equal(report.code, 0, report.stderr);
      const spec = await as("--type=merge", "-p", '{"spec":{"size":"9Gi"}}');
      assert.match(spec.stderr, /forbidden/i);
    },
  );

  await t.step(
    "where AIM Engine has bound the default account, Jobs run as that one, which may report",
    async () => {
      const binding = {
        ...reporting("default")[1],
        metadata: { name: "aim-engine-artifact-status-updater", namespace: "engine" },
      } as KubeObject & { subjects: { namespace: string }[] };
      binding.subjects[0].namespace = "engine";
      await plane.apply([binding]);
      const job = desired<Job>(pass(artifact(), [claim(), ...reporting("default")]), "Job");
      assert.equal(job.spec!.template!.spec!.serviceAccountName, "default");
      await until(
        "the default account",
        () =>
          plane.request("GET", "/api/v1/namespaces/engine/serviceaccounts/default").then(
            () => true,
            () => false,
          ),
      );
      const engine = await plane.kubeconfigFor("engine", "default");
      assert.deepEqual(await rights(plane, engine, "engine"), [
        "aimartifacts.aim.eai.amd.com/status [get patch]",
      ]);
      await plane.request("POST", jobsOf("engine"), orphan(job, "engine"));
      await until("its pod", async () => (await podsOf(plane, job, "engine")).length === 1);
    },
  );
});

async function podsOf(plane: ControlPlane, { metadata }: Job, ns = namespace): Promise<unknown[]> {
  const selector = encodeURIComponent(`job-name=${metadata!.name}`);
  return (await plane.request("GET", `/api/v1/namespaces/${ns}/pods?labelSelector=${selector}`)).items;
}

/** The claim of an artifact of 1Gi, as if a provisioner of the class had bound it. */
async function bound(plane: ControlPlane, storageClassName: string): Promise<PersistentVolumeClaim> {
  const wanted = desired<PersistentVolumeClaim>(
    pass(artifact({ size: "1Gi", storageClassName })),
    "PersistentVolumeClaim",
  );
  await plane.request("POST", claims, orphan(wanted));
  const status = { phase: "Bound", capacity: wanted.spec!.resources!.requests };
  return await plane.request(
    "PATCH",
    `${claims}/${claimName}/status`,
    { status },
    "application/merge-patch+json",
  );
}

/** What the pass asks of the claim. */
function edited({ plan }: Seen): object | undefined {
  return plan.edits?.find(({ ref }) => ref.name === claimName)?.patch;
}

/** What the account may do in a namespace beyond what everybody may: looking at itself and at the API. */
async function rights(plane: ControlPlane, kubeconfig: string, ns: string): Promise<string[]> {
  const { stdout } = await plane.kubectl(
    ["auth", "can-i", "--list", "--no-headers", "-n", ns],
    "",
    kubeconfig,
  );
  return stdout.trim().split("\n").map((line) => line.trim())
    .filter((line) => !/^(selfsubject\w+\.|\[|\/)/.test(line))
    .map((line) => line.replace(/\s+\[\]/g, "").replace(/\s+/g, " "));
}
