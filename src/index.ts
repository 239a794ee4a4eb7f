export { CustomResourceOptions } from './constructs/custom-resource-import';
export { EgressRouter } from './constructs/egress-router';
export { EgressRouterAddress } from './constructs/egress-router-address';
export { EgressRouterCluster, EgressRouterClusterProps } from './constructs/egress-router-cluster';
export { EgressRouterFailover } from './constructs/egress-router-failover';
export { EgressRouterMonitoring } from './constructs/egress-router-monitoring';
export { EgressRouterNetwork, EgressRouterNetworkProps, EgressRouterSubnet } from './constructs/egress-router-network';
export { EgressRouterPlugin } from './constructs/egress-router-plugin';
export { EgressRouterPluginProps, NodeFlavour } from './constructs/egress-router-plugin-props';
export { EgressRouterProps } from './constructs/egress-router-props';
export { EgressRouterResource, EgressRouterResourceProps } from './constructs/egress-router-resource';
export { EgressRouterScheduling } from './constructs/egress-router-scheduling';
export { EgressRouterServiceOptions, ExternalTrafficPolicy } from './constructs/egress-router-service-options';
export { Link, MacvlanLinkOptions } from './constructs/link';
export {
  NetworkAttachmentDefinition,
  NetworkAttachmentDefinitionProps,
} from './constructs/network-attachment-definition';
export { Macvlan, MacvlanMode, NetworkInterface } from './constructs/network-interface';
export { OperatorObjects } from './constructs/operator-objects';
export { OperatorRouterOptions } from './constructs/operator-router-options';
export { RedirectRule } from './constructs/redirect-rule';
export { RouterMode } from './constructs/router-mode';
export { StandaloneObjects } from './constructs/standalone-objects';
export { StandaloneRouterOptions } from './constructs/standalone-router-options';
export { Platform } from './domain/router/platform';
export { RouterModeKind } from './domain/router/router-spec';
