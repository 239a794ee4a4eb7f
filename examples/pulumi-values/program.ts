import * as pulumi from '@pulumi/pulumi';
import { EgressRouterPorts, type RouterIdentity, type RouterNode } from 'pulumi-egress-router/openstack';

/** What the compiler cannot check in YAML is checked before any request, with the path of the value that is wrong. */
export function program() {
  const config = new pulumi.Config();
  new EgressRouterPorts('egress', {
    cloud: config.get('cloud'),
    routers: config.requireObject<RouterIdentity[]>('routers'),
    nodes: config.requireObject<RouterNode[]>('nodes'),
  });
}
