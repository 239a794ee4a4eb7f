import type { MacAddress } from '../../../src/config/mac-address';
import type { Neighbour } from '../../../src/config/serve-config';
import type { Link } from '../../netlink/route/link';
import type { Finding } from '../finding';
import type { Subject } from '../subject';

/** The gateway hears the node and not the router: something between them lets only known MAC addresses pass. */
export function filteredMac(
  { config, plane }: Subject,
  { address }: Neighbour,
  parent: Link,
  mac: MacAddress,
): Finding {
  const pairs = config.addresses.map(
    ({ cidr }) => `--allowed-address ip-address=${cidr.address.text},mac-address=${config.macAddress}`,
  );
  return {
    id: 'mac-filtered',
    problem: `${address.text} (${mac}) answers the MAC address of ${parent.name} (${parent.mac}), and not that of ${plane.link.name} (${config.macAddress}).`,
    explanation:
      'Frames with a second MAC address are dropped between the node and the gateway: port security of the platform or of the switch.',
    commands: [
      `openstack port set ${pairs.join(' ')} PORT   # OpenStack: the node's port, of MAC address ${parent.mac}`,
      "govc host.portgroup.change -allow-promiscuous=true -forged-transmits=true -mac-changes=true PORTGROUP   # vSphere: the one of the node's egress interface",
    ],
  };
}
