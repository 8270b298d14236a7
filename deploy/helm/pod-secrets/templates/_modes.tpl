{{/* What the values add up to, each as "true" or "". */}}

{{- define "pod-secrets.isFlyte" -}}
{{- if .Values.flyte.configMap -}}true{{- end -}}
{{- end }}

{{- define "pod-secrets.registrationBy" -}}
{{- if .Values.registration.by -}}
{{- .Values.registration.by -}}
{{- else if eq .Values.certificates.source "cert-manager" -}}
chart
{{- else -}}
webhook
{{- end -}}
{{- end }}

{{- define "pod-secrets.registersItself" -}}
{{- if eq (include "pod-secrets.registrationBy" .) "webhook" -}}true{{- end -}}
{{- end }}

{{/* The certificate's Secret is read and written through the API. */}}
{{- define "pod-secrets.ownsSecret" -}}
{{- if eq .Values.certificates.source "managed" -}}true{{- end -}}
{{- end }}

{{/* The certificate's Secret is mounted as files. */}}
{{- define "pod-secrets.mountsSecret" -}}
{{- if or (include "pod-secrets.isFlyte" .) (ne .Values.certificates.source "managed") -}}true{{- end -}}
{{- end }}

{{- define "pod-secrets.sendsEvents" -}}
{{- if dig "telemetry" "events" false .Values.config -}}true{{- end -}}
{{- end }}

{{- define "pod-secrets.callsApi" -}}
{{- if or (include "pod-secrets.registersItself" .) (include "pod-secrets.ownsSecret" .) (include "pod-secrets.sendsEvents" .) .Values.embedded.namespace -}}true{{- end -}}
{{- end }}

{{- define "pod-secrets.hasPolicies" -}}
{{- if and .Values.admissionPolicies.enabled .Values.rbac.create (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) -}}true{{- end -}}
{{- end }}

{{- define "pod-secrets.certificatesDirectory" -}}
/etc/webhook/certs
{{- end }}

{{- define "pod-secrets.servicePorts" -}}
admission: {{ dig "server" "port" 9443 .Values.config }}
operations: {{ dig "operations" "port" 8081 .Values.config }}
{{- end }}

{{/* Contradictions that a schema cannot name as well. */}}
{{- define "pod-secrets.checkValues" -}}
{{- if and .Values.flyte.configMap .Values.config }}
{{- fail "`config` and `flyte.configMap` contradict each other: the webhook reads one of them. Fix: remove one." }}
{{- end }}
{{- if and (eq .Values.certificates.source "managed") (ne (include "pod-secrets.registrationBy" .) "webhook") (not .Values.flyte.configMap) (eq (include "pod-secrets.registrationBy" .) "chart") }}
{{- fail "`registration.by: chart` cannot know the CA of `certificates.source: managed`, which changes as it is renewed. Fix: leave `registration.by` out, or take cert-manager or secret as `certificates.source`." }}
{{- end }}
{{- if and (eq .Values.certificates.source "secret") (eq (include "pod-secrets.registrationBy" .) "chart") (not .Values.registration.caBundle) }}
{{- fail "`registration.by: chart` with `certificates.source: secret` needs `registration.caBundle`, the CA's certificate in PEM. Fix: set it, or leave `registration.by` out." }}
{{- end }}
{{- if and .Values.verticalPodAutoscaler.enabled .Values.autoscaling.enabled }}
{{- fail "`verticalPodAutoscaler` and `autoscaling` contradict each other: both act on the CPU of the same pods. Fix: enable one of them." }}
{{- end }}
{{- range default list .Values.config.managers }}
{{- $store := dig "options" "store" dict . }}
{{- if and (eq .use "embedded") (eq (default "" $store.type) "k8s") (not (dig "settings" "server" "" $store)) }}
{{- $namespace := dig "settings" "namespace" "flyte" $store }}
{{- if and $.Values.rbac.create (ne $.Values.embedded.namespace $namespace) }}
{{- fail (printf "`config` reads Secrets of namespace %s, and `embedded.namespace` does not let it. Fix: set `embedded.namespace` to %s; it lets the webhook get every Secret there." $namespace $namespace) }}
{{- end }}
{{- end }}
{{- end }}
{{- range .Values.globalSecrets }}
{{- if and (eq (default "files" .as) "env") (not .keys) }}
{{- fail (printf "`globalSecrets`: %s as env needs `keys`: each becomes one env var. Fix: list the keys of the Secret that pods may ask for." .secretName) }}
{{- end }}
{{- end }}
{{- end }}
