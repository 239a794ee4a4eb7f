import type { NetworkConfig } from '../router/network-config';
import { PROTOCOLS } from '../values/protocol';

/** What can pass a router: only its settings are written, because each costs time at the start of the pod. */
type Passing = (typeof PROTOCOLS)[number] | 'ICMP' | 'ICMPv6';

interface ConnectionSetting {
  readonly of: Passing;
  /** Without the prefix of conntrack's settings. */
  readonly name: string;
  readonly seconds: (timeouts: NetworkConfig['options']['connectionTimeouts']) => number;
  readonly reason: string;
}

/** The shortest time for a TCP connection that begins or ends (RFC 5382, REQ-5). */
const CLOSING = 240;
/** For an ICMP query (RFC 5508, REQ-2). */
const QUERY = 60;
/** As for a TCP handshake: the kernel's 3 s are not longer than the time after which a host sends again. */
const SCTP_HANDSHAKE = 60;

const CLOSING_REASON =
  'RFC 5382 keeps a closing connection for 4 minutes: the last packets may be lost and sent again.';
const SCTP_CLOSING_REASON = 'Data before the end of an association may be lost and sent again.';

/** The settings that differ from the kernel's defaults. Every setting has a row in docs/timeouts.md. */
const SETTINGS: readonly ConnectionSetting[] = [
  {
    of: 'TCP',
    name: 'tcp_timeout_established',
    seconds: ({ tcpEstablished }) => tcpEstablished,
    reason: 'A client that ended without a word holds its source port no longer than this, in seconds.',
  },
  {
    of: 'TCP',
    name: 'tcp_timeout_close_wait',
    seconds: ({ tcpHalfClosed }) => tcpHalfClosed,
    reason: 'One side has closed, and the other one may still send: RFC 6146 keeps it as an open connection.',
  },
  { of: 'TCP', name: 'tcp_timeout_fin_wait', seconds: () => CLOSING, reason: CLOSING_REASON },
  { of: 'TCP', name: 'tcp_timeout_last_ack', seconds: () => CLOSING, reason: CLOSING_REASON },
  {
    of: 'UDP',
    name: 'udp_timeout',
    seconds: ({ udp }) => udp,
    reason: 'RFC 4787 wants two minutes: an answer to a request may take a minute.',
  },
  {
    of: 'UDP',
    name: 'udp_timeout_stream',
    seconds: ({ udpStream }) => udpStream,
    reason: 'RFC 4787 recommends five minutes for a flow.',
  },
  {
    of: 'SCTP',
    name: 'sctp_timeout_established',
    seconds: ({ sctpEstablished }) => sctpEstablished,
    reason: 'Older kernels have five days, newer ones 210 s, which an association without heartbeats exceeds.',
  },
  {
    of: 'SCTP',
    name: 'sctp_timeout_cookie_echoed',
    seconds: () => SCTP_HANDSHAKE,
    reason: 'A lost packet of the handshake is sent again after 3 s and more.',
  },
  { of: 'SCTP', name: 'sctp_timeout_shutdown_sent', seconds: () => CLOSING, reason: SCTP_CLOSING_REASON },
  { of: 'SCTP', name: 'sctp_timeout_shutdown_recd', seconds: () => CLOSING, reason: SCTP_CLOSING_REASON },
  { of: 'SCTP', name: 'sctp_timeout_shutdown_ack_sent', seconds: () => CLOSING, reason: SCTP_CLOSING_REASON },
  { of: 'ICMP', name: 'icmp_timeout', seconds: () => QUERY, reason: 'RFC 5508 keeps an ICMP query for 60 s.' },
  { of: 'ICMPv6', name: 'icmpv6_timeout', seconds: () => QUERY, reason: 'RFC 5508 keeps an ICMP query for 60 s.' },
];

const PREFIX = 'net/netfilter/nf_conntrack_';

/**
 * The connection timeouts of a router, by their paths below `/proc/sys`. A new namespace has the kernel's own, whatever
 * the node has. They exist once the kernel tracks connections, which the table makes it do; some kernels hide them from
 * pods with their own user namespace, or lack SCTP.
 */
export function connectionSettings(config: NetworkConfig): { readonly path: string; readonly value: string }[] {
  const passing = passingProtocols(config);
  return SETTINGS.filter((setting) => passing.has(setting.of)).map(({ name, seconds }) => ({
    path: `${PREFIX}${name}`,
    value: String(seconds(config.options.connectionTimeouts)),
  }));
}

/** The reason for the connection setting at this path; nothing for another setting. */
export function connectionSettingReason(path: string): string | undefined {
  return SETTINGS.find(({ name }) => path === `${PREFIX}${name}`)?.reason;
}

/** A fallback passes everything of its family, and the process in the pod cannot write settings when rules change. */
function passingProtocols({ addresses, rules, fallbacks, options: { liveRules } }: NetworkConfig): Set<Passing> {
  const open = liveRules ? addresses.map(({ cidr }) => cidr.address.family) : fallbacks.map(({ family }) => family);
  const ofRules = open.length > 0 ? PROTOCOLS : rules.map(({ protocol }) => protocol);
  return new Set<Passing>([...ofRules, ...open.map((family) => (family === 4 ? 'ICMP' : 'ICMPv6'))]);
}
