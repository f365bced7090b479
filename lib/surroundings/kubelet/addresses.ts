/**
 * Addresses of pods. Kubernetes takes none of the loopback range for a pod, and the machine has no other that tests may
 * use: a pod is known by one in 10.0.0.0/8, and its processes listen on the same one in 127.0.0.0/8. Each agent has a
 * block of its own, so that two on one machine do not meet.
 */

const block = 1 + Deno.pid % 254;

/** The address of the n-th pod of this process' node agents, from 1 to 65,535. */
export function podAddress(n: number): string {
  return `10.${block}.${n >> 8 & 255}.${n & 255}`;
}

/** Where the processes of the pod with that address listen. */
export function loopbackOf(podAddress: string): string {
  return podAddress.replace(/^10\./, "127.");
}
