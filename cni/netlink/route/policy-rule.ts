import { shellWord } from '../../../src/domain/input/shell-word';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { addressFamily, familyOf } from '../../ffi/address-family';
import { EAFNOSUPPORT } from '../../ffi/errno';
import type { ByteReader } from '../byte-reader';
import { type Message, NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { readIpAddress } from './ip-codec';

/** A policy rule that looks up a table, rejects, or skips other rules, as `ip rule` prints it. */
export interface PolicyRule {
  readonly family: Family;
  readonly priority: number;
  /** Absent: the packet is rejected, unless the rule skips others. */
  readonly table?: number;
  /** Skips the rules before this priority; rules of the router never do. */
  readonly goto?: number;
  /** The kind of rejection, if it is not `unreachable`. */
  readonly refusal?: 'blackhole' | 'prohibit';
  /** Matches packets that came in by this interface. */
  readonly incoming?: string;
  /** Matches packets from this address. */
  readonly source?: IpAddress;
  /** Matches packets of sockets that are bound to this interface. */
  readonly outgoing?: string;
  /** Ignores routes by interfaces of this group. */
  readonly suppressedGroup?: number;
  /** Whether it has other conditions, which our rules never have: a mark, a destination, a whole subnet. */
  readonly hasOtherConditions?: boolean;
  /** The creating program: a number of `rt_protos`. */
  readonly protocol: number;
}

/**
 * `ip rule add priority PRIORITY from SOURCE iif INCOMING oif OUTGOING {lookup TABLE suppress_ifgroup GROUP |
 * unreachable} protocol PROTOCOL`
 */
export function addPolicyRule(rule: PolicyRule): Request {
  return change(k.RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, 'add', rule);
}

/** `ip rule delete …` */
export function deletePolicyRule(rule: PolicyRule): Request {
  return change(k.RTM_DELRULE, 0, 'delete', rule);
}

function change(type: number, flags: number, verb: string, rule: PolicyRule): Request {
  const { family, source, incoming, outgoing, suppressedGroup, table } = rule;
  return {
    type,
    flags,
    operation: `ip -${family} rule ${verb} ${policyRuleText(rule)}`,
    write: (writer) => {
      writer
        .u8(addressFamily(family))
        .u8(0)
        .u8(source === undefined ? 0 : source.bytes.length * 8)
        .u8(0)
        .u8(table ?? k.RT_TABLE_UNSPEC)
        .zeros(2)
        .u8(table === undefined ? k.FR_ACT_UNREACHABLE : k.FR_ACT_TO_TBL)
        .u32(0)
        .attribute(k.FRA_PRIORITY, (w) => w.u32(rule.priority))
        .attribute(k.FRA_PROTOCOL, (w) => w.u8(rule.protocol));
      if (source !== undefined) writer.attribute(k.FRA_SRC, (w) => w.raw(source.bytes));
      if (incoming !== undefined) writer.attribute(k.FRA_IIFNAME, (w) => w.text(incoming));
      if (outgoing !== undefined) writer.attribute(k.FRA_OIFNAME, (w) => w.text(outgoing));
      if (suppressedGroup !== undefined) writer.attribute(k.FRA_SUPPRESS_IFGROUP, (w) => w.u32(suppressedGroup));
    },
  };
}

/** The policy rules of the socket's namespace that look up a table or reject. */
export function listPolicyRules(socket: NetlinkSocket, family: Family): PolicyRule[] {
  const request: Request = {
    type: k.RTM_GETRULE,
    flags: 0,
    operation: `ip -${family} rule show`,
    write: (writer) => writer.u8(addressFamily(family)).zeros(11),
  };
  try {
    return socket
      .dump(request)
      .flatMap((message) => decodeRule(message) ?? [])
      .filter((rule) => rule.family === family);
  } catch (error) {
    // The kernel has no IPv6.
    if (hasErrno(error, EAFNOSUPPORT)) return [];
    throw error;
  }
}

/** Rejections other than `unreachable`, by the kernel's number. */
const REFUSALS: Readonly<Record<number, PolicyRule['refusal']>> = {
  [k.FR_ACT_BLACKHOLE]: 'blackhole',
  [k.FR_ACT_PROHIBIT]: 'prohibit',
};

const ACTIONS: readonly number[] = [
  k.FR_ACT_TO_TBL,
  k.FR_ACT_GOTO,
  k.FR_ACT_UNREACHABLE,
  k.FR_ACT_BLACKHOLE,
  k.FR_ACT_PROHIBIT,
];

export function decodeRule({ payload }: Message): PolicyRule | undefined {
  const family = familyOf(payload.u8());
  const action = payload.u8(7);
  if (family === undefined || !ACTIONS.includes(action)) return undefined;
  const attributes = payload.attributeMap(12);
  const source = attributes.get(k.FRA_SRC);
  const suppressedGroup = attributes.get(k.FRA_SUPPRESS_IFGROUP)?.u32();
  return {
    family,
    priority: attributes.get(k.FRA_PRIORITY)?.u32() ?? 0,
    table: action === k.FR_ACT_TO_TBL ? (attributes.get(k.FRA_TABLE)?.u32() ?? payload.u8(4)) : undefined,
    goto: action === k.FR_ACT_GOTO ? attributes.get(k.FRA_GOTO)?.u32() : undefined,
    refusal: REFUSALS[action],
    incoming: attributes.get(k.FRA_IIFNAME)?.text(),
    source: source && readIpAddress(source),
    outgoing: attributes.get(k.FRA_OIFNAME)?.text(),
    suppressedGroup: suppressedGroup === NOT_SUPPRESSED ? undefined : suppressedGroup,
    hasOtherConditions: hasOtherConditions(payload, attributes),
    protocol: attributes.get(k.FRA_PROTOCOL)?.u8() ?? 0,
  };
}

/** The kernel's value for a rule that accepts every route of its table. */
const NOT_SUPPRESSED = 0xffffffff;

/** What `ip rule` calls `tos`, `to`, `not`, and what has an attribute of its own. */
function hasOtherConditions(payload: ByteReader, attributes: ReadonlyMap<number, ByteReader>): boolean {
  const [destinationLength, sourceLength, tos] = [payload.u8(1), payload.u8(2), payload.u8(3)];
  const wholeSource = (attributes.get(k.FRA_SRC)?.length ?? 0) * 8;
  return (
    destinationLength !== 0 ||
    sourceLength !== wholeSource ||
    tos !== 0 ||
    (payload.u32(8) & k.FIB_RULE_INVERT) !== 0 ||
    (attributes.get(k.FRA_SUPPRESS_PREFIXLEN)?.u32() ?? NOT_SUPPRESSED) !== NOT_SUPPRESSED ||
    CONDITIONS.some((attribute) => attributes.has(attribute))
  );
}

/** The kernel reports these only if they are set. */
const CONDITIONS: readonly number[] = [
  k.FRA_FWMARK,
  k.FRA_FWMASK,
  k.FRA_TUN_ID,
  k.FRA_L3MDEV,
  k.FRA_UID_RANGE,
  k.FRA_IP_PROTO,
  k.FRA_SPORT_RANGE,
  k.FRA_DPORT_RANGE,
  k.FRA_DSCP,
  k.FRA_FLOWLABEL,
];

function actionText({ table, goto: target, refusal }: Pick<PolicyRule, 'table' | 'goto' | 'refusal'>): string {
  if (target !== undefined) return `goto ${target}`;
  return table === undefined ? (refusal ?? 'unreachable') : `lookup ${table}`;
}

/** The rule in the syntax of `ip rule`, with the names of interfaces quoted for a shell. */
export function policyRuleText({
  priority,
  source,
  incoming,
  outgoing,
  suppressedGroup,
  table,
  goto: target,
  refusal,
  hasOtherConditions: others,
}: Omit<PolicyRule, 'protocol'>): string {
  const words = [
    `priority ${priority}`,
    ` from ${source?.text ?? 'all'}`,
    incoming === undefined ? '' : ` iif ${shellWord(incoming)}`,
    outgoing === undefined ? '' : ` oif ${shellWord(outgoing)}`,
    others ? ' and other conditions' : '',
    ` ${actionText({ table, goto: target, refusal })}`,
    suppressedGroup === undefined ? '' : ` suppress_ifgroup ${suppressedGroup}`,
  ];
  return words.join('');
}
