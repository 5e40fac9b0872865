// Where the chart's tests find the definitions of the custom resources that it makes. Nothing here is built.
module netpol-guard/test/chart/custom-resources

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
