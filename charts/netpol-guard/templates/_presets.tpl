{{- /* Sizes by `preset`, for what the values leave empty. */ -}}

{{- define "netpol-guard.replicas" -}}
{{- .Values.replicas | default (ternary 1 3 (eq (toString .Values.preset) "small")) }}
{{- end }}

{{- define "netpol-guard.presetResources" -}}
{{- if eq (toString .) "small" -}}
{{- /* Measured: 97 MB after 10,000 ordinary reviews, 188 MB after a dozen of 3 MB. At a limit of 128Mi four of these end it. */ -}}
requests: {cpu: 50m, memory: 128Mi}
limits: {memory: 256Mi}
{{- else -}}
requests: {cpu: 100m, memory: 320Mi}
limits: {memory: 768Mi}
{{- end }}
{{- end }}

{{- /* The preset's resources for each key that the values do not set. A null in the values omits the key. */ -}}
{{- define "netpol-guard.resources" -}}
{{- $resources := deepCopy .Values.resources }}
{{- range $kind, $amounts := include "netpol-guard.presetResources" .Values.preset | fromYaml }}
  {{- if not (hasKey $resources $kind) }}{{ $_ := set $resources $kind dict }}{{ end }}
  {{- if kindIs "invalid" (get $resources $kind) }}
    {{- $_ := unset $resources $kind }}
  {{- else }}
    {{- $given := get $resources $kind }}
    {{- range $name, $amount := $amounts }}
      {{- if not (hasKey $given $name) }}{{ $_ := set $given $name $amount }}{{ end }}
      {{- if kindIs "invalid" (get $given $name) }}{{ $_ := unset $given $name }}{{ end }}
    {{- end }}
  {{- end }}
{{- end }}
{{- toYaml $resources }}
{{- end }}

{{- /* What happens to policies while no replica answers. Neither an audit nor the restart of a single replica may stop a cluster. */ -}}
{{- define "netpol-guard.policiesFailurePolicy" -}}
{{- $closed := and (eq .Values.enforcement "enforce") (ne (toString .Values.preset) "small") }}
{{- .Values.webhook.policies.failurePolicy | default (ternary "Fail" "Ignore" $closed) }}
{{- end }}
