/** The Dockerfile against the program: permissions, files, user, version. */

import assert from "node:assert/strict";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { denoFlags, denoFlagsWith } from "../../lib/process/permissions.ts";
import { bundleOperator } from "../operator_process.ts";
import { documentsBelow, named } from "../manifests/documents.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

const dockerfile = await Deno.readTextFile(`${root}Dockerfile`);

/** What follows an instruction, of the last stage that has it. */
function last(instruction: string): string {
  const lines = dockerfile.split("\n").filter((line) => line.startsWith(`${instruction} `));
  return lines.at(-1)!.slice(instruction.length + 1);
}

Deno.test("the image starts the program with the operator's permissions, and downloads nothing", () => {
  assert.deepEqual(JSON.parse(last("ENTRYPOINT")), [
    "deno",
    "run",
    "--cached-only",
    ...denoFlags,
    "/bundle/mod.js",
  ]);
});

Deno.test("the operator's bundle, made as in the image, runs on its permissions and says the same as the source", async () => {
  assert.match(dockerfile, /^RUN deno task bundle --outdir \/bundle /m);
  const bundle = await bundleOperator();
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", ...args],
      cwd: "/",
    }).output();
    return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
  };
  const help = await said(...denoFlags, bundle, "--help");
  assert.deepEqual(help, await said(...denoFlags, `${root}mod.ts`, "--help"));
  assert.equal(help[0], 0);
  // What is loaded on demand is in files of its own: who has no kubeconfig does not load the parser of YAML.
  const files = [...Deno.readDirSync(dirname(bundle))].map(({ name }) => name);
  for (const part of ["kubeconfig", "metrics", "x509"]) {
    assert.ok(files.some((name) => name.startsWith(part)), `${part} among ${files}`);
  }
});

Deno.test("the permissions: lists for reading and the environment, nothing to run, write or load", () => {
  for (const flag of denoFlags) {
    assert.match(flag, /^--(no-prompt|v8-flags=.+|allow-net|allow-read=.+|allow-env=.+|allow-sys=hostname)$/);
  }
  assert.ok(denoFlags.includes("--no-prompt"));
  const read = denoFlagsWith({ read: ["/a", "/b"] }).find((flag) => flag.startsWith("--allow-read"));
  assert.ok(read?.endsWith(",/a,/b"));
});

Deno.test("the image runs as 65532, on the Deno that runs this test", () => {
  assert.equal(last("USER"), "65532:65532");
  assert.ok(dockerfile.includes(` deno@${Deno.version.deno} `), dockerfile);
});

Deno.test("the image has every file that the program imports", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${root}mod.ts`],
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
  const copied = dockerfile.split("\n").flatMap((line) =>
    /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1].split(" ") ?? []
  );
  const allowed = (await Deno.readTextFile(`${root}.dockerignore`)).split("\n")
    .flatMap((line) => line.startsWith("!") ? [line.slice(1)] : []);
  for (const path of ["deno.json", "deno.lock"]) assert.ok(copied.includes(path));
  assert.deepEqual(allowed, copied);
  const local = modules.flatMap(({ specifier }) =>
    specifier.startsWith("file://") ? [relative(root, fileURLToPath(specifier))] : []
  );
  assert.ok(local.length > 50, `${local.length} modules`);
  for (const path of local) {
    assert.ok(copied.some((each) => path === each || path.startsWith(`${each}/`)), path);
    assert.doesNotMatch(path, /_test\.ts$/);
  }
});

Deno.test("the Deployment has what the image needs, and its arguments are flags of the program", async () => {
  const deployment = named(await documentsBelow("operator"), "Deployment", "aim-engine-controller-manager");
  assert.deepEqual(deployment.spec.strategy, { type: "Recreate" });
  assert.equal(deployment.spec.replicas, 1);
  const { containers, ...pod } = deployment.spec.template.spec;
  assert.equal(pod.serviceAccountName, "aim-engine-controller-manager");
  assert.equal(pod.terminationGracePeriodSeconds, 10);
  const [container] = containers;
  assert.equal(container.name, "manager");
  assert.equal(container.command, undefined, "the image's own");
  assert.deepEqual(container.args, [
    "--metrics-bind-address=:8443",
    "--health-probe-bind-address=:8081",
    "--leader-elect",
  ]);
  const env = (container.env as Env[]).map(({ name, value, valueFrom }) => [
    name,
    value ?? valueFrom!.fieldRef.fieldPath,
  ]);
  assert.deepEqual(env, [
    ["AIM_SYSTEM_NAMESPACE", "metadata.namespace"],
    ["POD_NAME", "metadata.name"],
    ["DOCKER_CONFIG", "/etc/aim/docker"],
  ]);
  assert.deepEqual(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath), [
    "/etc/aim/docker",
  ]);
  const { initialDelaySeconds, periodSeconds } = container.livenessProbe;
  assert.deepEqual([initialDelaySeconds, periodSeconds], [15, 20]);
  assert.deepEqual(
    [container.readinessProbe.initialDelaySeconds, container.readinessProbe.periodSeconds],
    [5, 10],
  );
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
});
