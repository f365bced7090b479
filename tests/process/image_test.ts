/** The Dockerfile, and the compiled programs that it copies: what is in them, and how they run in the image's tree. */

import assert from "node:assert/strict";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { permissions as permissionsOfCommandLine } from "../../lib/cli/permissions.ts";
import { allocator, denoFlags, denoFlagsWith } from "../../lib/process/permissions.ts";
import { version } from "../../lib/program/version.ts";
import { programs } from "../../release/programs.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { content, noise } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { documentsBelow, named } from "../manifests/documents.ts";
import { type Compiled, readCompiled, runFlags, unpack } from "./compiled.ts";
import { signalInTree, startInTree } from "./image_tree.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

const dockerfile = await Deno.readTextFile(`${root}Dockerfile`);

/** The lines of a stage. */
function stage(name: string): string[] {
  const [, text] = new RegExp(`^FROM \\S+ AS ${name}\\n([^]*?)(?=^FROM |\\Z(?!\\n))`, "m").exec(
    dockerfile + "FROM ",
  )!;
  return text.split("\n");
}

let folder: string;
const compiled = new Map<string, Compiled>();

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "aim-image-", dir: "/tmp" });
  await Deno.chmod(folder, 0o755);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "compile", `--outdir=${folder}`, "--commit=c0ffee"],
    cwd: root,
    env: { DENORT_BIN: Deno.execPath() },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  for (const { name } of programs) {
    const program = await readCompiled(join(folder, name));
    compiled.set(name, program);
    await unpack(program, join(folder, `${name}-files`));
  }
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

/** How Deno runs a compiled program with the permissions that are in it. */
function runOf(name: string, files = join(folder, `${name}-files`)): string[] {
  const { manifest } = compiled.get(name)!;
  return ["run", "--no-config", "--cached-only", ...runFlags(manifest), join(files, manifest.entrypoint_key)];
}

async function output(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<[code: number, stdout: string, stderr: string]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: "/",
    env: { NO_COLOR: "1", AIM_COMMIT: "c0ffee", ...env },
  }).output();
  return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
}

Deno.test("a compiled program has its own permissions and V8 flags, and no more", () => {
  for (const { name, flags } of programs) {
    const { manifest } = compiled.get(name)!;
    assert.deepEqual(runFlags(manifest).sort(), [...flags].sort(), name);
    for (const [key, value] of Object.entries(manifest.permissions)) {
      if (key === "prompt") assert.equal(value, false);
      // Only who runs it knows which program tells the credentials of a kubeconfig's user.
      else if (key === "allow_run" && name === "kubectl-aim") assert.deepEqual(value, []);
      else if (/^(deny|ignore)_/.test(key) || /_(run|ffi)$/.test(key)) assert.equal(value, null, key);
    }
    assert.deepEqual(manifest.argv, []);
    assert.deepEqual(manifest.env_vars_from_env_file, { AIM_COMMIT: "c0ffee" });
    assert.equal(manifest.log_level, null, "what Deno itself has to say is not held back");
    assert.equal(manifest.code_cache_key, null);
    assert.deepEqual(
      [manifest.otel_config.tracing_enabled, manifest.otel_config.metrics_enabled],
      [false, false],
    );
  }
});

Deno.test("a compiled program consists of all that it imports and reads beside itself, and of nothing else", async () => {
  for (const { name, threads, files: read = [] } of programs) {
    const { manifest, files } = compiled.get(name)!;
    const unpacked = join(folder, `${name}-files`);
    const roots = [manifest.entrypoint_key, ...threads.map((thread) => basename(thread))];
    const reached = new Set(read.map((file) => basename(file)));
    for (const each of roots) {
      const [code, stdout, stderr] = await output(["info", "--no-config", "--json", join(unpacked, each)]);
      assert.equal(code, 0, stderr);
      for (const { specifier, error } of JSON.parse(stdout).modules) {
        assert.equal(error, undefined, specifier);
        if (specifier.startsWith("file:")) reached.add(relative(unpacked, fileURLToPath(specifier)));
        else assert.match(specifier, /^node:/, `${name} would have to fetch it`);
      }
    }
    assert.deepEqual([...reached].sort(), [...files.keys()].sort(), name);
  }
});

Deno.test("what is loaded on demand is in files of its own: who has no kubeconfig does not load the parser of YAML", () => {
  const files = [...compiled.get("aim-operator")!.files.keys()];
  for (const part of ["kubeconfig", "metrics", "x509"]) {
    assert.ok(files.some((name) => name.startsWith(part)), `${part} among ${files}`);
  }
});

Deno.test("a program adds a few megabytes to Deno's runtime", async () => {
  const { size: runtime } = await Deno.stat(Deno.execPath());
  for (const [name, { size }] of compiled) {
    const megabytes = (size - runtime) / 1024 / 1024;
    assert.ok(megabytes > 1 && megabytes < 8, `${name}: ${megabytes} MiB`);
  }
});

Deno.test("--version and --help of the compiled programs", async () => {
  for (const { name, entry } of programs) {
    const line = `${name} ${version} (commit c0ffee, Deno ${Deno.version.deno})\n`;
    assert.deepEqual(await output([...runOf(name), "--version"]), [0, line, ""]);
    const help = await output([...runOf(name), "--help"]);
    assert.deepEqual(help, await output(["run", "--allow-env", "--no-check", join(root, entry), "--help"]));
    assert.equal(help[0], 0);
  }
  assert.equal(version, JSON.parse(await Deno.readTextFile(`${root}deno.json`)).version);
});

Deno.test("the permissions of the operator: lists for reading and the environment, nothing to run, write or load", () => {
  for (const flag of denoFlags) {
    assert.match(flag, /^--(no-prompt|v8-flags=.+|allow-net|allow-read=.+|allow-env=.+|allow-sys=hostname)$/);
  }
  assert.ok(denoFlags.includes("--no-prompt"));
  const read = denoFlagsWith({ read: ["/a", "/b"] }).find((flag) => flag.startsWith("--allow-read"));
  assert.ok(read?.endsWith(",/a,/b"));
});

Deno.test("the permissions of the command line: nothing to write, no variable that is not named", async () => {
  assert.ok(permissionsOfCommandLine.env.every((variable) => /^\w+$/.test(variable)));
  const { write, sys, ...others } = permissionsOfCommandLine;
  assert.deepEqual([write, sys], [undefined, undefined]);
  const { permissions: { aim } } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  assert.deepEqual(aim, others, "deno task aim has the same");
});

/** A cluster in memory with our kinds and one service. */
async function clusterWithService() {
  const cluster = await startEmbeddedCluster({ alone: true });
  await installManifests(cluster);
  await cluster.request("POST", "/apis/aim.eai.amd.com/v1alpha1/namespaces/default/aimservices", {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "chat" },
    spec: { model: { name: "nowhere" } },
  });
  return cluster;
}

Deno.test("kubectl-aim, as compiled, reads a cluster by a kubeconfig whose user a program tells", async () => {
  await using cluster = await clusterWithService();
  const config = parse(await Deno.readTextFile(cluster.adminKubeconfig));
  const { token } = config.users[0].user;
  const apiVersion = "client.authentication.k8s.io/v1";
  const plugin = join(folder, "plugin.sh");
  const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token } });
  await Deno.writeTextFile(plugin, `#!/bin/sh\necho '${credential}'\n`);
  await Deno.chmod(plugin, 0o755);
  config.users[0].user = { exec: { apiVersion, command: plugin, interactiveMode: "Never" } };
  const kubeconfig = join(folder, "exec.kubeconfig");
  await Deno.writeTextFile(kubeconfig, JSON.stringify(config));
  const [code, stdout, stderr] = await output([...runOf("kubectl-aim"), "status", "-A", "-o=json"], {
    KUBECONFIG: kubeconfig,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).map(({ name }: { name: string }) => name), ["chat"]);
});

Deno.test("kubectl-aim, as compiled, serves the page with its styles and scripts, and tells it of services", async () => {
  await using cluster = await clusterWithService();
  const process = new Deno.Command(Deno.execPath(), {
    args: [...runOf("kubectl-aim"), "dashboard", "-o=json"],
    cwd: "/",
    env: { NO_COLOR: "1", KUBECONFIG: cluster.adminKubeconfig },
    stdout: "piped",
  }).spawn();
  try {
    const { url } = JSON.parse(await firstOf(process.stdout, /^\}$/m));
    const signedIn = await fetch(url, { redirect: "manual" });
    await signedIn.body?.cancel();
    const headers = { cookie: signedIn.headers.get("set-cookie")!.split(";")[0] };
    const types = new Map<string, string>();
    /** Gets what is there, and all scripts and styles that it refers to. */
    const load = async (path: string): Promise<void> => {
      if (types.has(path)) return;
      const answer = await fetch(new URL(path, url), { headers });
      const text = await answer.text();
      assert.equal(answer.status, 200, path);
      assert.notEqual(text, "", path);
      types.set(path, answer.headers.get("content-type")!);
      for (const [, named] of text.matchAll(/"(\.?\/[\w./-]+\.(?:js|css))"/g)) {
        await load(new URL(named, `http://page${path}`).pathname);
      }
    };
    await load("/");
    const [html, css, js] = ["html", "css", "javascript"].map((type) => `text/${type}; charset=utf-8`);
    assert.deepEqual(Object.fromEntries([...types].sort()), {
      "/": html,
      "/html.js": js,
      "/overview.js": js,
      "/packages/hooks.js": js,
      "/packages/htm.js": js,
      "/packages/preact.js": js,
      "/page.css": css,
      "/page.js": js,
      "/service.js": js,
      "/services.js": js,
    });
    const events = await fetch(new URL("/events", url), { headers });
    assert.match(await firstOf(events.body!, /^data: .*$/m), /"name":"chat"/);
  } finally {
    process.kill("SIGINT");
  }
  assert.equal((await process.status).code, 0);
});

/** What a stream says until it has said that; the rest nobody reads. */
async function firstOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>, pattern: RegExp): Promise<string> {
  let said = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (pattern.test(said)) return said;
  }
  throw new Error(`it ends with ${said}`);
}

/** The stage of each program's image, and its user. */
const images: Readonly<Record<string, readonly [stage: string, user: number]>> = {
  "aim-operator": ["operator", 65532],
  "aim-downloader": ["downloader", 1000],
  "kubectl-aim": ["cli", 65532],
};

Deno.test("each program has an image: it alone, on a base without a shell, under a user that is not root", () => {
  assert.deepEqual(Object.keys(images), programs.map(({ name }) => name));
  for (const [name, [target, user]] of Object.entries(images)) {
    const copies = stage(target).filter((line) => line.startsWith("COPY "));
    assert.deepEqual(copies, [
      `COPY --from=build-${target} /out/${name} /${name}`,
      `COPY --from=build-${target} /out/${name}.licences.txt /licences.txt`,
      ...target === "downloader" ? ["COPY --from=sources /app/lib/download/image/ /"] : [],
    ]);
    const settings = stage(target).filter((line) => /^(USER|ENTRYPOINT|RUN|ENV) /.test(line));
    const variables = Object.entries(allocator).map(([name, value]) => `${name}=${value}`).join(" ");
    assert.deepEqual(settings, [
      ...target === "operator" ? [`ENV ${variables}`] : [],
      `USER ${user}:${user}`,
      `ENTRYPOINT ["/${name}"]`,
    ]);
  }
  const stages = [...dockerfile.matchAll(/^FROM (?:--\S+ )?(\S+) AS (\S+)$/gm)].map((
    [, from, as],
  ) => [from, as]);
  const [base] = stages.find(([, as]) => as === "base")!;
  assert.match(base, /\/distroless\/cc-debian12:nonroot$/);
  assert.equal(stages.at(-1)![1], "operator", "what no target is named for");
  const targets = Object.values(images).map(([target]) => target);
  assert.deepEqual(
    stages.filter(([from]) => from === "base").map(([, as]) => as).toSorted(),
    targets.toSorted(),
  );
  assert.deepEqual(
    stages.filter(([from]) => from === "sources").map(([, as]) => as),
    targets.map((target) => `build-${target}`),
  );
});

Deno.test("the images are made with the Deno that runs this test, for both machines, and say what they are", () => {
  assert.ok(dockerfile.includes(` deno@${Deno.version.deno} `), dockerfile);
  assert.match(dockerfile, /^FROM --platform=\$BUILDPLATFORM \S+ AS sources$/m);
  for (const [name, [target]] of Object.entries(images)) {
    const lines = stage(`build-${target}`);
    // A stage knows of the arguments of a build only those that it names.
    for (const argument of ["ARG TARGETARCH", "ARG COMMIT=unknown"]) {
      assert.ok(lines.includes(argument), target);
    }
    assert.deepEqual(lines.filter((line) => line.startsWith("RUN ")), [
      `RUN deno task compile --only=${name} --outdir=/out --arch=\${TARGETARCH:-amd64} --commit=$COMMIT`,
    ]);
  }
  const labels = [...dockerfile.matchAll(/org\.opencontainers\.image\.([\w.]+)=("[^"]*"|\S+)/g)];
  const values = new Map(labels.map(([, key, value]) => [key, value.replaceAll('"', "")]));
  assert.equal(values.get("version"), version);
  assert.equal(values.get("licenses"), "MIT");
  assert.equal(values.get("revision"), "$COMMIT");
  assert.equal(labels.filter(([, key]) => key === "title").length, programs.length);
  assert.ok(dockerfile.includes(`FROM ${values.get("base.name")} AS base`));
});

Deno.test("the build has every file that the programs and their compiler import", async () => {
  const copied = dockerfile.split("\n").flatMap((line) =>
    /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1].split(" ") ?? []
  );
  const allowed = (await Deno.readTextFile(`${root}.dockerignore`)).split("\n")
    .flatMap((line) => line.startsWith("!") ? [line.slice(1)] : []);
  for (const path of ["deno.json", "deno.lock"]) assert.ok(copied.includes(path));
  assert.deepEqual(allowed, copied);
  const entries = ["release/compile.ts", ...programs.flatMap(({ entry, threads }) => [entry, ...threads])];
  for (const entry of entries) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", `${root}${entry}`],
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
    const local = modules.flatMap(({ specifier }) =>
      specifier.startsWith("file://") ? [relative(root, fileURLToPath(specifier))] : []
    );
    assert.ok(local.length > 0, entry);
    for (const path of local) {
      assert.ok(copied.some((each) => path === each || path.startsWith(`${each}/`)), path);
      assert.doesNotMatch(path, /_test\.ts$/);
    }
  }
});

const asRoot = Deno.uid() === 0;

Deno.test({
  name: `the operator in its image's tree, read-only and as 65532, in a pod: it reconciles, and ends with 0${
    asRoot ? "" : " (needs root: only root may mount)"
  }`,
  ignore: !asRoot,
  async fn() {
    await using cluster = await startEmbeddedCluster({ alone: true });
    await installManifests(cluster);
    const account = join(folder, "account");
    await Deno.mkdir(account);
    const { status: { token } } = await cluster.request(
      "POST",
      "/api/v1/namespaces/aim-system/serviceaccounts/aim-engine-controller-manager/token",
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
    );
    await Deno.writeTextFile(join(account, "token"), token);
    await Deno.writeTextFile(join(account, "namespace"), "aim-system");
    await Deno.copyFile(cluster.caFile, join(account, "ca.crt"));
    const services = "/apis/aim.eai.amd.com/v1alpha1/namespaces/default/aimservices";
    await until("the kinds are served", () => cluster.request("GET", services));
    await cluster.request("POST", services, {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMService",
      metadata: { name: "chat" },
      spec: { model: { name: "nowhere" } },
    });
    const { hostname, port } = new URL(cluster.url);
    const probes = freePort();
    const program = await startInTree({
      files: {
        "/aim-operator": join(folder, "aim-operator"),
        "/files": join(folder, "aim-operator-files"), // what the runtime would find in the file itself
      },
      mounts: { "/var/run/secrets/kubernetes.io/serviceaccount": account },
      user: 65532,
      command: [
        "/aim-operator",
        ...runOf("aim-operator", "/files"),
        "--leader-elect",
        `--health-probe-bind-address=127.0.0.1:${probes}`,
      ],
      env: {
        ...compiled.get("aim-operator")!.manifest.env_vars_from_env_file,
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        AIM_SYSTEM_NAMESPACE: "aim-system",
        POD_NAME: "aim-engine-0",
        DENO_DIR: "/nowhere", // Deno asks for one, the compiled program does not
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
    });
    const ended = program.output();
    const said = async () => new TextDecoder().decode((await ended).stderr);
    let over = false;
    ended.then(() => over = true);
    await until("it has written a status", async () => {
      if (over) throw new Error(await said());
      const service = await cluster.request("GET", `${services}/chat`);
      return service.status?.conditions !== undefined;
    });
    assert.equal((await fetch(`http://127.0.0.1:${probes}/readyz`)).status, 200);
    await signalInTree(program, "SIGTERM");
    assert.equal((await ended).code, 0, await said());
    const lines = (await said()).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.filter(({ level }) => level === "error"), []);
    assert.equal(lines.at(-1).msg, "the operator has stopped");
  },
});

Deno.test({
  name: `kubectl-aim in its image's tree, read-only and as 65532, tests a catalogue that is mounted${
    asRoot ? "" : " (needs root: only root may mount)"
  }`,
  ignore: !asRoot,
  async fn() {
    const catalogue = join(folder, "catalogue");
    await Deno.mkdir(catalogue);
    await Deno.writeTextFile(
      join(catalogue, "test.yaml"),
      stringify({
        kind: "CatalogueTest",
        model: "m",
        nodes: ["MI300X"],
        templates: [{ name: "latency", gpu: "MI300X", gpuCount: 1, metric: "latency", precision: "fp8" }],
        tests: [{ name: "the only one is taken", expect: { template: "latency" } }],
      }),
    );
    const program = await startInTree({
      files: {
        "/kubectl-aim": join(folder, "kubectl-aim"),
        "/files": join(folder, "kubectl-aim-files"), // what the runtime would find in the file itself
      },
      mounts: { "/catalogue": catalogue },
      user: 65532,
      command: ["/kubectl-aim", ...runOf("kubectl-aim", "/files"), "test", "/catalogue"],
      env: {
        ...compiled.get("kubectl-aim")!.manifest.env_vars_from_env_file,
        DENO_DIR: "/nowhere", // Deno asks for one, the compiled program does not
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
    });
    const { code, stdout, stderr } = await program.output();
    const text = new TextDecoder();
    assert.equal(code, 0, text.decode(stderr));
    assert.match(text.decode(stdout), /1 passed/);
  },
});

Deno.test("the downloader's threads start from the compiled files, on the permissions in them", async () => {
  // Larger than what is verified without a thread.
  const model = noise(3_000_000);
  await using hub = new Hub({ repositories: { "org/model": { files: { "model.bin": content(model) } } } });
  const volume = join(folder, "volume");
  const [code, , stderr] = await output([...runOf("aim-downloader"), "hf://org/model"], {
    HF_ENDPOINT: hub.endpoint,
    TARGET_DIR: volume,
    TMPDIR: folder,
    NO_PROXY: "127.0.0.1",
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await Deno.readFile(join(volume, "model.bin")), model);
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
