import { withoutMarks } from '../../src/domain/data-plane/marked-rules';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { SystemCallError } from '../ffi/libc';
import { NetlinkError } from '../netlink/netlink-error';
import { NO_LINK } from './diagnosis';
import {
  cutOff,
  type Examination,
  found,
  PART_NAMES,
  PARTS,
  type PartName,
  type PartResult,
  together,
  unseen,
} from './examination';
import { examineCapture } from './examine-capture';
import { examineConnectionTable, examineHealthLimit, examineLimit, examineSourcePorts } from './examine-connections';
import { examineForeignTables } from './examine-foreign-tables';
import { examineParent } from './examine-parent';
import { examineState } from './examine-state';
import { examineTable, type TableInForce, tableInForce } from './examine-table';
import type { Finding, FindingId } from './finding';
import { examineNames } from './names/examine-names';
import type { Subject } from './subject';
import { MORE_TIME, type TimeLimit } from './time-limit';
import type { Destination } from './wire/destination';
import { examineConflict } from './wire/examine-conflict';
import { examineDestinations } from './wire/examine-destinations';
import { examineGateway } from './wire/examine-gateway';

/** Data that the parts share. */
class ExaminationContext {
  /** The kinds of findings so far. */
  public readonly findings: Finding[] = [];
  public hasGatewayAnswered = false;
  private tableRead: { readonly inForce: TableInForce | undefined } | undefined;

  public constructor(
    public readonly subject: Subject,
    public readonly time: TimeLimit,
    /** Probed instead of those of the rules. */
    public readonly destination: Destination | undefined,
  ) {}

  /** The kernel's table; nothing without permission. */
  public get inForce(): TableInForce | undefined {
    this.tableRead ??= { inForce: tableInForce(this.subject) };
    return this.tableRead.inForce;
  }

  public has(ids: readonly FindingId[]): boolean {
    return this.findings.some(({ id }) => ids.includes(id));
  }
}

type Examiner = (context: ExaminationContext) => Examination | Promise<Examination>;

const EXAMINERS: Readonly<Record<PartName, Examiner>> = {
  configuration: ({ subject }) => found(...subject.mistakes),
  parent: ({ subject }) => examineParent(subject),
  state: ({ subject }) => (subject.isGuessed ? unknown('state') : examineState(subject)),
  connections: ({ subject }) => examineConnectionTable(subject),
  capture: ({ subject }) => examineCapture(subject),
  gateway: (context) => {
    const examination = examineGateway(context.subject, context.time);
    context.hasGatewayAnswered = examination.notExamined.length === 0;
    return examination;
  },
  holder: ({ subject }) => examineConflict(subject),
  table: (context) => (context.subject.isGuessed ? unknown('table') : examineTable(context.subject, context.inForce)),
  foreign: ({ subject }) => examineForeignTables(subject),
  ports: ({ subject, inForce }) =>
    together([
      examineSourcePorts(subject, inForce),
      examineLimit(subject, inForce),
      examineHealthLimit(subject, inForce),
    ]),
  destinations: (context) => {
    const { subject, destination, hasGatewayAnswered, time } = context;
    const rules = rulesOf(context);
    const asked = destination === undefined ? rules && tcpDestinations(rules) : [destination];
    const haveRules = rules && (destination === undefined || leadTo(rules, destination));
    const known = haveRules === undefined ? { hasGatewayAnswered } : { hasGatewayAnswered, haveRules };
    return examineDestinations(subject, asked, known, time);
  },
  names: (context) => {
    const { subject, inForce, time } = context;
    if (subject.isGuessed) return unknown('names');
    // The questions of the reserved address do not get there either.
    const isCutOff = subject.config.resolver?.source === 'reserved' && context.has([...LAN_UNREACHABLE, ...NO_GATEWAY]);
    if (isCutOff) return found();
    return examineNames(subject, inForce?.marked.spreads, time);
  },
};

function unknown(part: PartName): Examination {
  return unseen(PARTS[part], 'a configuration that can be read');
}

/** The findings of a router of which only an invalid configuration is known. */
export function unexamined(mistakes: readonly Finding[]): PartResult[] {
  return PART_NAMES.map((part) => ({ part, ...(part === 'configuration' ? found(...mistakes) : unknown(part)) }));
}

/**
 * Findings that make probes on the LAN pointless. With a full connection table, the kernel also drops the router's own
 * probes.
 */
const LAN_UNREACHABLE: readonly FindingId[] = [
  ...NO_LINK,
  'link',
  'address',
  'route',
  'policy-rule',
  'connections-exhausted',
];

const NO_GATEWAY: readonly FindingId[] = ['mac-filtered', 'wrong-subnet', 'gateway-silent'];

/** Findings that make another part redundant. */
const SKIPPED_AFTER: Partial<Record<PartName, readonly FindingId[]>> = {
  gateway: LAN_UNREACHABLE,
  holder: LAN_UNREACHABLE,
  destinations: [...LAN_UNREACHABLE, ...NO_GATEWAY],
};

/**
 * Examines a router, part by part, without changing it. The LAN sees a few probes for addresses, and each destination
 * of a TCP rule a connection that is closed at once. The DNS servers see the questions that the router asks them.
 */
export async function* examine(
  subject: Subject,
  time: TimeLimit,
  destination?: Destination,
): AsyncGenerator<PartResult> {
  const context = new ExaminationContext(subject, time, destination);
  for (const part of PART_NAMES) {
    const examination = context.has(SKIPPED_AFTER[part] ?? []) ? found() : await attempt(part, context);
    context.findings.push(...examination.findings);
    yield { part, ...examination };
  }
}

/** An error of one part does not end the others. */
async function attempt(part: PartName, context: ExaminationContext): Promise<Examination> {
  if (!context.time.allows(1)) return cutOff(PARTS[part], MORE_TIME);
  try {
    return await EXAMINERS[part](context);
  } catch (error) {
    if (!(error instanceof NetlinkError || error instanceof SystemCallError)) throw error;
    return cutOff(PARTS[part], `another attempt; ${error.message}`);
  }
}

type Rules = Pick<NetworkConfig, 'rules' | 'fallbacks'>;

/** The rules in force, or of the configuration if the kernel's cannot be read. */
function rulesOf({ subject: { config, knowsRules }, inForce }: ExaminationContext): Rules | undefined {
  if (inForce !== undefined) return withoutMarks(inForce.marked);
  return knowsRules ? config : undefined;
}

/** The distinct destinations of the TCP rules. */
function tcpDestinations({ rules }: Pick<Rules, 'rules'>): readonly Destination[] {
  const destinations = rules
    .filter(({ protocol }) => protocol === 'TCP')
    .map(({ destination, targetPort }): Destination => ({ address: destination, port: targetPort }));
  return [...new Map(destinations.map((one) => [`${one.address.text} ${one.port}`, one])).values()];
}

/** Whether the table lets the pod itself open a TCP connection there. */
function leadTo(rules: Rules, { address, port }: Destination): boolean {
  return (
    rules.fallbacks.some(({ text }) => text === address.text) ||
    tcpDestinations(rules).some((one) => one.address.text === address.text && one.port === port)
  );
}
