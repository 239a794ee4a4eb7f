module cdk8s-egress-router.test/dns-operators

go 1.22

// The custom resource definitions by which OKD and RKE2 configure the cluster's DNS, as YAML; nothing of them is built.
require (
	github.com/k3s-io/helm-controller v0.17.9
	github.com/openshift/api v0.0.0-20251015095338-264e80a2b6e7
)
