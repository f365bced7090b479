/** Where caches and artifacts are meant to come out otherwise than AIM Engine made them, and which line says so. */

import { isConfigReference, optOut } from "./models_better.ts";
import { absent, at, equals, given, like, type Wanted } from "./wanted.ts";

const pod = (path: string) => new RegExp(`^spec\\.template\\.spec\\.${path}`);

export const better: readonly Wanted[] = [
  {
    line: "spec/README.md: the conditions Reconciling and Stalled",
    what: /^status /,
    path: /^conditions\.(Reconciling|Stalled)$/,
    recorded: absent,
    ours: (value) => String(value).startsWith("True/"),
    cases: "all",
  },
  {
    line: "spec/README.md: the template's label is set on the artifact itself",
    what: /^applied AIMArtifact$/,
    path: /^metadata\.labels\.aim\.eai\.amd\.com\/template$/,
    recorded: absent,
    ours: (name, found) => given(found, "ServiceTemplate").some(({ metadata }) => name === metadata!.name),
    cases: "all",
  },
  {
    line:
      "caching-and-artifacts.md §4.4: set observedGeneration, resolvedRuntimeConfig, resolvedTemplateKind",
    what: /^status AIMTemplateCache$/,
    path: /^(observedGeneration|resolvedRuntimeConfig|resolvedTemplateKind)$/,
    recorded: absent,
    ours: at({
      observedGeneration: 1,
      resolvedRuntimeConfig: isConfigReference,
      resolvedTemplateKind: (kind, found) =>
        given(found, "ServiceTemplate").some((template) => kind === template.kind),
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.10: set observedGeneration",
    what: /^status AIMArtifact$/,
    path: /^observedGeneration$/,
    recorded: absent,
    ours: 1,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.9: download pods have an account of their own, and that is bound",
    what: /^applied RoleBinding$/,
    path: /^subjects\.0\.name$/,
    recorded: "default",
    ours: "aim-engine-artifact-downloader",
    cases: "all",
  },
  {
    line: "model-sources-and-config.md §12: no user labels on what all artifacts of a namespace share",
    what: /^applied RoleBinding$/,
    path: /^metadata\.labels\.(?!aim\.eai\.amd\.com\/)/,
    recorded: (value) => typeof value === "string",
    ours: absent,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.9: the account itself",
    what: /^applied ServiceAccount$/,
    path: /^$/,
    recorded: absent,
    ours: like({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "aim-engine-artifact-downloader" },
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.9: and the pods run under it",
    what: /^applied Job$/,
    path: pod("serviceAccountName$"),
    recorded: absent,
    ours: "aim-engine-artifact-downloader",
    cases: "all",
  },
  ...optOut,
  {
    line: "spec/README: Jobs of ours always have a deadline",
    what: /^applied Job$/,
    path: /^spec\.activeDeadlineSeconds$/,
    recorded: absent,
    ours: (value, { name }) =>
      name.includes("-check-size-") ? value === 1800 : typeof value === "number" && value > 21_600,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §6.3: the result is read from the termination message",
    what: /^applied Job$/,
    path: pod("containers\\.0\\.terminationMessagePath$"),
    recorded: absent,
    ours: "/tmp/termination-log",
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.2: both Jobs under restricted pod security, with an emptyDir at /tmp",
    what: /^applied Job$/,
    path: pod("(volumes|containers\\.0\\.(volumeMounts|securityContext))$"),
    recorded: absent,
    ours: at({
      "spec.template.spec.volumes": equals([{ name: "tmp" }]),
      "spec.template.spec.containers.0.volumeMounts": equals([{ name: "tmp", mountPath: "/tmp" }]),
      "spec.template.spec.containers.0.securityContext": equals({
        runAsUser: 1000,
        runAsGroup: 1000,
        capabilities: { drop: ["ALL"] },
      }),
    }),
    cases: "all",
  },
  {
    // There the size check had ended without a log; here its pod finds no node, as every other.
    line: "caching-and-artifacts.md §5.2: Ready requires a verified download, nothing less",
    what: /^status AIMArtifact$/,
    path: /^(status|conditions\.(Ready|CheckSizeJobReady|CheckSizeJobPodsReady)|allocatedSize)$/,
    recorded: (value, { path }) =>
      path === "allocatedSize"
        ? value === "0"
        : path === "status"
        ? value === "Ready"
        : /^True/.test(String(value)),
    ours: at({
      status: "Pending",
      "conditions.Ready": "False/Progressing",
      "conditions.CheckSizeJobReady": "False/JobRunning",
      "conditions.CheckSizeJobPodsReady": "False/FailedScheduling",
      allocatedSize: absent,
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §4.4, §5.2: nor is a cache Ready by an artifact that has no weights",
    what: /^status AIMTemplateCache$/,
    path: /^(status|conditions\.(Ready|ArtifactsReady)|artifacts\..+\.status)$/,
    recorded: (value) => value === "Ready" || /^True/.test(String(value)),
    ours: (value, { path }) =>
      path.startsWith("conditions") ? value === "False/Progressing" : value === "Pending",
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.5: restricted pod security",
    what: /^applied Job$/,
    path: pod("(securityContext\\.seccompProfile|containers\\.0\\.securityContext\\.capabilities)$"),
    recorded: absent,
    ours: at({
      "spec.template.spec.securityContext.seccompProfile": equals({ type: "RuntimeDefault" }),
      "spec.template.spec.containers.0.securityContext.capabilities": equals({ drop: ["ALL"] }),
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.5: small requests",
    what: /^applied Job$/,
    path: pod("containers\\.0\\.resources$"),
    recorded: absent,
    ours: equals({ requests: { cpu: "100m", memory: "256Mi" } }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.5: an emptyDir at /tmp",
    what: /^applied Job$/,
    path: pod("(volumes|containers\\.0\\.volumeMounts)\\.1$"),
    recorded: absent,
    ours: at({
      "spec.template.spec.volumes.1": equals({ name: "tmp" }), // an empty struct is none in the normal form
      "spec.template.spec.containers.0.volumeMounts.1": equals({ name: "tmp", mountPath: "/tmp" }),
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.12: the result is taken from the termination message",
    what: /^applied Job$/,
    path: pod("containers\\.0\\.terminationMessagePolicy$"),
    recorded: absent,
    ours: "FallbackToLogsOnError",
    cases: "all",
  },
  {
    line:
      "caching-and-artifacts.md §5.11 and §5.12: a Job says which claim it fills, of what, in which attempt",
    what: /^applied Job$/,
    path: /^metadata\.annotations$/,
    recorded: absent,
    ours: like({
      "aim.eai.amd.com/attempt": "1",
      "aim.eai.amd.com/claim-uid": /^uid-\d+$/,
      "aim.eai.amd.com/inputs": /^[0-9a-f]{8}$/,
    }),
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.12: and a size check of what, in which attempt",
    what: /^applied Job$/,
    path: /^metadata\.annotations$/,
    recorded: absent,
    ours: like({ "aim.eai.amd.com/attempt": "1", "aim.eai.amd.com/inputs": /^[0-9a-f]{8}$/ }),
    cases: "all",
  },
];
