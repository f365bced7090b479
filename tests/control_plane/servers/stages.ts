/**
 * What kwok plays besides nodes, pods and volumes: the answers of controllers that do not run here.
 *
 * A Stage moves an object on when its selector holds. Each of these looks at the generation, so a changed spec
 * is answered again.
 */

/** An object of kind Stage. */
export interface Stage {
  readonly apiVersion: "kwok.x-k8s.io/v1alpha1";
  readonly kind: "Stage";
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly resourceRef: { readonly apiGroup: string; readonly kind: string };
    readonly selector: { readonly matchExpressions: readonly object[] };
    readonly steps: readonly object[];
  };
}

/**
 * The same Stage played by several workers, each for its share of the objects (by the last digit of the UID).
 *
 * kwok moves one object at a time for each `resourceRef` it knows, which is too slow for a bench. It resolves
 * the kind without regard to case, so a kind spelled in several ways is several workers.
 *
 * @param workers 1 to 16
 */
export function parallel(stage: Stage, workers: number): Stage[] {
  const { metadata, spec } = stage;
  return Array.from({ length: workers }, (_, worker) => {
    const share = {
      key: `.metadata.uid | explode | last % ${workers} | tostring`,
      operator: "In",
      values: [`${worker}`],
    };
    const spelled = [...spec.resourceRef.kind]
      .map((letter, index) => worker >> index & 1 ? swapCase(letter) : letter).join("");
    return {
      ...stage,
      metadata: { name: `${metadata.name}-${worker}` },
      spec: {
        ...spec,
        resourceRef: { ...spec.resourceRef, kind: spelled },
        selector: { matchExpressions: [...spec.selector.matchExpressions, { jq: share }] },
      },
    };
  });
}

function swapCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}

/**
 * KServe in one step: every InferenceService becomes Ready at once, in its current generation.
 *
 * @param podsOnNode also makes three predictor pods on this node, labelled and owned as KServe's would be: as many
 * as any test wants (KServe makes a Deployment; here nobody scales or replaces the pods). Their names have its UID: those of
 * one that was deleted may still be going when another of its name comes
 */
export function inferenceServiceReady({ podsOnNode }: { podsOnNode?: string } = {}): Stage {
  const status = {
    patch: {
      subresource: "status",
      root: "status",
      template: `
observedGeneration: {{ .metadata.generation }}
url: http://{{ .metadata.name }}.{{ .metadata.namespace }}.example.com
conditions:
{{ range $type := list "IngressReady" "PredictorReady" "Ready" }}
- type: {{ $type }}
  status: "True"
  lastTransitionTime: {{ Now | Quote }}
{{ end }}
`,
    },
  };
  const pod = (number: number) => ({
    apply: {
      type: "apply",
      template: `
apiVersion: v1
kind: Pod
metadata:
  name: {{ .metadata.name }}-predictor-{{ .metadata.uid }}-${number}
  namespace: {{ .metadata.namespace }}
  labels:
    serving.kserve.io/inferenceservice: {{ .metadata.name }}
    app: isvc.{{ .metadata.name }}-predictor
    component: predictor
  ownerReferences:
  - apiVersion: serving.kserve.io/v1beta1
    kind: InferenceService
    name: {{ .metadata.name }}
    uid: {{ .metadata.uid }}
spec:
  nodeName: ${podsOnNode}
  containers:
  - name: kserve-container
    image: {{ (index .spec.predictor.containers 0).image | Quote }}
`,
    },
  });
  return stage("inference-service-ready", "serving.kserve.io/v1beta1", "InferenceService", {
    selector: stale(".status.observedGeneration == .metadata.generation"),
    steps: podsOnNode ? [pod(0), pod(1), pod(2), status] : [status],
  });
}

/** A gateway that accepts every HTTPRoute, for each of its parents, in its current generation. */
export function httpRouteAccepted(): Stage {
  return stage("http-route-accepted", "gateway.networking.k8s.io/v1", "HTTPRoute", {
    selector: stale(
      '.metadata.generation as $now | ([.spec.parentRefs[] | select(.name != "missing")] | length) as $parents | ' +
        "([.status.parents // [] | .[] | select(all(.conditions[]; .observedGeneration == $now))] | length) == $parents",
    ),
    steps: [{
      patch: {
        subresource: "status",
        root: "status",
        template: `
{{ $generation := .metadata.generation }}
parents:
{{ range .spec.parentRefs }}{{ if ne .name "missing" }}
- parentRef:
    {{ YAML . 2 }}
  controllerName: example.com/kwok-gateway
  conditions:
  {{ range $condition := list (list "Accepted" "Accepted") (list "ResolvedRefs" "ResolvedRefs") }}
  - type: {{ index $condition 0 }}
    reason: {{ index $condition 1 }}
    status: "True"
    message: ""
    observedGeneration: {{ $generation }}
    lastTransitionTime: {{ Now | Quote }}
  {{ end }}
{{ end }}{{ end }}
`,
      },
    }],
  });
}

function stage(
  name: string,
  apiGroup: string,
  kind: string,
  rest: Omit<Stage["spec"], "resourceRef">,
): Stage {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup, kind }, ...rest },
  };
}

/** Selects objects that live and of which a jq condition is false. */
function stale(condition: string): Stage["spec"]["selector"] {
  return {
    matchExpressions: [
      { jq: { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" } },
      { jq: { key: `if ${condition} then "current" else "stale" end`, operator: "In", values: ["stale"] } },
    ],
  };
}
