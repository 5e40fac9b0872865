{{- /* Files of `npm run chart`, with their placeholders filled; see scripts/chart/placeholders.ts. */ -}}

{{- define "netpol-guard.webhooks" -}}
{{- $known := .Files.Get "files/namespaces.json" | fromJson }}
{{- $exempt := concat $known.system (list .Release.Namespace) .Values.exemptNamespaces | uniq | sortAlpha }}
{{- $dns := without (concat $known.dns .Values.dnsNamespaces | uniq | sortAlpha) .Release.Namespace }}
{{- $config := include "netpol-guard.configuration" . | fromYaml }}
{{- $excluded := "" }}
{{- range include "netpol-guard.patterns" (dig "baseline" "excludedNamespaces" list $config) | fromJsonArray }}
  {{- $excluded = printf "%s, '%s'" $excluded . }}
{{- end }}
{{- .Files.Get "files/webhooks.json"
  | replace "$(EXEMPT_NAMESPACES)" (join `","` $exempt)
  | replace "$(EXEMPT_NAMESPACES_IN_CEL)" (join "', '" $exempt)
  | replace "$(EXCLUDED_NAMESPACES_IN_CEL)" $excluded
  | replace "$(DNS_NAMESPACES)" (join `","` $dns)
  | replace "$(NAMESPACE)" .Release.Namespace
  | replace "$(SERVICE_ACCOUNT)" (include "netpol-guard.serviceAccount" .)
  | replace "$(NAME)" .Release.Name }}
{{- end }}

{{- define "netpol-guard.rights" -}}
{{- .Files.Get "files/rights.json" | replace "$(NAME)" .Release.Name }}
{{- end }}

{{- /* The address of the documentation of the installed version, or of the mirror in the configuration. */ -}}
{{- define "netpol-guard.docs" -}}
{{- $ref := hasSuffix "-dev" .Chart.AppVersion | ternary "main" (printf "v%s" .Chart.AppVersion) }}
{{- .Values.config.docsBaseUrl | default (printf "https://github.com/netpol-guard/netpol-guard/blob/%s/docs" $ref) | trimSuffix "/" }}
{{- end }}

{{- define "netpol-guard.mirrored" -}}
{{- .Files.Get .file | replace "https://github.com/netpol-guard/netpol-guard/blob/main/docs" (include "netpol-guard.docs" .) }}
{{- end }}
