module cdk8s-egress-router.test/prometheus-operator

go 1.22

// Its custom resource definitions, as YAML; nothing of it is built.
require github.com/prometheus-operator/prometheus-operator v0.75.0
