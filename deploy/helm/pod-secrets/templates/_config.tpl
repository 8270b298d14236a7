{{/* The config file: what the user wrote, and what the chart settles. */}}
{{- define "pod-secrets.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $server := default dict $config.server -}}
{{- if include "pod-secrets.ownsSecret" . -}}
{{- $managed := merge (dict "secret" .Values.certificates.secretName "service" .Values.service.name) .Values.certificates.managed -}}
{{- $_ := set $server "certificates" $managed -}}
{{- else -}}
{{- $_ := set $server "certificates" (include "pod-secrets.certificatesDirectory" .) -}}
{{- end -}}
{{- $_ := set $config "server" $server -}}
{{- if include "pod-secrets.registersItself" . -}}
{{- $_ := set $config "registration" (include "pod-secrets.registration" . | fromYaml) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{/* Section `registration` of the config file. */}}
{{- define "pod-secrets.registration" -}}
{{- with .Values.registration -}}
name: {{ .name }}
service:
  name: {{ $.Values.service.name }}
  port: {{ $.Values.service.port }}
failurePolicy: {{ .failurePolicy }}
timeoutSeconds: {{ .timeoutSeconds }}
reinvocationPolicy: {{ .reinvocationPolicy }}
{{- with .namespaceSelector }}
namespaceSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .objectSelector }}
objectSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .matchConditions }}
matchConditions: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
caBundle: {{ ternary "managed" "file" (eq .Values.certificates.source "managed") }}
{{- if .Values.rbac.create }}
# With the ClusterRole goes the registration, whatever becomes of the hook of the uninstallation.
owner:
  kind: ClusterRole
  name: {{ include "pod-secrets.clusterName" . }}
{{- end }}
{{- end }}

{{/* Sections that are read at the start alone: a change of theirs is a new roll-out, of all others a reload. */}}
{{- define "pod-secrets.startConfig" -}}
{{- pick (include "pod-secrets.config" . | fromYaml) "server" "operations" "log" "kubernetes" "registration" "telemetry" | toYaml -}}
{{- end }}
