/**
 * What a pod of a Job carries so that nobody adds a container to it. A container that never ends keeps the pod, and
 * with it the Job, from ending (spec/README "Jobs of ours").
 */

/** Labels and annotations of a pod that opts out of injection; each key is that of the injector's own documentation. */
export const sidecarOptOut = {
  labels: {
    // Istio reads the label; older versions read the annotation.
    "sidecar.istio.io/inject": "false",
    "kuma.io/sidecar-injection": "disabled",
    "admission.datadoghq.com/enabled": "false",
  },
  annotations: {
    "sidecar.istio.io/inject": "false",
    "linkerd.io/inject": "disabled",
    "consul.hashicorp.com/connect-inject": "false",
    "kuma.io/sidecar-injection": "disabled",
    "openservicemesh.io/sidecar-injection": "disabled",
    "appmesh.k8s.aws/sidecarInjectorWebhook": "disabled",
    "vault.hashicorp.com/agent-inject": "false",
    "dapr.io/enabled": "false",
    "dynatrace.com/inject": "false",
    "oneagent.dynatrace.com/inject": "false",
    "sidecar.opentelemetry.io/inject": "false",
    "instrumentation.opentelemetry.io/inject-apache-httpd": "false",
    "instrumentation.opentelemetry.io/inject-dotnet": "false",
    "instrumentation.opentelemetry.io/inject-go": "false",
    "instrumentation.opentelemetry.io/inject-java": "false",
    "instrumentation.opentelemetry.io/inject-nginx": "false",
    "instrumentation.opentelemetry.io/inject-nodejs": "false",
    "instrumentation.opentelemetry.io/inject-python": "false",
    "instrumentation.opentelemetry.io/inject-sdk": "false",
  },
} as const;
