{{/* Secrets that the webhook gives from its own pod: files below `global.directory`, env vars that start with `global.envPrefix`. */}}

{{- define "pod-secrets.globalDirectory" -}}
{{- $global := default dict .Values.config.global -}}
{{- default "/etc/secrets" $global.directory -}}
{{- end }}

{{- define "pod-secrets.globalPrefix" -}}
{{- $global := default dict .Values.config.global -}}
{{- default "FLYTE_SECRET_" $global.envPrefix -}}
{{- end }}

{{- define "pod-secrets.globalFiles" -}}
{{- range $index, $secret := .Values.globalSecrets }}
{{- if eq (default "files" .as) "files" }}
- secretName: {{ .secretName }}
  group: {{ default .secretName .group }}
  volume: {{ printf "global-%d" $index }}
  keys: {{ default list .keys | toJson }}
{{- end }}
{{- end }}
{{- with .Values.storage }}
{{- if .secretName }}
- secretName: {{ .secretName }}
  group: {{ .group }}
  volume: storage
  keys: [access_key, secret_key]
{{- end }}
{{- end }}
{{- end }}

{{- define "pod-secrets.globalMounts" -}}
{{- range include "pod-secrets.globalFiles" . | fromYamlArray }}
- name: {{ .volume }}
  mountPath: {{ printf "%s/%s" (include "pod-secrets.globalDirectory" $) .group }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "pod-secrets.globalVolumes" -}}
{{- range include "pod-secrets.globalFiles" . | fromYamlArray }}
- name: {{ .volume }}
  secret:
    secretName: {{ .secretName }}
    defaultMode: 288 # 0440
    {{- with .keys }}
    items:
      {{- range . }}
      - { key: {{ . | quote }}, path: {{ . | quote }} }
      {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{- define "pod-secrets.globalEnv" -}}
{{- $prefix := include "pod-secrets.globalPrefix" . -}}
{{- range $secret := .Values.globalSecrets }}
{{- if eq (default "files" .as) "env" }}
{{- range $key := .keys }}
- name: {{ printf "%s%s_%s" $prefix (upper (default $secret.secretName $secret.group)) (upper $key) }}
  valueFrom: { secretKeyRef: { name: {{ $secret.secretName }}, key: {{ $key | quote }} } }
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.storage }}
{{- if .secretName }}
- name: {{ printf "%s%s_TYPE" $prefix (upper .group) }}
  value: {{ .type | quote }}
{{- with .region }}
- name: {{ printf "%s%s_REGION" $prefix (upper $.Values.storage.group) }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
