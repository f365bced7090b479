import assert from "node:assert/strict";
import { run } from "./program.ts";

/** What one call says, and with what it ends. */
async function said(args: readonly string[], width?: number) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await run(args, {
    terminal: {
      width,
      isColoured: false,
      print: (lines) => out.push(...lines),
      complain: (line) => complaints.push(line),
      ask: () => undefined,
    },
  });
  return { code, out: out.join("\n"), complaints: complaints.join("\n") };
}

Deno.test("help names each command and ends with 0", async () => {
  const { code, out } = await said(["--help"]);
  assert.equal(code, 0);
  for (
    const command of [
      "status",
      "why",
      "rebind",
      "fit",
      "doctor",
      "test",
      "dashboard",
      "explain",
      "completion",
    ]
  ) {
    assert.match(out, new RegExp(`^ {2}${command}`, "m"));
  }
  assert.doesNotMatch(out, /^ {2}complete /m, "that a shell says");
  assert.deepEqual(await said([]), { code, out, complaints: "" });
});

Deno.test("a command, an option or a format that there is not ends with 1 and says what there is", async () => {
  const rows: [string[], RegExp][] = [
    [["stats"], /unknown command 'stats'\n\(Did you mean status\?\)/],
    [["status", "--namspace=x"], /unknown option '--namspace=x'\n\(Did you mean --namespace\?\)/],
    [["status", "-o", "xml"], /Allowed choices are json, yaml/],
    [["status", "-o=xml"], /argument 'xml' is invalid/],
    [["why"], /missing required argument 'service'/],
    [["doctor", "--from=/nowhere"], /doctor asks the cluster itself/],
    [["test"], /missing required argument 'dir'/],
    [["test", "/nowhere"], /there is no file or folder \/nowhere/],
    [["fit"], /name a service, or a template \(--template\), or a model \(--model\)/],
    [["fit", "a", "--model=b"], /name a service, or a template/],
    [["fit", "--template=a", "--model=b"], /cannot be used with option/],
    [["fit", "a", "--replicas=many"], /A whole number is wanted/],
  ];
  for (const [args, message] of rows) {
    const { code, out, complaints } = await said(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(complaints, message);
    assert.equal(out, "");
  }
});

Deno.test("a kubeconfig that is not there, and one that is none, end with 1 and one line", async () => {
  const broken = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(broken, "a: [");
    for (const file of ["/nowhere/config", broken]) {
      const { code, complaints } = await said(["status", `--kubeconfig=${file}`]);
      assert.equal(code, 1);
      assert.match(complaints, /^error: .+$/s);
      assert.match(complaints, new RegExp(file));
      assert.doesNotMatch(complaints, /\n\s+at /, "no stack trace");
    }
  } finally {
    await Deno.remove(broken);
  }
});

Deno.test("explain asks no cluster, whatever the case of the letters, and knows what was nearly written", async () => {
  const { code, out } = await said(["explain", "templatenotfound"]);
  assert.equal(code, 0);
  assert.match(out, /^TemplateNotFound: no template fits/);
  assert.match(out, /^What helps: /m);
  const wrong = await said(["explain", "TemplateNotFond"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.complaints, /did you mean TemplateNotFound/);
});

Deno.test("explain knows codes, with and without their letters, and types of conditions", async () => {
  for (const asked of ["AIM-0412", "aim-0412", "0412", "412"]) {
    const { code, out } = await said(["explain", asked]);
    assert.equal(code, 0);
    assert.match(out, /^AIM-0412: a container crashes again and again\.$/m);
    assert.match(out, /^Reasons that conditions give for it: .*CrashLoopBackOff/m);
  }
  const { out: reason } = await said(["explain", "FailedScheduling"]);
  assert.match(reason, /^ {2}AIM-0401 {2}no GPU is free$/m);
  const { out: type } = await said(["explain", "cacheready"]);
  // The word is a reason as well: both are told.
  assert.match(type, /^CacheReady: the weights are cached\.$/m);
  assert.match(type, /^CacheReady, a type of condition, is True while the weights are on a volume\.$/m);
  const { complaints } = await said(["explain", "AIM-0499"]);
  assert.match(complaints, /no code, reason or condition .* did you mean AIM-04/);
});

Deno.test("on a terminal of 60 columns no line of an explanation is longer", async () => {
  const { out } = await said(["explain", "TemplateNotFound"], 60);
  for (const line of out.split("\n")) assert(line.length <= 60, line);
});
