import * as pulumi from '@pulumi/pulumi';
import { EgressRouterPorts, type RouterNode } from 'pulumi-egress-router/openstack';
import { PARTNER } from '../standalone/router';

/** The address and MAC of PARTNER may leave through the port of every node; the ports' other pairs stay as they are. */
export function program() {
  const config = new pulumi.Config();
  new EgressRouterPorts('partner', {
    cloud: config.get('cloud'),
    routers: [PARTNER],
    nodes: config.requireObject<RouterNode[]>('nodes'),
  });
}
