{{- /* Objects are named after the release: the process finds its own by RELEASE_NAME. */ -}}

{{- define "netpol-guard.serviceAccount" -}}
{{- .Values.serviceAccount.name | default .Release.Name }}
{{- end }}

{{- define "netpol-guard.selectorLabels" -}}
app.kubernetes.io/name: netpol-guard
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of an object: takes `root` and the object's own, `more`. No other labels replace those that select pods. */ -}}
{{- define "netpol-guard.labelled" -}}
{{- $fixed := include "netpol-guard.selectorLabels" .root | fromYaml }}
{{- toYaml (merge $fixed (.more | default dict) .root.Values.commonLabels) }}
{{- end }}

{{- define "netpol-guard.labels" -}}
{{- $own := dict
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") }}
{{- include "netpol-guard.labelled" (dict "root" . "more" $own) }}
{{- end }}

{{- define "netpol-guard.image" -}}
{{- with .Values.image }}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "netpol-guard.port" -}}
{{- .Values.webhook.port | default (ternary 10260 10250 .Values.hostNetwork) }}
{{- end }}

{{- /* The Secret with the mounted files; empty if the process keeps its certificate itself. */ -}}
{{- define "netpol-guard.tlsSecret" -}}
{{- if eq .Values.tls.mode "existingSecret" }}{{ .Values.tls.existingSecret }}
{{- else if eq .Values.tls.mode "certManager" }}{{ .Release.Name }}-tls
{{- end }}
{{- end }}

{{- /* The secrets of the paths, one on each line, as `--path-secret-file` reads them; empty if there are none. */ -}}
{{- define "netpol-guard.pathSecrets" -}}
{{- $secrets := .otherPathSecrets }}
{{- if .pathSecret }}{{ $secrets = prepend $secrets .pathSecret }}
{{- else if $secrets }}{{ $secrets = prepend $secrets "/" }}
{{- end }}
{{- join "\n" (uniq $secrets) }}
{{- end }}

{{- define "netpol-guard.urlHost" -}}
{{- with .Values.webhook.url }}{{ (urlParse .).hostname }}{{ end }}
{{- end }}
