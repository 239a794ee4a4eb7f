import type { MacAddress } from '../../../src/domain/values/mac-address';
import type { Link } from '../../netlink/route/link';
import type { Finding } from '../finding';
import type { Subject } from '../subject';

/**
 * The gateway hears the node and not the router: something between them lets only known MAC addresses pass.
 *
 * @param answers who answers the node, by address: of a router with two families both gateways may
 */
export function filteredMac(
  { config, plane }: Subject,
  answers: ReadonlyMap<string, MacAddress>,
  parent: Link,
): Finding {
  const pairs = config.addresses.map(
    ({ cidr }) => `--allowed-address ip-address=${cidr.address.text},mac-address=${config.macAddress}`,
  );
  const who = [...answers].map(([address, mac]) => `${address} (${mac})`).join(' and ');
  return {
    id: 'mac-filtered',
    problem: `${who} ${answers.size === 1 ? 'answers' : 'answer'} the MAC address of ${parent.name} (${parent.mac}), and not that of ${plane.link.name} (${config.macAddress}).`,
    explanation:
      'Frames with a second MAC address are dropped between the node and the gateway: port security of the platform or of the switch.',
    commands: [
      `openstack port set ${pairs.join(' ')} PORT   # OpenStack: the node's port, of MAC address ${parent.mac}`,
      "govc host.portgroup.change -host=HOST -allow-promiscuous=true -forged-transmits=true -mac-changes=true PORTGROUP   # vSphere, standard switch: the port group of the node's egress interface, on each host",
      'Get-VDPortgroup PORTGROUP | Get-VDSecurityPolicy | Set-VDSecurityPolicy -AllowPromiscuous $true -ForgedTransmits $true -MacChanges $true   # vSphere, distributed switch, in PowerCLI: govc has no such command',
    ],
  };
}
