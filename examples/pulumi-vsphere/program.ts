import * as pulumi from '@pulumi/pulumi';
import * as vsphere from '@pulumi/vsphere';
import { EgressPortGroup } from 'pulumi-egress-router/vsphere';
import { PARTNER } from '../standalone/router';

/** A port group on a distributed switch that exists. Its name is the network of the nodes' second card. */
export function program() {
  const config = new pulumi.Config();
  const { id: datacenterId } = vsphere.getDatacenterOutput({ name: config.require('datacenter') });
  const { id: switchUuid } = vsphere.getDistributedVirtualSwitchOutput({
    name: config.require('switch'),
    datacenterId,
  });
  const reserved = PARTNER.addresses.map(({ ip }) => ip).join(', ');

  const group = new EgressPortGroup(vsphere, 'egress', {
    vlanId: config.requireNumber('vlan'),
    distributed: { switchUuid, description: `Egress routers with MAC addresses of their own: ${reserved}` },
  });
  return { network: group.networkName };
}
