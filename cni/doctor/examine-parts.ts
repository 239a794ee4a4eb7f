import { withoutMarks } from '../../src/domain/data-plane/marked-rules';
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
  unseen,
} from './examination';
import { examineCapture } from './examine-capture';
import { examineConnectionTable, examineSourcePorts } from './examine-connections';
import { examineForeignTables } from './examine-foreign-tables';
import { examineParent } from './examine-parent';
import { examineState } from './examine-state';
import { examineTable, type TableInForce, tableInForce } from './examine-table';
import type { Finding, FindingId } from './finding';
import type { Subject } from './subject';
import { MORE_TIME, type TimeLimit } from './time-limit';
import type { Destination } from './wire/destination';
import { examineHolder } from './wire/examine-conflict';
import { examineDestinations } from './wire/examine-destinations';
import { examineGateway } from './wire/examine-gateway';

/** What the parts share. */
class Look {
  /** By what was found so far. */
  public readonly findings: Finding[] = [];
  public isGatewayHeard = false;
  private kept: { readonly inForce: TableInForce | undefined } | undefined;

  public constructor(
    public readonly subject: Subject,
    public readonly time: TimeLimit,
    /** Asked in place of those of the rules. */
    public readonly destination: Destination | undefined,
  ) {}

  /** The kernel's table; nothing where this process may not ask. */
  public get inForce(): TableInForce | undefined {
    this.kept ??= { inForce: tableInForce(this.subject) };
    return this.kept.inForce;
  }

  public has(ids: readonly FindingId[]): boolean {
    return this.findings.some(({ id }) => ids.includes(id));
  }
}

const EXAMINERS: Readonly<Record<PartName, (look: Look) => Examination>> = {
  configuration: ({ subject }) => found(...subject.mistakes),
  parent: ({ subject }) => examineParent(subject),
  state: ({ subject }) => (subject.isGuessed ? unknown('state') : examineState(subject)),
  connections: ({ subject }) => examineConnectionTable(subject),
  capture: ({ subject }) => examineCapture(subject),
  gateway: (look) => {
    const examination = examineGateway(look.subject, look.time);
    look.isGatewayHeard = examination.blind.length === 0;
    return examination;
  },
  holder: ({ subject }) => examineHolder(subject),
  table: (look) => (look.subject.isGuessed ? unknown('table') : examineTable(look.subject, look.inForce)),
  foreign: ({ subject }) => examineForeignTables(subject),
  ports: (look) => examineSourcePorts(look.subject, look.inForce),
  destinations: (look) => examineDestinations(look.subject, destinationsOf(look), look.isGatewayHeard, look.time),
};

function unknown(part: PartName): Examination {
  return unseen(PARTS[part], 'a configuration that can be read');
}

/** What is to be said of a router of which nothing is known but mistakes. */
export function unexamined(mistakes: readonly Finding[]): PartResult[] {
  return PART_NAMES.map((part) => ({ part, ...(part === 'configuration' ? found(...mistakes) : unknown(part)) }));
}

/** Whatever is asked on the LAN is in vain; with a full table of connections the kernel refuses the router's own questions, too. */
const NO_WAY_OUT: readonly FindingId[] = [
  ...NO_LINK,
  'link',
  'address',
  'route',
  'policy-rule',
  'connections-exhausted',
];

const NO_GATEWAY: readonly FindingId[] = ['mac-filtered', 'wrong-subnet', 'gateway-silent'];

/** What else makes a part tell nothing that was not told. */
const VAIN_WITH: Partial<Record<PartName, readonly FindingId[]>> = {
  gateway: NO_WAY_OUT,
  holder: NO_WAY_OUT,
  destinations: [...NO_WAY_OUT, ...NO_GATEWAY],
};

/**
 * Examines a router, part by part. It changes nothing; the LAN sees a few questions for addresses, and each destination of a TCP rule a
 * connection that is closed at once.
 */
export function* examine(subject: Subject, time: TimeLimit, destination?: Destination): Generator<PartResult> {
  const look = new Look(subject, time, destination);
  for (const part of PART_NAMES) {
    const examination = look.has(VAIN_WITH[part] ?? []) ? found() : attempt(part, look);
    look.findings.push(...examination.findings);
    yield { part, ...examination };
  }
}

/** An error of one part ends no other. */
function attempt(part: PartName, look: Look): Examination {
  if (!look.time.allows(1)) return cutOff(PARTS[part], MORE_TIME);
  try {
    return EXAMINERS[part](look);
  } catch (error) {
    if (!(error instanceof NetlinkError || error instanceof SystemCallError)) throw error;
    return cutOff(PARTS[part], `another attempt; ${error.message}`);
  }
}

/** What the TCP rules in force lead to, each once; those of the configuration, where the kernel does not tell. */
function destinationsOf(look: Look): readonly Destination[] | undefined {
  const { config, knowsRules } = look.subject;
  if (look.destination !== undefined) return [look.destination];
  if (look.inForce === undefined && !knowsRules) return undefined;
  const { rules } = look.inForce === undefined ? config : withoutMarks(look.inForce.marked);
  const destinations = rules
    .filter(({ protocol }) => protocol === 'TCP')
    .map(({ destination, targetPort }): Destination => ({ address: destination, port: targetPort }));
  return [...new Map(destinations.map((one) => [`${one.address.text} ${one.port}`, one])).values()];
}
