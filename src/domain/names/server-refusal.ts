import { type Cidr, contains } from '../values/cidr';
import type { IpAddress } from '../values/ip-address';

/** Why a DNS server must not be asked: in words that follow its address; nothing for one outside the cluster. */
export function serverRefusal(server: IpAddress, clusterCidrs: readonly Cidr[]): string | undefined {
  const network = clusterCidrs.find((range) => contains(range, server));
  return (
    network &&
    `is in ${network.text}, a network of the cluster, whose DNS may lead a host's name to the router's own Service`
  );
}
