{{- /*
What the API server decides by itself, with its parameters filled in from the configuration. They are byte for byte what
src/admission-policies/parameters.ts writes, so that both have the same hash.
*/ -}}

{{- /* A list of globs as a CEL list of regular expressions. */ -}}
{{- define "netpol-guard.patterns" -}}
{{- $patterns := list }}
{{- range . | uniq | sortAlpha }}
  {{- $patterns = append $patterns (printf "^%s$" (. | replace "." "[.]" | replace "*" ".*" | replace "?" ".")) }}
{{- end }}
{{- toJson $patterns }}
{{- end }}

{{- /* The names of the policies of each template, including templates of the configuration. */ -}}
{{- define "netpol-guard.kept" -}}
{{- $kept := deepCopy .known.templates }}
{{- range $name, $items := dig "templates" dict (.config.baseline | default dict) }}
  {{- $names := list }}
  {{- range $item := $items }}
    {{- if $item.part }}{{ $names = append $names (get $.known.parts $item.part) }}
    {{- else }}{{ $names = append $names (printf "netpol-guard-%s" (trimPrefix "netpol-guard-" $item.metadata.name)) }}
    {{- end }}
  {{- end }}
  {{- $_ := set $kept $name (sortAlpha $names) }}
{{- end }}
{{- toJson $kept }}
{{- end }}

{{- /* Parameters by name: takes `root` and `known`, the file. */ -}}
{{- define "netpol-guard.policyParameters" -}}
{{- $values := .root.Values }}
{{- $known := .known }}
{{- $config := include "netpol-guard.configuration" .root | fromYaml }}
{{- $exemptions := $config.exemptions | default dict }}
{{- $baseline := $config.baseline | default dict }}
{{- $enforce := "standard" }}
{{- if hasKey $config "enforce" }}{{ $enforce = $config.enforce | default "off" }}{{ end }}
{{- $template := $baseline.template | default "default-deny" }}
{{- $system := append $known.system .root.Release.Namespace }}
{{- $exempt := $exemptions.namespaces | default list }}
{{- $reserved := list }}
{{- $covered := list }}
{{- range $exemptions.entries | default list }}
  {{- if regexMatch "[^*?]" .namespace }}{{ $covered = append $covered .namespace }}{{ end }}
{{- end }}
{{- $named := list }}
{{- range dig "servers" list ($config.dns | default dict) }}
  {{- $selector := .namespaceSelector | default dict }}
  {{- with get ($selector.matchLabels | default dict) "kubernetes.io/metadata.name" }}{{ $named = append $named . }}{{ end }}
  {{- range $selector.matchExpressions | default list }}
    {{- if and (eq .key "kubernetes.io/metadata.name") (eq .operator "In") }}{{ $named = concat $named .values }}{{ end }}
  {{- end }}
{{- end }}
{{- $dnsNamespaces := list }}
{{- range $name := concat $values.dnsNamespaces $named }}
  {{- $isOfSystem := false }}
  {{- range include "netpol-guard.patterns" $system | fromJsonArray }}{{ if regexMatch . $name }}{{ $isOfSystem = true }}{{ end }}{{ end }}
  {{- if not $isOfSystem }}{{ $dnsNamespaces = append $dnsNamespaces $name }}{{ end }}
{{- end }}
{{- range concat $system $exempt $covered $dnsNamespaces }}
  {{- if not (has . $known.bornWith) }}{{ $reserved = append $reserved . }}{{ end }}
{{- end }}
{{- $entries := list }}
{{- $openings := list }}
{{- range $exemptions.entries | default list }}
  {{- $about := printf "%s/%s" .namespace (.name | default "*") }}
  {{- if or (not .rules) (has "baseline-modified" .rules) }}{{ $entries = append $entries $about }}{{ end }}
  {{- $isOfOpenings := not .rules }}
  {{- range .rules }}{{ if has . $known.rulesOfOpenings }}{{ $isOfOpenings = true }}{{ end }}{{ end }}
  {{- if $isOfOpenings }}{{ $openings = append $openings $about }}{{ end }}
{{- end }}
{{- $dns := $config.dns | default dict }}
{{- $blocked := $config.dnsBlocked | default dict }}
{{- $share := splitList "/" ($dns.anywhereThreshold | default "1/256") }}
{{- $policies := $values.webhook.policies }}
{{- $asksAll := not (or $policies.namespaceSelector $policies.matchConditions) }}
{{- dict
  "enforce" (toJson $enforce)
  "template" (ternary $known.noLabel $template (eq $template "none") | toJson)
  "excluded" (include "netpol-guard.patterns" ($baseline.excludedNamespaces | default list))
  "kept" (include "netpol-guard.kept" (dict "known" $known "config" $config))
  "system" (include "netpol-guard.patterns" $system)
  "reserved" (include "netpol-guard.patterns" $reserved)
  "creators" (concat $known.installers $values.admissionPolicies.names.allowedUsers | uniq | sortAlpha | toJson)
  "exemptUsers" ($exemptions.users | default list | toJson)
  "exemptGroups" ($exemptions.groups | default list | toJson)
  "exemptNamespaces" (include "netpol-guard.patterns" $exempt)
  "exemptPolicies" (include "netpol-guard.patterns" $entries)
  "webhookDecides" (and (eq (include "netpol-guard.policiesFailurePolicy" .root) "Fail") $asksAll | toString)
  "dnsPorts" ($dns.ports | default (list 53) | toJson)
  "isUsualThreshold" (le (mul 256 (index $share 0 | int64)) (index $share 1 | int64) | toString)
  "exemptFromOpenings" (include "netpol-guard.patterns" $openings)
  "dnsNamespaces" (include "netpol-guard.patterns" $dnsNamespaces)
  "repairs" (or (eq ($blocked.onWrite | default "") "repair") (eq ($blocked.onDelete | default "") "repair") | toString)
  | toJson }}
{{- end }}

{{- /* The hash of those parameters that follow the configuration: takes `known` and `parameters`. */ -}}
{{- define "netpol-guard.parametersHash" -}}
{{- $lines := "" }}
{{- range .known.followed }}{{ $lines = printf "%s%s=%s\n" $lines . (get $.parameters .) }}{{ end }}
{{- sha256sum $lines }}
{{- end }}
