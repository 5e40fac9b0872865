{{- /* One webhook as the values want it: takes `root`, `settings` of its entry, and the `webhook` of files/webhooks.json. */ -}}
{{- define "netpol-guard.webhook" -}}
{{- $values := .root.Values }}
{{- $settings := .settings }}
{{- $webhook := deepCopy .webhook }}
{{- $_ := set $webhook "failurePolicy" ($settings.failurePolicy | default $webhook.failurePolicy) }}
{{- $_ := set $webhook "timeoutSeconds" ($settings.timeoutSeconds | default $webhook.timeoutSeconds) }}
{{- $_ := set $webhook "matchConditions" (concat $webhook.matchConditions ($settings.matchConditions | default list)) }}
{{- $selector := $settings.namespaceSelector | default dict }}
{{- with $selector.matchExpressions }}
  {{- $_ := set $webhook.namespaceSelector "matchExpressions" (concat ($webhook.namespaceSelector.matchExpressions | default list) .) }}
{{- end }}
{{- with $selector.matchLabels }}{{ $_ := set $webhook.namespaceSelector "matchLabels" . }}{{ end }}
{{- with $settings.objectSelector }}{{ $_ := set $webhook "objectSelector" . }}{{ end }}
{{- with $values.webhook.url }}
  {{- $_ := set $webhook "clientConfig" (dict "url" (print (trimSuffix "/" .) $webhook.clientConfig.service.path)) }}
{{- end }}
{{- with $values.tls.caBundle }}{{ $_ := set $webhook.clientConfig "caBundle" (b64enc .) }}{{ end }}
{{- toYaml $webhook }}
{{- end }}
