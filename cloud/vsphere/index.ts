/** vSphere: a port group that passes packets with a pod's own MAC address. */
export { EgressPortGroup } from './egress-port-group';
export type { DistributedSwitch, EgressPortGroupArgs, StandardSwitch } from './egress-port-group-args';
export type {
  DistributedPortGroupArgs,
  HostPortGroupArgs,
  PortGroupResource,
  VSphereModule,
} from './vsphere-module';
