/** The client's test suite, against the cluster in memory: the client cannot tell. */
Deno.env.set("AIM_TEST_CLUSTER", "memory");
await import("../kube/client_test.ts");
