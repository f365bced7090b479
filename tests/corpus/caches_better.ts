/** Where caches and artifacts are meant to come out otherwise than AIM Engine made them, and which line says so. */

import type { Wanted } from "./models_better.ts";

const absent = (value: unknown) => value === undefined;
const pod = (path: string) => new RegExp(`^spec\\.template\\.spec\\.${path}`);

export const better: readonly Wanted[] = [
  {
    line: "spec/README.md: the template's label is set on the artifact itself",
    what: /^applied AIMArtifact$/,
    path: /^metadata\.labels\.aim\.eai\.amd\.com\/template$/,
    recorded: absent,
    cases: "all",
  },
  {
    line:
      "caching-and-artifacts.md §4.4: set observedGeneration, resolvedRuntimeConfig, resolvedTemplateKind",
    what: /^status AIMTemplateCache$/,
    path: /^(observedGeneration|resolvedRuntimeConfig|resolvedTemplateKind)$/,
    recorded: absent,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.10: set observedGeneration",
    what: /^status AIMArtifact$/,
    path: /^observedGeneration$/,
    recorded: absent,
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
    line: "caching-and-artifacts.md §5.9: the account itself",
    what: /^applied ServiceAccount$/,
    path: /^$/,
    recorded: absent,
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
  {
    line: "caching-and-artifacts.md §5.5: restricted pod security",
    what: /^applied Job$/,
    path: pod("(securityContext\\.seccompProfile|containers\\.0\\.securityContext\\.capabilities)$"),
    recorded: absent,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.5: small requests",
    what: /^applied Job$/,
    path: pod("containers\\.0\\.resources$"),
    recorded: absent,
    cases: "all",
  },
  {
    line: "caching-and-artifacts.md §5.5: an emptyDir at /tmp",
    what: /^applied Job$/,
    path: pod("(volumes|containers\\.0\\.volumeMounts)\\.1$"),
    recorded: absent,
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
    cases: "all",
  },
];
