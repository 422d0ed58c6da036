{{- define "infisical.fullname" -}}
{{- default (printf "%s-%s-%s" .Release.Name .Chart.Name .Values.infisical.name) .Values.infisical.fullnameOverride -}}
{{- end -}}

{{- define "infisical.selector" -}}
app: {{ .Chart.Name }}
component: {{ .Values.infisical.name }}
release: {{ .Release.Name }}
{{- end -}}

{{- define "infisical.labels" -}}
{{ include "infisical.selector" . }}
chart: {{ .Chart.Name }}-{{ .Chart.Version }}
heritage: {{ .Release.Service }}
{{- end -}}

{{/* The connections, unless they come with the Secret of envFrom. */}}
{{- define "infisical.env" -}}
{{- $variables := list -}}
{{- $existing := .Values.postgresql.useExistingPostgresSecret -}}
{{- if $existing.enabled -}}
{{- $variables = append $variables (dict "name" "DB_CONNECTION_URI" "valueFrom" (dict "secretKeyRef" $existing.existingConnectionStringSecret)) -}}
{{- else if .Values.postgresql.enabled -}}
{{- $p := .Values.postgresql -}}
{{- $uri := printf "postgresql://%s:%s@%s:5432/%s" $p.auth.username $p.auth.password $p.fullnameOverride $p.auth.database -}}
{{- $variables = append $variables (dict "name" "DB_CONNECTION_URI" "value" $uri) -}}
{{- end -}}
{{- if .Values.redis.enabled -}}
{{- $uri := printf "redis://default:%s@%s-master:6379" .Values.redis.auth.password .Values.redis.fullnameOverride -}}
{{- $variables = append $variables (dict "name" "REDIS_URL" "value" $uri) -}}
{{- end -}}
{{- $variables = concat $variables .Values.infisical.extraEnv -}}
{{- with $variables -}}
env: {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
