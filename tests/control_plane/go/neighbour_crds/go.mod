module aim-operator/tests/control_plane/neighbour_crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.18.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
