{{- /* The defaults of the configuration by `enforcement`, which `config` overrides: docs/operations.md, "Rolling out". */ -}}
{{- define "netpol-guard.preset" -}}
{{- if eq . "audit" -}}
enforce: "off"
warn: "off"
audit: strict
baseline: {template: none}
{{- else if eq . "warn" -}}
enforce: "off"
warn: strict
baseline: {template: none}
{{- else -}}
{}
{{- end }}
{{- end }}

{{- /* The GuardConfiguration. Keys are checked one by one, since Sprig's merge treats `false` as empty. */ -}}
{{- define "netpol-guard.configuration" -}}
{{- $config := deepCopy .Values.config }}
{{- $preset := include "netpol-guard.preset" .Values.enforcement | fromYaml }}
{{- range $key, $value := $preset }}
  {{- if not (hasKey $config $key) }}{{ $_ := set $config $key $value }}
  {{- else if kindIs "map" $value }}
    {{- range $inner, $deep := $value }}
      {{- if not (hasKey (get $config $key) $inner) }}{{ $_ := set (get $config $key) $inner $deep }}{{ end }}
    {{- end }}
  {{- end }}
{{- end }}
{{- with .Values.exemptNamespaces }}
  {{- $exemptions := get $config "exemptions" | default dict }}
  {{- $_ := set $exemptions "namespaces" (concat . ($exemptions.namespaces | default list) | uniq) }}
  {{- $_ := set $config "exemptions" $exemptions }}
{{- end }}
{{- /* Always rendered: without it the program would use its own list. */}}
{{- $baseline := get $config "baseline" | default dict }}
{{- $_ := set $baseline "excludedNamespaces" (concat .Values.exemptNamespaces ($baseline.excludedNamespaces | default list) | uniq) }}
{{- $_ := set $config "baseline" $baseline }}
{{- $dns := get $config "dns" | default dict }}
{{- $_ := set $dns "namespaces" (.Values.dnsNamespaces | uniq) }}
{{- $_ := set $config "dns" $dns }}
{{- $tls := dict "mode" .Values.tls.mode }}
{{- range $key := list "selfSigned" "clientCAFile" "clientNames" }}
  {{- with get $.Values.tls $key }}{{ $_ := set $tls $key . }}{{ end }}
{{- end }}
{{- $_ := set $config "tls" $tls }}
{{- $_ := set $config "apiVersion" "netpol-guard.io/v1alpha1" }}
{{- $_ := set $config "kind" "GuardConfiguration" }}
{{- toYaml $config }}
{{- end }}

{{- /* Whether the gate is asked about pods; empty if it is off. */ -}}
{{- define "netpol-guard.gate" -}}
{{- $gate := .Values.config.gate | default dict }}
{{- if or (not (hasKey $gate "enabled")) $gate.enabled }}true{{ end }}
{{- end }}
