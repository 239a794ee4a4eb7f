import { load } from 'js-yaml';

/** An entry of `spec.servers` of OKD's DNS. */
export interface DnsServer {
  readonly name: string;
  readonly zones: readonly string[];
  readonly forwardPlugin: { readonly upstreams: readonly string[] };
}

/**
 * What OKD's DNS operator writes into the Corefile of the cluster's DNS for a server, which it puts before its own.
 *
 * @see https://github.com/openshift/cluster-dns-operator/blob/master/pkg/operator/controller/controller_dns_configmap.go
 */
export function okdServer({ name, zones, forwardPlugin }: DnsServer): string {
  const addresses = zones.map((zone) => `${zone}:53`).join(' ');
  const lines = [
    `forward . ${forwardPlugin.upstreams.join(' ')} {`,
    '  policy random',
    '}',
    'errors',
    'bufsize 512',
    'cache 900 {',
    '  denial 9984 30',
    '}',
  ];
  return [`# ${name}`, `${addresses} {`, ...lines.map((line) => `  ${line}`), '}', ''].join('\n');
}

interface ChartValues {
  readonly extraConfig: Readonly<Record<string, { readonly parameters: string }>>;
  readonly zoneFiles: readonly { readonly filename: string; readonly contents: string }[];
}

/**
 * What the chart of RKE2's CoreDNS makes of a HelmChartConfig's values: the beginning of the Corefile, and files beside
 * it.
 *
 * @see https://github.com/coredns/helm/blob/master/charts/coredns/templates/configmap.yaml
 */
export function rke2Files(valuesContent: string): { readonly head: string; readonly files: Record<string, string> } {
  const { extraConfig, zoneFiles } = load(valuesContent) as ChartValues;
  const lines = Object.entries(extraConfig).map(([name, { parameters }]) => `${name} ${parameters}\n`);
  return {
    head: lines.join(''),
    files: Object.fromEntries(zoneFiles.map(({ filename, contents }) => [filename, contents])),
  };
}
