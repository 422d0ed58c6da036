{{- define "cluster.name" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{ .Release.Name }}{{- else -}}{{ .Release.Name }}-{{ $name }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cluster.namespace" -}}
{{ default .Release.Namespace .Values.namespaceOverride }}
{{- end -}}

{{- define "cluster.labels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: cloudnative-pg
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- with .Values.cluster.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A value that has to be there only when it is set. Arguments: the object, its keys. */}}
{{- define "cluster.optional" -}}
{{- $object := index . 0 -}}
{{- $chosen := dict -}}
{{- range $key := index . 1 -}}
{{- with get $object $key }}{{- $_ := set $chosen $key . -}}{{- end -}}
{{- end -}}
{{- with $chosen }}{{ toYaml . }}{{ end -}}
{{- end -}}
