/**
 * Which rights the operator of this process's scenarios has: those of the cluster, as most have it, or Roles in some
 * namespaces and nothing else. A scenario is written once; `scoped_*_test.ts` run it with the second.
 */
export const rights: { of: "cluster" | "namespaces" } = { of: "cluster" };
