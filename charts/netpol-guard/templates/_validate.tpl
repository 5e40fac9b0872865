{{- /* Reports everything that cannot work at once, in sentences. The schema checks single values. */ -}}
{{- define "netpol-guard.validate" -}}
{{- $faults := list }}
{{- $known := .Files.Get "files/namespaces.json" | fromJson }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .Release.Name) }}
  {{- $faults = append $faults (printf "the release name %s is not a valid name of a Service; begin with a letter, and use only lower-case letters, digits and -" .Release.Name) }}
{{- end }}
{{- if has .Release.Namespace $known.system }}
  {{- $faults = append $faults (printf "namespace %s is a system namespace; install with --namespace netpol-guard --create-namespace, since netpol-guard does not guard its own namespace" .Release.Namespace) }}
{{- end }}
{{- with .Values }}
{{- $port := include "netpol-guard.port" $ | int }}
{{- if and .hostNetwork (eq $port 10250) }}
  {{- $faults = append $faults "webhook.port: with hostNetwork, port 10250 belongs to the kubelet; leave the value empty, which is 10260, or choose another port" }}
{{- end }}
{{- $taken := dict (toString $port) "webhook.port" }}
{{- range $key, $number := dict "health.port" .health.port "metrics.port" .metrics.port }}
  {{- with get $taken (int $number | toString) }}
    {{- $faults = append $faults (printf "%s and %s are both %d; use a different port for each" . $key (int $number)) }}
  {{- end }}
  {{- $_ := set $taken (int $number | toString) $key }}
{{- end }}
{{- if and .hostNetwork .networkPolicy.egress.enabled }}
  {{- $faults = append $faults "networkPolicy.egress.enabled: network policies do not apply to pods on the host network; set hostNetwork or networkPolicy.egress.enabled to false" }}
{{- end }}
{{- if and .networkPolicy.egress.enabled (not .networkPolicy.enabled) }}
  {{- $faults = append $faults "networkPolicy.egress.enabled has no effect while networkPolicy.enabled is false; change one of the two" }}
{{- end }}
{{- if and .serviceMonitor.enabled .networkPolicy.enabled (not .networkPolicy.metricsFrom) (not .hostNetwork) }}
  {{- $faults = append $faults "networkPolicy.metricsFrom is empty, so Prometheus could not scrape the metrics that serviceMonitor.enabled offers; name its pods, such as [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], or [{namespaceSelector: {}}] for every pod" }}
{{- end }}
{{- if and (not .serviceAccount.create) (not .serviceAccount.name) }}
  {{- $faults = append $faults "serviceAccount.name: name an existing ServiceAccount, since serviceAccount.create is false" }}
{{- end }}
{{- $leaving := add .shutdownDelaySeconds 35 | int }}
{{- if lt (int .terminationGracePeriodSeconds) $leaving }}
  {{- $faults = append $faults (printf "terminationGracePeriodSeconds: %d seconds are too short, so replicas would be killed while they answer calls; set at least %d, which is shutdownDelaySeconds plus 35" (int .terminationGracePeriodSeconds) $leaving) }}
{{- end }}
{{- $faults = concat $faults (include "netpol-guard.validateTls" .tls | fromJsonArray) }}
{{- $faults = concat $faults (include "netpol-guard.validatePaths" . | fromJsonArray) }}
{{- $faults = concat $faults (include "netpol-guard.validateDisruption" $ | fromJsonArray) }}
{{- if .webhook.labels }}
  {{- $faults = append $faults "webhook.labels is now called webhook.namespaceLabels; rename the key and keep what is under it. If you did not set it, upgrade with --reset-then-reuse-values instead of --reuse-values" }}
{{- end }}
{{- range $key, $entry := .webhook }}
  {{- if kindIs "map" $entry }}
    {{- $names := list "not-ourselves" "not-a-system-namespace" "not-a-named-system-namespace" "not-a-deleting-controller" "our-labels-differ" "not-excluded-by-somebody-exempt" }}
    {{- range $condition := $entry.matchConditions | default list }}
      {{- if has $condition.name $names }}
        {{- $faults = append $faults (printf "webhook.%s.matchConditions: the name %s is taken; choose another one" $key $condition.name) }}
      {{- end }}
      {{- $names = append $names $condition.name }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- if $faults }}
  {{- fail (printf "\n\nnetpol-guard cannot be installed with these values:\n- %s\n" (join "\n- " $faults)) }}
{{- end }}
{{- end }}

{{- /* Not in the schema, since its message would show the secret. */ -}}
{{- define "netpol-guard.validatePaths" -}}
{{- $faults := list }}
{{- $shape := "32 to 63 lower-case letters, digits and hyphens, with a letter or digit at either end" }}
{{- $secret := "^[a-z0-9][a-z0-9-]{30,61}[a-z0-9]$" }}
{{- with .webhook }}
{{- if and .pathSecret (not (regexMatch $secret .pathSecret)) }}
  {{- $faults = append $faults (printf "webhook.pathSecret is not valid; use %s, such as openssl rand -hex 16 prints" $shape) }}
{{- end }}
{{- range $index, $other := .otherPathSecrets }}
  {{- if and (ne $other "/") (not (regexMatch $secret $other)) }}
    {{- $faults = append $faults (printf "webhook.otherPathSecrets[%d] is not valid; use %s, or / for paths without a secret" $index $shape) }}
  {{- end }}
{{- end }}
{{- if and (not .pathSecret) (eq (uniq .otherPathSecrets | join "") "/") }}
  {{- $faults = append $faults "webhook.otherPathSecrets: without webhook.pathSecret no path has a secret anyway; remove /" }}
{{- end }}
{{- if and (eq $.tls.mode "selfSigned") (not .url) (or .pathSecret .otherPathSecrets) }}
  {{- $faults = append $faults "webhook.pathSecret: with tls.mode selfSigned netpol-guard makes its own secret; remove pathSecret and otherPathSecrets, or set webhook.url" }}
{{- end }}
{{- end }}
{{- toJson $faults }}
{{- end }}

{{- define "netpol-guard.validateTls" -}}
{{- $faults := list }}
{{- $isExisting := eq .mode "existingSecret" }}
{{- if and $isExisting (not .existingSecret) }}
  {{- $faults = append $faults "tls.existingSecret: name the Secret with tls.crt and tls.key, since tls.mode is existingSecret" }}
{{- end }}
{{- if and $isExisting (not .caBundle) }}
  {{- $faults = append $faults "tls.caBundle: set it to the CA certificate in PEM, since tls.mode is existingSecret and the API server trusts no other CA" }}
{{- end }}
{{- range $key := list "existingSecret" "caBundle" }}
  {{- if and (get $ $key) (not $isExisting) }}
    {{- $faults = append $faults (printf "tls.%s needs tls.mode existingSecret, but tls.mode is %s; change one of the two" $key $.mode) }}
  {{- end }}
{{- end }}
{{- if and .selfSigned (ne .mode "selfSigned") }}
  {{- $faults = append $faults (printf "tls.selfSigned needs tls.mode selfSigned, but tls.mode is %s; change one of the two" .mode) }}
{{- end }}
{{- /* The same checks as in src/config/tls.ts, with its default lifetimes. */}}
{{- $certificate := .selfSigned.certificateDuration | default "168h" }}
{{- $authority := .selfSigned.caDuration | default "8760h" }}
{{- $seconds := include "netpol-guard.seconds" $certificate | float64 }}
{{- if lt $seconds 10.0 }}
  {{- $faults = append $faults (printf "tls.selfSigned.certificateDuration: %s is too short; the minimum is 10s" $certificate) }}
{{- else if lt (include "netpol-guard.seconds" $authority | float64) (mulf 4 $seconds) }}
  {{- $faults = append $faults (printf "tls.selfSigned.caDuration: %s is too short; set at least 4 times certificateDuration, which is %s" $authority $certificate) }}
{{- end }}
{{- if and .clientNames (not .clientCAFile) }}
  {{- $faults = append $faults "tls.clientNames has no effect without tls.clientCAFile; set both" }}
{{- end }}
{{- toJson $faults }}
{{- end }}

{{- /* The seconds of a duration such as 1h30m. */ -}}
{{- define "netpol-guard.seconds" -}}
{{- $units := dict "h" 3600 "m" 60 "s" 1 "ms" 0.001 }}
{{- $sum := 0.0 }}
{{- range regexFindAll "[0-9.]+(ms|s|m|h)" . -1 }}
  {{- $sum = addf $sum (mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[a-z]+$" .))) }}
{{- end }}
{{- $sum }}
{{- end }}

{{- define "netpol-guard.validateDisruption" -}}
{{- $faults := list }}
{{- $replicas := include "netpol-guard.replicas" . | int }}
{{- with .Values.podDisruptionBudget }}
{{- $least := toString .minAvailable }}
{{- $most := toString .maxUnavailable }}
{{- if and .enabled (gt $replicas 1) }}
  {{- if and (ne $least "") (ne $most "") (ne $most "1") }}
    {{- $faults = append $faults "podDisruptionBudget: set either minAvailable or maxUnavailable, and the other one to \"\"" }}
  {{- end }}
  {{- if and (eq $least "") (has $most (list "" "0" "0%")) }}
    {{- $faults = append $faults "podDisruptionBudget would let no node be drained; set maxUnavailable: 1, or enabled: false" }}
  {{- end }}
  {{- if and (regexMatch "^[0-9]+$" $least) (ge (int $least) $replicas) }}
    {{- $faults = append $faults (printf "podDisruptionBudget.minAvailable: %s of %d replicas would let no node be drained; lower it" $least $replicas) }}
  {{- end }}
{{- end }}
{{- end }}
{{- toJson $faults }}
{{- end }}
