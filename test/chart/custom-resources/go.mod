// Where the chart's tests find the definitions of the custom resources of the Prometheus operator. Nothing here is built.
module netpol-guard/test/chart/custom-resources

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
