import { Asker } from './asker';
import type { Environment, Pod } from './environment';
import { PortWatch } from './port-watch';

const MAC = 'e2:65:c0:a8:0c:63';

/** A router in service, with a client that sends requests all the time and a watch of the LAN's ports. */
export interface Service {
  readonly namespace: string;
  readonly router: Pod;
  readonly asker: Asker;
  readonly ports: PortWatch;
}

/** The standalone example, and a client on another node. */
export async function inService(environment: Environment): Promise<Service> {
  environment.installPlugin();
  const namespace = environment.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const shop = environment.makeNamespace('shop');
  environment.applyExample('standalone');
  const ports = await PortWatch.start(environment.cluster.outside.lan, MAC);
  const router = await environment.rolledOut(namespace, 'partner');
  const node = environment.nodeBeside(router).name;
  const request = `tcp ${environment.clusterIp(namespace, 'partner')} 8080`;
  const asker = await Asker.start(environment, { namespace: shop, name: 'asker', node, request });
  return { namespace, router, asker, ports };
}
