export { EgressRouterServiceOptions, ExternalTrafficPolicy } from './constructs/clients/egress-router-service-options';
export { EgressRouterCluster, EgressRouterClusterProps } from './constructs/cluster/egress-router-cluster';
export {
  EgressRouterNetwork,
  EgressRouterNetworkProps,
  EgressRouterSubnet,
} from './constructs/cluster/egress-router-network';
export { ServiceIpRange } from './constructs/cluster/service-ip-range';
export { EgressRouter } from './constructs/egress-router';
export { EgressRouterAddress } from './constructs/egress-router-address';
export { EgressRouterHost } from './constructs/egress-router-host';
export { EgressRouterProps } from './constructs/egress-router-props';
export { CoreDnsNames, CoreDnsNamesProps } from './constructs/hosts/core-dns-names';
export { EgressRouterAdmitOptions } from './constructs/hosts/host-admissions';
export { OkdDnsNames } from './constructs/hosts/okd-dns-names';
export { OkdDnsNamesProps } from './constructs/hosts/okd-dns-names-props';
export { Rke2DnsNames, Rke2DnsNamesProps } from './constructs/hosts/rke2-dns-names';
export { CustomResourceOptions } from './constructs/operator/custom-resource-options';
export { EgressRouterResource, EgressRouterResourceProps } from './constructs/operator/egress-router-resource';
export { Macvlan, MacvlanMode, NetworkInterface } from './constructs/operator/network-interface';
export { OperatorObjects } from './constructs/operator/operator-objects';
export { OperatorRouterOptions } from './constructs/operator/operator-router-options';
export { EgressRouterPlugin } from './constructs/plugin/egress-router-plugin';
export { EgressRouterPluginProps, NodeFlavour } from './constructs/plugin/egress-router-plugin-props';
export { RedirectRule } from './constructs/redirect-rule';
export { RouterMode } from './constructs/router-mode';
export { ClusterDefault } from './constructs/standalone/cluster-default';
export {
  DnsResolver,
  DnsResolverOptions,
  DnsServersOptions,
  DnsSource,
} from './constructs/standalone/dns-resolver';
export { EgressRouterConnectionTimeouts } from './constructs/standalone/egress-router-connection-timeouts';
export { EgressRouterFailover } from './constructs/standalone/egress-router-failover';
export { EgressRouterMonitoring } from './constructs/standalone/egress-router-monitoring';
export { EgressRouterScheduling } from './constructs/standalone/egress-router-scheduling';
export { Link, MacvlanLinkOptions } from './constructs/standalone/link';
export {
  NetworkAttachmentDefinition,
  NetworkAttachmentDefinitionProps,
} from './constructs/standalone/network-attachment-definition';
export { StandaloneObjects } from './constructs/standalone/standalone-objects';
export { StandaloneRouterOptions } from './constructs/standalone/standalone-router-options';
export { Platform } from './domain/router/platform';
export { RouterModeKind } from './domain/router/router-spec';
