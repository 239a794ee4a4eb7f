export { Platform } from './config/platform';
export { Provisioning } from './config/router-spec';
export { EgressRouter } from './constructs/egress-router';
export { EgressRouterAddress } from './constructs/egress-router-address';
export { EgressRouterCluster, EgressRouterClusterProps } from './constructs/egress-router-cluster';
export {
  EgressRouterFailover,
  EgressRouterMode,
  EgressRouterProps,
  EgressRouterScheduling,
  EgressRouterServiceOptions,
} from './constructs/egress-router-props';
export { EgressRouterResource, EgressRouterResourceProps } from './constructs/egress-router-resource';
export {
  NetworkAttachmentDefinition,
  NetworkAttachmentDefinitionProps,
} from './constructs/network-attachment-definition';
export { Macvlan, MacvlanMode, NetworkInterface } from './constructs/network-interface';
export { RedirectRule } from './constructs/redirect-rule';
