import assert from "node:assert/strict";
import { readImageText } from "./image_text.ts";
import { readVerdict } from "./download_verdict.ts";
import { readLog } from "./log_patterns.ts";
import { readSchedulingText } from "./scheduling_text.ts";

Deno.test("logs: every pattern of conventions.md §6.7", () => {
  const rows: [line: string, reason: string][] = [
    ["Repository Not Found for url", "SourceNotFound"],
    ["raise RepositoryNotFoundError(x)", "SourceNotFound"],
    ["HTTP 404: it was not to be found", "SourceNotFound"],
    ["could not be found: 404", "SourceNotFound"],
    ["(NoSuchKey) when calling", "SourceNotFound"],
    ["(nosuchbucket) when calling", "SourceNotFound"],
    ["the model x could not be found", "SourceNotFound"],
    ["file /a/b was not found", "SourceNotFound"],
    ["s3 answered 404", "SourceNotFound"],
    ["Access Denied by S3", "AuthError"],
    ["s3 answered 403", "AuthError"],
    ["InvalidAccessKeyId: no", "AuthError"],
    ["SignatureDoesNotMatch", "AuthError"],
    ["S3: Unauthorized", "AuthError"],
    ["NoCredentialProviders: no valid providers", "AuthError"],
    ["Access to model meta-llama/X is restricted", "AuthError"],
    ["Cannot access gated repo for url", "AuthError"],
    ["Invalid user token for huggingface", "AuthError"],
    ["huggingface: authentication has failed", "AuthError"],
    ["401 Client Error: Unauthorized for url https://hf.co/x", "AuthError"],
    ["403 Forbidden: https://hf.co/x", "AuthError"],
    ["OSError: No space left on device", "StorageFull"],
    ["disk /cache is full", "StorageFull"],
    ["write: ENOSPC", "StorageFull"],
    ["quota was exceeded", "StorageFull"],
    ["storage is full", "StorageFull"],
    ["nothing that we know", "none"],
    ["found it, not 404", "none"],
    ["hf.co says 401 unauthorized", "none"],
  ];
  for (const [line, reason] of rows) {
    const finding = readLog(`first\n${line}\n`);
    assert.equal(finding.reason ?? "none", reason, line);
    if (finding.reason) assert.equal(finding.excerpt, line);
    assert.equal(
      finding.category,
      {
        SourceNotFound: "InvalidSpec",
        AuthError: "Auth",
        StorageFull: "ResourceExhaustion",
        none: undefined,
      }[reason],
    );
  }
  // Both not found and credentials match: not found comes first.
  assert.equal(readLog("aws credentials file not found").reason, "SourceNotFound");
  assert.equal(readLog("AWS credentials were not to be found").reason, "AuthError");
});

Deno.test("logs: groups go over all lines before the next group; rights of our own hide nothing", () => {
  assert.equal(readLog("Cannot access gated repo\nRepository Not Found").reason, "SourceNotFound");
  const rights = [
    'RBAC: clusterrole "x" not found',
    'the model cannot be read, RBAC: role "x" not found',
    "clusterrole x was not found",
    "forbidden: user cannot patch resource aimartifacts",
    "serviceaccount default cannot do this",
  ];
  for (const line of rights) {
    assert.equal(readLog(line).reason, undefined, line);
    assert.equal(readLog(`${line}\nENOSPC`).reason, "StorageFull");
  }
  assert.equal(readLog("a\nb\nc\nd\n\n").excerpt, "b\nc\nd");
  assert.equal(readLog("").excerpt, "");
  assert.equal(readLog(`ENOSPC\n${"x\n".repeat(50)}`).reason, undefined, "only the last 50 lines");
});

Deno.test("image texts: words and statuses of conventions.md §6.7", () => {
  const rows: [string, string][] = [
    ["failed: 401 Unauthorized", "ImagePullAuthFailure"],
    ["Authentication required", "ImagePullAuthFailure"],
    ["unexpected status: 403", "ImagePullAuthFailure"],
    ["403 Forbidden", "ImagePullAuthFailure"],
    ["pull access denied, repository does not exist", "ImagePullAuthFailure"],
    ["no basic auth credentials", "ImagePullAuthFailure"],
    ["denied: not found", "ImagePullAuthFailure"],
    ["rpc error: code = NotFound desc = reg.io/a/b:1: not found", "ImageNotFound"],
    ["got status 404 from registry", "ImageNotFound"],
    ["manifest unknown: tag", "ImageNotFound"],
    ["NAME UNKNOWN", "ImageNotFound"],
    ["dial tcp: lookup reg.io: no such host", "ImageNotFound"],
    ["dial tcp 10.0.0.1:443: i/o timeout", "ImagePullBackOff"],
    ['Back-off pulling image "reg.io/a/b:1.401"', "ImagePullBackOff"],
    ['Back-off pulling image "reg.io/denied/credentials:403"', "ImagePullBackOff"],
    ["Back-off pulling image nginx:404", "ImagePullBackOff"],
    ["HEAD https://reg.io/v2/a/manifests/403: EOF", "ImagePullBackOff"],
    ["image v404 took too long", "ImagePullBackOff"],
    [
      'failed to pull "a/b:404": HEAD https://reg.io/v2/a/b/manifests/404: 401 Unauthorized',
      "ImagePullAuthFailure",
    ],
  ];
  for (const [text, reason] of rows) assert.equal(readImageText(text).reason, reason, text);
  assert.deepEqual(readImageText("x", 401), { category: "Auth", reason: "ImagePullAuthFailure" });
  assert.deepEqual(readImageText("x", 403), { category: "Auth", reason: "ImagePullAuthFailure" });
  assert.deepEqual(readImageText("denied", 404), { category: "MissingUpstream", reason: "ImageNotFound" });
  assert.deepEqual(readImageText("denied", 502), { category: "Infrastructure", reason: "ImagePullBackOff" });
});

Deno.test("the scheduler: the cause nearest to a place, in the words of kube-scheduler 1.28 to 1.35", () => {
  const gpuAway = "1 Insufficient amd.com/gpu";
  const preemption =
    "preemption: 0/3 nodes are available: 1 No preemption victims found, 2 Insufficient cpu.";
  const rows: [text: string, code: string | undefined][] = [
    [
      `0/3 nodes are available: ${gpuAway}, 2 node(s) didn't match Pod's node affinity/selector. ${preemption}`,
      "AIM-0401",
    ],
    [
      "0/3 nodes are available: 1 node(s) had untolerated taint {example.com/m: }, 2 node(s) didn't match Pod's node affinity/selector.",
      "AIM-0402",
    ],
    [
      "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector.",
      "AIM-0402",
    ],
    // A control plane's taint keeps nobody off the GPUs.
    [
      "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match Pod's node affinity/selector.",
      "AIM-0403",
    ],
    [`0/3 nodes are available: 3 Insufficient memory, 2 Insufficient cpu. ${preemption}`, "AIM-0404"],
    ["0/3 nodes are available: 3 Too many pods.", "AIM-0404"],
    [
      "0/3 nodes are available: 1 node(s) had volume node affinity conflict, 2 node(s) had untolerated taint(s).",
      "AIM-0405",
    ],
    ["0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found", "AIM-0405"],
    ['0/3 nodes are available: persistentvolumeclaim "a" not found.', "AIM-0405"],
    [
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
      "AIM-0406",
    ],
    [
      "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 node(s) didn't match Pod's node affinity/selector.",
      "AIM-0406",
    ],
    // What preemption would need is no cause.
    [
      `0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. ${preemption}`,
      "AIM-0403",
    ],
    ["no nodes available to schedule pods", undefined],
  ];
  for (const [text, code] of rows) assert.equal(readSchedulingText(text), code, text);
});

Deno.test("a line of a log tells a gate and a crowd from other failures", () => {
  const rows: [line: string, code: string | undefined][] = [
    ["Cannot access gated repo for url https://hf.co/x", "AIM-0323"],
    ["Access to model meta-llama/X is restricted", "AIM-0323"],
    ["429 Client Error: Too Many Requests for url: https://hf.co/x", "AIM-0324"],
    ["401 Client Error: Unauthorized for url https://hf.co/x", undefined],
    ["RuntimeError: something else", undefined],
  ];
  for (const [line, code] of rows) assert.equal(readLog(`first\n${line}\n`).code, code, line);
});

Deno.test("a registry with too many requests is told from one that refuses or fails", () => {
  assert.equal(readImageText("toomanyrequests: You have reached your pull rate limit").code, "AIM-0908");
  assert.equal(readImageText("", 429).code, "AIM-0908");
  assert.equal(readImageText("unexpected status: 429 Too Many Requests").code, "AIM-0908");
  assert.equal(readImageText("dial tcp: i/o timeout").code, undefined);
  assert.equal(readImageText("unauthorized", 401).code, undefined);
});

Deno.test("a downloader's verdict: its class, and the detail that it gives besides", () => {
  const verdict = (told: object) => readVerdict(JSON.stringify(told));
  assert.equal(verdict({ class: "auth", message: "m" })?.code, undefined);
  assert.equal(verdict({ class: "auth", message: "m", detail: "gated" })?.code, "AIM-0323");
  assert.equal(verdict({ class: "network", message: "m" })?.code, "AIM-0328");
  assert.equal(verdict({ class: "network", message: "m", detail: "crowded" })?.code, "AIM-0324");
  assert.equal(verdict({ class: "new", message: "m" }), undefined);
  assert.equal(readVerdict("{ no JSON"), undefined);
});
