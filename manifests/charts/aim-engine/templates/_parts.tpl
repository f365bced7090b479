{{- /* A file of the kustomize tree, with the release's namespace, port and account. Takes root and path. */}}
{{- define "aim-engine.shipped" }}
---
{{ .root.Files.Get .path
  | replace "aim-system" .root.Release.Namespace
  | replace "8443" (toString .root.Values.metrics.port)
  | replace "kind: ServiceAccount\n    name: aim-engine-controller-manager" (printf "kind: ServiceAccount\n    name: %s" .root.Values.serviceAccount.name)
}}
{{- end }}

{{- /* "true" if metrics are served: who asks who reads them needs a ClusterRole. */}}
{{- define "aim-engine.metrics" }}
{{- if and .Values.metrics.enable (not (and .Values.metrics.secure .Values.scope.namespaces)) }}true{{ end }}
{{- end }}

{{- /* "true" if the metrics' certificate is cert-manager's. */}}
{{- define "aim-engine.certificate" }}
{{- if and .Values.certManager.enable .Values.metrics.secure (include "aim-engine.metrics" .) }}true{{ end }}
{{- end }}
