/**
 * `kubectl aim dashboard` in a browser, beside a running operator. `AIM_PICTURES=1` puts pictures of its pages into the
 * documents.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gpuNodes, gpuPods } from "../../lib/cli/cluster/gpus.ts";
import { newToken } from "../../lib/cli/dashboard/guard.ts";
import { type Live, pageApp } from "../../lib/cli/dashboard/server.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { cacheHolding } from "../../lib/operator/runner/view_fixture.ts";
import { assertNoSidewaysScroll, faultsOf, type Page, sizes, startBrowser } from "../browser/page.ts";
import { until } from "../control_plane/until.ts";
import { aimCommand } from "../plugin.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { User } from "./user.ts";

const pictures = fileURLToPath(new URL("../../docs/kubectl-aim/", import.meta.url));

let installation: Installation;
let user: User;
let browser: Awaited<ReturnType<typeof startBrowser>>;
let dashboard: Deno.ChildProcess;
let url: string;
let page: Page;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
    clusterTemplate("qwen-mi355x", "qwen", { hardware: { gpu: { requests: 1, model: "MI355X" } } }),
    clusterTemplate("qwen-preview", "qwen", { type: "preview", precision: "fp8" }),
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput", "qwen-preview");
  await user.apply([
    service("chat", "ml-team", { model: { name: "qwen" }, replicas: 2 }),
    service("lost", "ml-team", { model: { name: "no-such-model" } }),
  ]);
  await user.reaches("aimservice", "chat", "Running", "ml-team");
  await user.condition("aimservice", "lost", "ModelReady", "ModelNotFound", "ml-team");
  const [program, ...words] = aimCommand;
  dashboard = new Deno.Command(program, {
    args: [...words, "dashboard", "-n", "ml-team", "-o", "json"],
    env: { KUBECONFIG: installation.plane.adminKubeconfig },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  url = await firstUrl(dashboard.stdout);
  browser = await startBrowser();
  page = await browser.newPage({ viewport: sizes.desk });
});

Deno.test.afterAll(async () => {
  await browser?.close();
  await uninstall(installation);
});

async function firstUrl(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("}")) return JSON.parse(text).url;
  }
  throw new Error(`it ended without an address: ${text}`);
}

Deno.test("without its token the server says nothing, and with it only what a page of its own may load", async () => {
  const { origin } = new URL(url);
  for (const path of ["/", "/events", "/page.js"]) {
    const { status, body } = await fetch(origin + path);
    assert.equal(status, 401, path);
    await body?.cancel();
  }
  const signIn = await fetch(url, { redirect: "manual" });
  await signIn.body?.cancel();
  assert.equal(signIn.status, 303);
  assert.equal(signIn.headers.get("location"), "/", "the token does not stay in the address");
  const cookie = signIn.headers.get("set-cookie")!.split(";")[0];
  const index = await fetch(origin, { headers: { cookie } });
  await index.body?.cancel();
  assert.equal(index.status, 200);
  assert.match(
    index.headers.get("content-security-policy")!,
    /^default-src 'none'; script-src 'self' 'sha256-[^']+';/,
  );
  const write = await fetch(`${origin}/events`, { method: "POST", headers: { cookie } });
  await write.body?.cancel();
  assert.equal(write.status, 405);
});

Deno.test("the page lists the services with their state and where each breaks, and the GPUs", async () => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  const table = page.getByRole("table", { name: "Services", exact: true });
  await table.getByRole("row", { name: /chat.*ml-team.*Running/ }).waitFor();
  await table.getByRole("row", { name: /lost.*ml-team.*Failed.*model: ModelNotFound/ }).waitFor();
  assert.doesNotMatch(page.url(), /token/);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  const gpus = page.getByRole("table", { name: "GPUs" });
  // The cluster of scenarios has two nodes with 8 MI300X and one with 8 MI325X; chat takes one MI300X for each replica.
  await gpus.getByRole("row", { name: /MI300X.*2/ }).waitFor();
  await picture("dashboard");
  assert.deepEqual(errors, []);
});

Deno.test("what changes is there without a word of the user's, and is said to who hears the page", async () => {
  await user.apply([service("later", "ml-team", { model: { name: "no-such-model" } })]);
  await page.getByRole("row", { name: /later.*Failed.*model: ModelNotFound/ }).waitFor();
  await page.getByRole("status", { name: "News" }).filter({ hasText: /ml-team\/later is Failed/ }).waitFor();
  await user.kubectl("delete", "aimservice/later", "-n", "ml-team", "--timeout=60s");
  await page.getByRole("row", { name: /later/ }).waitFor({ state: "detached" });
});

Deno.test("a state that is pressed shows its services only, and a name that is typed", async () => {
  const failed = page.getByRole("button", { name: /1.*Failed/ });
  await failed.click();
  assert.equal(await failed.getAttribute("aria-pressed"), "true");
  await page.getByRole("row", { name: /chat/ }).waitFor({ state: "detached" });
  await failed.click();
  await page.getByLabel("Find by name").fill("cha");
  await page.getByRole("status").filter({ hasText: "1 of 2 services" }).waitFor();
  await page.getByLabel("Find by name").fill("");
});

Deno.test("by keyboard alone to a service and back; what is new gets the focus", async () => {
  await page.getByRole("link", { name: "chat" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "ml-team/chat" }).waitFor();
  await focusIsOn("ml-team/chat");
  assert.equal(await page.title(), "ml-team/chat · AIM services");
  // The first stop after the heading is what stands below it, the one before it the way back.
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "All services" }).waitFor();
  await focusIsOn("All services");
});

Deno.test("a service that runs: its path is whole, and every candidate stands below what decided on it", async () => {
  await page.getByRole("link", { name: "chat" }).click();
  const path = page.getByRole("region", { name: "Path" });
  for (const part of ["model", "template", "cache", "artifact", "endpoint", "pods"]) {
    await path.getByRole("listitem").filter({ hasText: part }).first().waitFor();
  }
  assert.equal(await path.getByText("breaks here").count(), 0);
  const choice = page.getByRole("table", { name: "Choice of the template" });
  await choice.getByRole("row", { name: /qwen-latency.*chosen/ }).waitFor();
  const stages = await choice.getByRole("rowgroup").allInnerTexts();
  const stageOf = (name: string) =>
    stages.map((text) => text.includes(name) && /\((\w+)\)/.exec(text)?.[1]).find((stage) => stage);
  assert.deepEqual(["qwen-mi355x", "qwen-preview", "qwen-throughput"].map(stageOf), [
    "availability",
    "optimization",
    "score",
  ]);
});

Deno.test("a better template that came later is told on the page as by the commands", async () => {
  await user.apply([clusterTemplate("qwen-better", "qwen", { precision: "fp4" })]);
  await page.getByText(
    /It would choose qwen-better now: precision fp4 .* 2 pods would restart, 16 GiB would be/,
  ).waitFor();
  await user.kubectl("delete", "aimclusterservicetemplate/qwen-better", "--timeout=60s");
});

Deno.test("a service that does not run: the broken link is marked, with cause and remedy", async () => {
  await page.goto(`${new URL(url).origin}/#/ml-team/lost`);
  const path = page.getByRole("region", { name: "Path" });
  await path.getByRole("listitem").filter({ hasText: /model[^]*breaks here/ }).waitFor();
  await path.getByText("The path breaks at the model: ModelNotFound").waitFor();
  await path.getByText(/What helps:/).waitFor();
  await picture("dashboard-broken");
});

for (const scheme of ["light", "dark"] as const) {
  for (const [size, viewport] of Object.entries(sizes)) {
    Deno.test(`in ${scheme} on a ${size} axe finds nothing serious, and nothing is beyond the edge`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(viewport);
      for (
        const [place, heading] of [["#/", "All services"], ["#/ml-team/chat", "Path"], [
          "#/ml-team/lost",
          "Path",
        ]]
      ) {
        await page.goto(`${new URL(url).origin}/${place}`);
        await page.getByRole("heading", { name: heading, exact: true }).waitFor();
        assert.deepEqual(await faultsOf(page), [], place);
        await assertNoSidewaysScroll(page, place);
        const shown = `${scheme} ${size} ${place}`;
        if (shown === "dark desk #/ml-team/chat") await picture("dashboard-service");
        if (shown === "dark phone #/ml-team/lost") await picture("dashboard-phone");
      }
    });
  }
}

Deno.test("downloads show how far they are and how long they take; of many services one is found by its name", async () => {
  const stop = new AbortController();
  const settings = { port: 0, token: newToken() };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    pageApp(manyServices(), settings, stop.signal).fetch,
  );
  settings.port = server.addr.port;
  const origin = `http://127.0.0.1:${settings.port}`;
  const own = await browser.newPage({ viewport: sizes.desk });
  try {
    await own.goto(`${origin}/?token=${settings.token}`);
    await own.getByText("800 more: look for a name.").waitFor();
    await own.getByLabel("Find by name").fill("s-777");
    await own.getByRole("progressbar", { name: "Download of s-777" }).waitFor();
    assert.equal(await own.getByRole("row").filter({ hasText: /^s-/ }).count(), 1);
    assert.deepEqual(await faultsOf(own), []);
    await own.getByRole("link", { name: "s-777" }).click();
    const downloads = own.getByRole("region", { name: "Downloads" });
    await downloads.getByText("60 % of 34 GiB, HTTP: 512 MB/s, 3 min left").waitFor();
    assert.equal(await downloads.getByRole("progressbar").getAttribute("value"), "60");
    assert.deepEqual(await faultsOf(own), []);
  } finally {
    await own.close();
    stop.abort();
    await server.finished;
  }
});

/** A thousand services that wait for one download, of a cluster that stands still. */
function manyServices(): Live {
  const services = Array.from(
    { length: 1000 },
    (_, n) => service(`s-${n}`, "ml-team", { model: { name: "m" } }) as KubeObject,
  );
  const waiting = services.map((each) => ({
    ...each,
    status: {
      status: "Starting",
      resolvedModel: { name: "m", scope: "Namespace", namespace: "ml-team", uid: "uid-AIMModel-ml-team-m" },
      resolvedTemplate: {
        name: "t",
        scope: "Namespace",
        namespace: "ml-team",
        uid: "uid-AIMServiceTemplate-ml-team-t",
      },
    },
  }));
  const of = (kind: string, name: string, parts: object) => ({
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind,
    metadata: { name, namespace: "ml-team" },
    ...parts,
  });
  const objects = [
    ...waiting,
    of("AIMModel", "m", { spec: { image: "m:1" }, status: { status: "Ready" } }),
    of("AIMServiceTemplate", "t", { spec: { modelName: "m" }, status: { status: "Ready" } }),
    of("AIMTemplateCache", "t-cache", {
      spec: { templateName: "t", templateScope: "Namespace", mode: "Shared" },
      status: { status: "Progressing", artifacts: { a: { name: "weights" } } },
    }),
    of("AIMArtifact", "weights", {
      spec: { sourceUri: "hf://a/b" },
      status: {
        status: "Progressing",
        displaySize: "34 GiB",
        progress: { percentage: 60 },
        download: { message: "HTTP: 512 MB/s, 3 min left" },
      },
    }),
  ] as KubeObject[];
  return {
    cluster: {
      cache: cacheHolding(objects, { kinds: watchedKinds }),
      unseen: [],
      at: Date.now(),
      trouble: "",
    },
    gpus: { cache: cacheHolding([], { kinds: [gpuNodes, gpuPods] }), unseen: [], trouble: "" },
    scope: "namespace ml-team",
    async *changes(until) {
      yield;
      await new Promise<void>((resolve) => until.addEventListener("abort", () => resolve(), { once: true }));
    },
  };
}

Deno.test("the command has written nothing, and ends by ctrl-c without a complaint; the page says that it is gone", async () => {
  const verbs = (await installation.plane.auditEvents())
    .filter(({ userAgent }) => userAgent?.startsWith("kubectl-aim")).map(({ verb }) => verb);
  assert(verbs.length > 0, "it names itself");
  assert.deepEqual([...new Set(verbs)].filter((verb) => !["get", "list", "watch"].includes(verb)), []);
  dashboard.kill("SIGINT");
  assert.equal((await dashboard.status).code, 0);
  await page.getByRole("status").filter({ hasText: "Not connected" }).waitFor();
});

/** The text of what has the focus. */
/** Asked from outside: the page's policy forbids code that is made of a text, as Playwright's own waiting does it. */
const focusIsOn = (text: string) =>
  until(
    `the focus on ${text}`,
    async () => await page.evaluate("document.activeElement.textContent") === text,
    { everyMilliseconds: 50 },
  );

async function picture(name: string): Promise<void> {
  if (Deno.env.get("AIM_PICTURES") === undefined) return;
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
}
