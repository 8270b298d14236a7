{{/* Arguments that say where the config is. */}}
{{- define "pod-secrets.configArguments" -}}
- --config
- {{ ternary "/etc/flyte/config/*.yaml" "/etc/pod-secrets/config.yaml" (not (empty .Values.flyte.configMap)) | quote }}
{{- end }}

{{- define "pod-secrets.configMount" -}}
- name: config
  mountPath: {{ ternary "/etc/flyte/config" "/etc/pod-secrets" (not (empty .Values.flyte.configMap)) }}
  readOnly: true
{{- end }}

{{- define "pod-secrets.configVolume" -}}
- name: config
  configMap:
    name: {{ default (include "pod-secrets.fullname" .) .Values.flyte.configMap }}
{{- end }}

{{- define "pod-secrets.identity" -}}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: POD_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
{{- end }}

{{/* The parts of a pod that the Deployment and the hooks have in common. */}}
{{- define "pod-secrets.podPlacement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "pod-secrets.container" -}}
image: {{ include "pod-secrets.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
{{- end }}

{{/* Spread over nodes where there are several, revision by revision, without waiting for room. */}}
{{- define "pod-secrets.topologySpread" -}}
{{- with .Values.topologySpreadConstraints }}
{{- toYaml . }}
{{- else }}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "pod-secrets.selectorLabels" . | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
