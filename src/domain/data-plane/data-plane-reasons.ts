import type { DataPlaneRoute, PolicyRule, Sysctl } from './data-plane';

/** Why a kernel setting is as it is, by the last word of its path. */
const SETTINGS: Readonly<Record<string, string>> = {
  rp_filter: 'Loose: the way back to a server leads by the table of redirected traffic, which this check does not see.',
  proxy_arp: 'The pod answers for nobody else.',
  arp_ignore: 'The LAN learns the reserved address here, and no address of the cluster network.',
  arp_announce: 'The LAN learns the reserved address here, and no address of the cluster network.',
  accept_redirects: 'Nobody on the LAN moves the routes.',
  arp_notify: 'The kernel announces the address again whenever the link is taken up.',
  ndisc_notify: 'The kernel announces the address again whenever the link is taken up.',
  accept_ra: 'No addresses and routes by what the LAN says.',
  autoconf: 'No addresses and routes by what the LAN says.',
  accept_dad: 'ADD has asked the LAN itself, and the link-local address has to work at once.',
  disable_ipv6: 'The link has the families of its addresses, and no other.',
  base_reachable_time_ms: 'A gateway that was not heard for half a second is asked again at the next packet.',
  delay_first_probe_time: 'The gateway is asked at once, not after a packet has gone without an answer.',
  retrans_time_ms: 'A gateway that falls silent is noticed within two seconds.',
  ucast_solicit: 'One lost answer, or two, make no gateway silent.',
  icmp_errors_use_inbound_ifaddr:
    'A server that sends too much at once hears so by net1, from the reserved address: else the main table would choose.',
  forwarding: 'Nodes may hand down another default than the namespace has, so each interface is told.',
  ip_forward: 'Last: from here on the pod forwards.',
};

const LISTENS_ON =
  'A router forgets the default routes that it learned from others, unless it is told to keep listening.';

/** What the parts of the table are there for, without the number of an address family. */
const TABLE_PARTS: Readonly<Record<string, string>> = {
  marks: 'Which rule takes a port: its number marks every packet of the connection.',
  redirect: 'Where a port leads. One look-up, however many rules there are.',
  sent: 'Rules in force, for what clients send.',
  received: 'Rules in force, for what servers answer.',
  prerouting: "A connection's first packet gets the mark of its rule, and is sent on.",
  postrouting: 'Servers see the reserved address, from a random port so that no two connections meet in one.',
  forward: 'What belongs to no rule in force is dropped, whichever way it goes.',
  input: "The LAN does not reach the pod's own ports.",
};

export function tablePartReason(name: string): string | undefined {
  return TABLE_PARTS[name.replace(/[46]$/, '')];
}

export function settingReason({ path, insteadOf }: Sysctl): string {
  if (insteadOf !== undefined) return LISTENS_ON;
  if (path === 'net/ipv6/conf/all/forwarding') return SETTINGS.ip_forward!;
  return SETTINGS[path.slice(path.lastIndexOf('/') + 1)]!;
}

export function routeReason({ type, destination }: DataPlaneRoute): string {
  if (type === 'unreachable')
    return 'Behind the others: what finds no way here is refused, and never leaves by the cluster network.';
  return destination === undefined
    ? "Redirected traffic leaves by the LAN's gateway; the pod's own default route stays."
    : "The LAN itself, in the router's table alone: clients with addresses of it are answered by the cluster network.";
}

export function policyRuleReason({ incoming, table }: PolicyRule): string {
  if (table === undefined) return 'Should the table be emptied, such packets are refused.';
  return incoming === undefined
    ? "What the pod itself sends from the reserved address takes the router's table."
    : "What comes in from the cluster network takes the router's table.";
}
