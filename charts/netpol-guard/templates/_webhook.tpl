{{- /* One webhook as the values want it: takes `root`, `settings` of its entry, the `webhook` of files/webhooks.json, and the path that is `standing` there. */ -}}
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
{{- $path := $webhook.clientConfig.service.path }}
{{- with $values.webhook.pathSecret }}{{ $path = printf "%s/%s" $path . }}{{ end }}
{{- if $values.webhook.url }}
  {{- $_ := set $webhook "clientConfig" (dict "url" (print (trimSuffix "/" $values.webhook.url) $path)) }}
{{- else if and (eq $values.tls.mode "selfSigned") (ne $path .standing) }}
  {{- /* The process writes it: with a secret, which changes. What an older chart wrote stays until it does: pods may know no other. */}}
  {{- $_ := unset $webhook.clientConfig.service "path" }}
{{- else }}
  {{- $_ := set $webhook.clientConfig.service "path" $path }}
{{- end }}
{{- with $values.tls.caBundle }}{{ $_ := set $webhook.clientConfig "caBundle" (b64enc .) }}{{ end }}
{{- toYaml $webhook }}
{{- end }}
