{{- /* What becomes of a policy that opens DNS to anywhere, and which baseline a new namespace gets, as JSON. A webhook that has just
started answers within seconds; its certificate takes longest. */ -}}
{{- define "netpol-guard.expected" -}}
{{- $config := include "netpol-guard.configuration" . | fromYaml }}
{{- $levels := list "standard" "strict" }}
{{- $effect := dig "rules" "dns-open-to-anywhere" "" $config }}
{{- if not (hasKey ($config.rules | default dict) "dns-open-to-anywhere") }}
  {{- if has (get $config "enforce" | default "standard") $levels }}{{ $effect = "deny" }}
  {{- else if has (get $config "warn" | default "strict") $levels }}{{ $effect = "warn" }}
  {{- end }}
{{- end }}
{{- dict
  "namespace" .Values.tests.namespace
  "policy" (get (dict "deny" "refused" "warn" "warned of") (toString $effect) | default "admitted")
  "template" (dig "baseline" "template" "default-deny" $config)
  "patienceSeconds" 60
  | toJson }}
{{- end }}
