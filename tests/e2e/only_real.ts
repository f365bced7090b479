/**
 * What only a control plane of Kubernetes' own parts judges, and why: the known differences between the two halves of the
 * suite. The lists only shrink. Those of single requests stand in `tests/apiserver/known_differences.ts`.
 */

const rights = "whoever has the token may do everything in memory";

/** By what single tests need. */
export const onlyRealTests = {
  rights,
  "Kubernetes' own validation of pods": "of what a variable is taken from only a part is judged in memory",
  "admission policies": "those that change objects are not in memory",
} as const;

/** Files of the folders of scenarios, none of which is of the first half. */
export const onlyRealFiles: Readonly<Record<string, string>> = {
  "tests/caches/real_server_test.ts": "rights, and what the real Job controller makes",
  "tests/catalogue/injected_sidecar_test.ts":
    "admission policies that change pods stand for a mesh's webhook",
  "tests/e2e/admission_policy_test.ts": "its policies take services as parameters and ask who may do what",
  "tests/e2e/kubernetes_names_test.ts": "it reads the source of the Kubernetes that is built",
  "tests/e2e/model_source_test.ts": "its registries are programs built from source",
  "tests/e2e/scoped_endpoint_test.ts": rights,
  "tests/e2e/scoped_rollout_test.ts": rights,
  "tests/e2e/scoped_service_test.ts": rights,
  "tests/e2e/scoped_template_lost_test.ts": rights,
  "tests/e2e/scoped_test.ts": rights,
};
