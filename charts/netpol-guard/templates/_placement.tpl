{{- define "netpol-guard.affinity" -}}
{{- if .Values.affinity }}
{{- toYaml .Values.affinity }}
{{- else -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "netpol-guard.selectorLabels" . | nindent 12 }}
{{- end }}
{{- end }}

{{- define "netpol-guard.spread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else }}
{{- range $i, $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- if $i }}{{ "\n" }}{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "netpol-guard.selectorLabels" $ | nindent 6 }}
  {{- /* Each version spreads on its own, so that the pods are still spread evenly after an update. */}}
  matchLabelKeys:
    - pod-template-hash
{{- end }}
{{- end }}
{{- end }}
