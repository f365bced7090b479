/**
 * Addresses of pods. Kubernetes takes none of the loopback range for a pod, and the machine has no other that tests may
 * use: a pod is known by one in 10.244.0.0/16, and its processes listen on the same one in 127.244.0.0/16.
 */

/** The address of the n-th pod of a node agent, from 1 to 65,535. */
export function podAddress(n: number): string {
  return `10.244.${n >> 8 & 255}.${n & 255}`;
}

/** Where the processes of the pod with that address listen. */
export function loopbackOf(podAddress: string): string {
  return podAddress.replace(/^10\./, "127.");
}
