/** What to try once the service runs: commands to copy. */

/** A command and what it shows. */
export interface Step {
  readonly shows: string;
  readonly command: string;
}

/** Each works as it stands, one after the other, with the variables of `tests/control_plane/processes/shell.ts`. */
export function nextSteps(namespace: string, name: string): Step[] {
  const service = `aimservice ${name} -n ${namespace}`;
  return [
    {
      shows: "everything in the namespace that the operator made, and what it made it for",
      command: `kubectl get aimservices,aimtemplatecaches,aimartifacts,pods,httproutes -n ${namespace}`,
    },
    {
      shows: "the conditions, and the events that tell what was chosen and made",
      command: `kubectl describe ${service}`,
    },
    {
      shows: "three replicas in place of two; the wait ends when they serve",
      command: `kubectl patch ${service} --type=merge -p '{"spec":{"replicas":3}}' && ` +
        `kubectl wait --for=condition=Ready aimservice/${name} -n ${namespace} --timeout=60s`,
    },
    {
      shows: "a service that cannot work, and its status that says why",
      command: `echo '${JSON.stringify(lost(namespace))}' | kubectl apply -f - && kubectl wait ` +
        `--for=jsonpath='{.status.status}'=Failed aimservice/lost -n ${namespace} --timeout=60s && ` +
        `kubectl describe aimservice lost -n ${namespace}`,
    },
    {
      shows: "the endpoint goes with its service; the cached weights stay for the next one",
      command: `kubectl delete ${service} && kubectl get aimtemplatecaches,aimartifacts -n ${namespace}`,
    },
  ];
}

/** A service whose model nobody has. */
function lost(namespace: string): object {
  return {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "lost", namespace },
    spec: { model: { name: "no-such-model" } },
  };
}
