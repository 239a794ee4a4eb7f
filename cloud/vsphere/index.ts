/** vSphere: a port group in which packets with a pod's own MAC address pass. */
export { EgressPortGroup } from './egress-port-group';
export type { DistributedSwitch, EgressPortGroupArgs, StandardSwitch } from './egress-port-group-args';
export type {
  DistributedPortGroupArgs,
  HostPortGroupArgs,
  PortGroupResource,
  VSphereModule,
} from './vsphere-module';
