/** What a user sees with kubectl: names, categories, columns, explanations (api.md §2 and §3). */
import assert from "node:assert/strict";
import { kinds } from "../../lib/api/mod.ts";
import { accepted, namespace, type Server } from "./server.ts";

// Short name, and the header of `kubectl get -o wide`
const headers: [string, string][] = [
  ["aimsvc", "NAME STATUS MODEL TEMPLATE REPLICAS AGE"],
  ["aimmdl", "NAME STATUS SOURCE IMAGE MODEL AGE"],
  ["aimclmdl", "NAME STATUS SOURCE IMAGE MODEL AGE"],
  ["aimtpl", "NAME MODEL STATUS HARDWARE METRIC PRECISION"],
  ["aimcltpl", "NAME MODEL STATUS HARDWARE METRIC PRECISION"],
  ["aimtc", "NAME TEMPLATE MODE STATUS KIND AGE"],
  ["aimart", "NAME STATUS MODE MODEL SIZE PROGRESS PROTOCOL ATTEMPT AGE"],
  ["aimrc", "NAME AGE"],
  ["aimclrc", "NAME AGE"],
  ["aimclsrc", "NAME STATUS MODELS LASTSYNC AGE"],
];

const explained: [string, RegExp][] = [
  ["aimservice.spec.model", /exactly one of name, image and custom/],
  [
    "aimservice.spec.caching.mode",
    /ENUM:\s+Dedicated\s+Shared\s+Auto\s+Always\s+Never[\s\S]*Dedicated\s+keeps\s+them/,
  ],
  ["aimservice.spec.routing.pathTemplate", /JSONPath/],
  ["aimsvc.spec.env.valueFrom.secretKeyRef", /Secret/],
  ["aimtpl.spec.hardware.gpu.minVram", /Cannot be combined with\s+model/],
  ["aimart.spec.size", /Size of the weights/],
  ["aimclsrc.spec.filters.image", /org\/repo/],
];

export async function kubectlViews(server: Server, test: Deno.TestContext): Promise<void> {
  const kubectl = async (...args: string[]) => {
    const { code, stdout, stderr } = await server.plane.kubectl(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  for (const [shortName, header] of headers) {
    await test.step(`kubectl get ${shortName} shows ${header}`, async () => {
      const [line] = (await kubectl("get", shortName, "-n", namespace, "-o", "wide")).split("\n");
      assert.equal(line.trim().replaceAll(/\s+/g, " "), header);
    });
  }

  await test.step("the values of a service's columns", async () => {
    const object = await server.created("AIMService", { model: { name: "m" } });
    const { name } = object.metadata;
    const row = async () =>
      (await kubectl("get", "aimsvc", name, "-n", namespace, "--no-headers")).trim().split(/\s+/);
    assert.deepEqual((await row()).slice(0, -1), [name]);
    accepted(
      await server.patchStatus(object, {
        status: "Running",
        resolvedModel: { name: "model" },
        resolvedTemplate: { name: "template" },
        runtime: { replicas: "1" },
      }),
    );
    assert.deepEqual((await row()).slice(0, -1), [name, "Running", "model", "template", "1"]);
  });

  await test.step("an integer shows in a column of strings", async () => {
    const object = await server.created("AIMArtifact", { sourceUri: "hf://a/b" });
    accepted(await server.patchStatus(object, { download: { protocol: "XET", attempt: 2 } }));
    const row = await kubectl(
      "get",
      "aimart",
      object.metadata.name,
      "-n",
      namespace,
      "-o",
      "wide",
      "--no-headers",
    );
    assert.match(row, /Pending\s+XET\s+2\s/);
  });

  await test.step("an artifact's protocol and attempt show only in the wide view", async () => {
    const [line] = (await kubectl("get", "aimart", "-n", namespace)).split("\n");
    assert.doesNotMatch(line, /PROTOCOL|ATTEMPT/);
  });

  for (const category of ["aim", "all"]) {
    await test.step(`kubectl get ${category} lists every kind`, async () => {
      const listed = await kubectl("get", category, "-n", namespace, "-o", "name");
      for (const { singular } of kinds) assert.match(listed, new RegExp(`^${singular}\\.aim\\.eai`, "m"));
    });
  }

  for (const kind of kinds) {
    await test.step(`kubectl explain ${kind.singular} says what it is`, async () => {
      const text = (await kubectl("explain", kind.singular)).replaceAll(/\s+/g, " ");
      assert.ok(text.includes(kind.description), text);
      for (const part of ["spec", "status"] as const) {
        const partText = await kubectl("explain", `${kind.singular}.${part}`, "--recursive");
        assert.match(partText, /FIELDS:/);
      }
    });
  }

  for (const [field, words] of explained) {
    await test.step(`kubectl explain ${field} helps`, async () => {
      assert.match(await kubectl("explain", field), words);
    });
  }
}
