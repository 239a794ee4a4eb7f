import { filesOfModule } from './go-module';

/** The definitions of OKD's DNS and of RKE2's HelmChartConfig, as YAML. */
export function dnsDefinitions(): string[] {
  const okd = ['operator/v1/zz_generated.crd-manifests/0000_70_dns_00_dnses.crd.yaml'];
  const rke2 = ['pkg/crds/yaml/generated/helm.cattle.io_helmchartconfigs.yaml'];
  return [
    ...filesOfModule('dns-operators', 'github.com/openshift/api', okd),
    ...filesOfModule('dns-operators', 'github.com/k3s-io/helm-controller', rke2),
  ];
}
