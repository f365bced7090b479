/** The informer's test suite, against the cluster in memory: the informer cannot tell. */
Deno.env.set("AIM_TEST_CLUSTER", "memory");
await import("../kube/informer_test.ts");
