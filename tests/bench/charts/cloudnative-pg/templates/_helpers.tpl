{{- define "operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{ .Release.Name }}{{- else -}}{{ .Release.Name }}-{{ $name }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "operator.account" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "operator.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* One webhook. Arguments: root, kind in lower case, verb: "mutate" or "validate", settings. */}}
{{- define "operator.webhook" -}}
- name: {{ trunc 1 .verb }}{{ .kind }}.cnpg.io
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: {{ .settings.failurePolicy }}
  clientConfig:
    # No caBundle: in reality the running operator fills it in.
    service:
      name: {{ .root.Values.service.name }}
      namespace: {{ .root.Release.Namespace }}
      path: /{{ .verb }}-postgresql-cnpg-io-v1-{{ .kind }}
      port: {{ .root.Values.service.port }}
  rules:
    - apiGroups: [postgresql.cnpg.io]
      apiVersions: [v1]
      operations: [CREATE, UPDATE]
      resources: [{{ .kind }}s]
{{- end -}}
