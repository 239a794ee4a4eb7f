export { EgressRouter } from './constructs/egress-router';
export { EgressRouterAddress } from './constructs/egress-router-address';
export { EgressRouterCluster, EgressRouterClusterProps } from './constructs/egress-router-cluster';
export { EgressRouterFailover } from './constructs/egress-router-failover';
export { EgressRouterMonitoring } from './constructs/egress-router-monitoring';
export { EgressRouterPlugin } from './constructs/egress-router-plugin';
export { EgressRouterPluginProps, NodeFlavour } from './constructs/egress-router-plugin-props';
export { EgressRouterMode, EgressRouterProps } from './constructs/egress-router-props';
export { EgressRouterResource, EgressRouterResourceProps } from './constructs/egress-router-resource';
export { EgressRouterScheduling } from './constructs/egress-router-scheduling';
export { EgressRouterServiceOptions } from './constructs/egress-router-service-options';
export {
  NetworkAttachmentDefinition,
  NetworkAttachmentDefinitionProps,
} from './constructs/network-attachment-definition';
export { Macvlan, MacvlanMode, NetworkInterface } from './constructs/network-interface';
export { RedirectRule } from './constructs/redirect-rule';
export { Platform } from './domain/router/platform';
export { Provisioning } from './domain/router/router-spec';
