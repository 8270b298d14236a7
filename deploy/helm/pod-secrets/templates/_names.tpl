{{- define "pod-secrets.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "pod-secrets.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "pod-secrets.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "pod-secrets.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Cluster-scoped objects of releases in several namespaces must not meet. */}}
{{- define "pod-secrets.clusterName" -}}
{{- printf "%s.%s" (include "pod-secrets.fullname" .) .Release.Namespace -}}
{{- end }}

{{- define "pod-secrets.serviceAccountName" -}}
{{- default (ternary (include "pod-secrets.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end }}

{{- define "pod-secrets.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "pod-secrets.selectorLabels" -}}
app.kubernetes.io/name: {{ include "pod-secrets.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end }}

{{- define "pod-secrets.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: pod-secrets
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels of the webhook's own objects. */}}
{{- define "pod-secrets.labels" -}}
{{ include "pod-secrets.selectorLabels" . }}
{{ include "pod-secrets.commonLabels" . }}
{{- end }}

{{/* Labels of the objects of hooks, whose pods the Service and the budget must not count. */}}
{{- define "pod-secrets.hookLabels" -}}
app.kubernetes.io/name: {{ include "pod-secrets.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{ include "pod-secrets.commonLabels" .root }}
{{- end }}
