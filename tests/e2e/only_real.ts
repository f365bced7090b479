/**
 * What only a control plane of Kubernetes' own parts judges, and why: the known differences between the two halves of the
 * suite. The lists only shrink. Those of single requests stand in `tests/apiserver/known_differences.ts`.
 */

/** By what single tests need. */
export const onlyRealTests = {
  "Kubernetes' own validation of pods": "of what a variable is taken from only a part is judged in memory",
  "admission policies":
    "those that change objects are not in memory, for no API server of this release has them by default",
  "types of expressions": "a controller checks them in policies, which nobody plays in memory",
} as const;

/** Files of the folders of scenarios, none of which is of the first half. */
export const onlyRealFiles: Readonly<Record<string, string>> = {
  "tests/caches/real_server_test.ts": "what the real Job controller makes, and which claims may grow",
  "tests/catalogue/injected_sidecar_test.ts":
    "admission policies that change pods stand for a mesh's webhook",
  "tests/e2e/kubernetes_names_test.ts": "it reads the source of the Kubernetes that is built",
  "tests/e2e/model_source_test.ts": "its registries are programs built from source",
};
