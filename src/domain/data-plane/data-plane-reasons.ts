import { bitsOf } from '../values/cidr';
import { isIpv6LinkLocal } from '../values/ip-address';
import { connectionSettingReason } from './connection-settings';
import type { Sysctl } from './data-plane';
import type { DataPlanePolicyRule, DataPlaneRoute } from './routing';

/** The reason for a kernel setting, by the last word of its path. */
const SETTINGS: Readonly<Record<string, string>> = {
  rp_filter:
    'Loose: packets return to a server by the routing table of redirected traffic, which this check does not consult.',
  proxy_arp: 'The pod answers ARP only for its own addresses.',
  arp_ignore: 'The LAN learns only the reserved address, and the cluster network only its own.',
  arp_announce: 'The LAN learns only the reserved address, and no address of the cluster network.',
  accept_source_route: 'A route in its header would lead a packet of the LAN to another address of the pod.',
  accept_redirects: 'No host on the LAN changes the routes.',
  arp_notify: 'The kernel announces the address again whenever the link comes up.',
  ndisc_notify: 'The kernel announces the address again whenever the link comes up.',
  accept_ra: 'No addresses and routes from router advertisements.',
  autoconf: 'No addresses and routes from router advertisements.',
  accept_dad: 'ADD probes for conflicts itself, and the link-local address has to work at once.',
  disable_ipv6: 'The link has only the families of its addresses.',
  base_reachable_time_ms: 'A gateway that was silent for half a second is probed again at the next packet.',
  delay_first_probe_time: 'The gateway is probed at once, not only after a packet without an answer.',
  retrans_time_ms: 'A silent gateway is detected within two seconds.',
  ucast_solicit: 'One or two lost answers do not count as a silent gateway.',
  nf_conntrack_events: 'The standby hears of each connection, also of those from before its process listened.',
  icmp_errors_use_inbound_ifaddr:
    'ICMP errors to a server come from the reserved address; otherwise the main table would choose the source.',
  forwarding: 'A node may have another default for new interfaces than for the namespace, so each interface is set.',
  ip_forward: 'Last: from here on the pod forwards.',
};

const LISTENS_ON =
  'With forwarding on, the kernel drops default routes from router advertisements, unless accept_ra is 2.';

/** The purpose of each part of the table, by its name without the number of an address family. */
const TABLE_PARTS: Readonly<Record<string, string>> = {
  marks: 'The rule of each port: its number marks every packet of the connection.',
  redirect: 'The destination of each port: one look-up, however many rules there are.',
  spread: 'The ports of hosts that the router resolves.',
  buckets: 'The destination of each port for each of 64 groups of clients: its number marks every packet.',
  targets: 'Where that number leads. A destination that no group has lost its name: open connections go on.',
  sent: 'Rules in force, for packets from clients.',
  received: 'Rules in force, for packets from servers.',
  own: 'What the pod itself may reach by the LAN: the destinations of the rules, and the question to the gateway.',
  health: 'The connections of each source to the health port, counted by the kernel.',
  held: 'For a second after a takeover: what does not answer a server, and what waits for the client.',
  clients: 'The connections of each client to each port of a server, counted by the kernel.',
  guard: 'Only packets to the reserved addresses arrive from the LAN.',
  prerouting: "A connection's first packet gets the mark of its rule and is redirected.",
  postrouting: 'Servers see the reserved address, with a random port so that two connections never share one.',
  forward: 'Packets of no rule in force are dropped, in both directions.',
  input: "The LAN cannot reach the pod's own ports; a server is reset when its connection is unknown.",
  output: 'The pod itself reaches only what the rules name, and the reserved address leaves by the LAN only.',
};

export function tablePartReason(name: string): string | undefined {
  return TABLE_PARTS[name.replace(/[46]$/, '')];
}

export function settingReason({ path, insteadOf }: Sysctl): string {
  if (insteadOf !== undefined) return LISTENS_ON;
  if (path === 'net/ipv6/conf/all/forwarding') return SETTINGS.ip_forward!;
  return connectionSettingReason(path) ?? SETTINGS[path.slice(path.lastIndexOf('/') + 1)]!;
}

export function routeReason({ type, destination, family }: DataPlaneRoute): string {
  if (type === 'unreachable')
    return 'Last: traffic without another route is rejected, and never leaves by the cluster network.';
  if (destination === undefined)
    return "Redirected traffic leaves by the LAN's gateway; the pod's own default route does not change.";
  if (isIpv6LinkLocal(destination.address))
    return 'Neighbours on the LAN, such as a gateway, have link-local addresses.';
  return destination.prefixLength === bitsOf(family)
    ? 'The gateway, which is outside of the subnet: it is on the link.'
    : "The LAN itself, only in the router's table: the pod answers clients with LAN addresses by the cluster network.";
}

export const KEPT_ROUTES_REASON =
  "A copy of the pod's default route: Multus removes it from main where a pod's annotation has default-route.";

export function policyRuleReason({ incoming, outgoing, source, suppressedGroup, table }: DataPlanePolicyRule): string {
  if (suppressedGroup !== undefined)
    return "All other packets use main, but none of its routes by the router's interface: clients get their answers by the cluster network.";
  const isOfLan = [incoming, outgoing, source].some((selector) => selector !== undefined);
  if (!isOfLan)
    return table === undefined
      ? 'Without another route, these packets are rejected: none leaves by the LAN.'
      : "Where main has lost the pod's default route, its copy is used.";
  if (table === undefined) return 'If the table is emptied, these packets are rejected.';
  if (outgoing !== undefined)
    return "Sockets on the router's interface use the router's table; the kernel looks there for a gateway of a new route.";
  return incoming === undefined
    ? "Packets that the pod sends from the reserved address use the router's table."
    : "Packets from the cluster network use the router's table.";
}
