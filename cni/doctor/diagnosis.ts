import { type Examination, together } from './examination';
import { examineCapture } from './examine-capture';
import { examineConnections } from './examine-connections';
import { examineParent } from './examine-parent';
import { examineState } from './examine-state';
import { examineTable, rulesInForce } from './examine-table';
import { FINDING_IDS, type Finding, type FindingId } from './finding';
import type { Subject } from './subject';
import type { Destination } from './wire/destination';
import { examineDestinations } from './wire/examine-destinations';
import { examineGateway } from './wire/examine-gateway';
import { examineHolder } from './wire/examine-holder';

/** Without a working interface these follow. */
const FOLLOW_FROM_LINK: readonly FindingId[] = ['link', 'address', 'route', 'sysctl'];

const NO_LINK: readonly FindingId[] = ['parent-missing', 'parent-down', 'no-carrier'];

/** Whatever is asked on the LAN is in vain; with a full table of connections the kernel refuses the router's own questions, too. */
const NO_WAY_OUT: readonly FindingId[] = [
  ...NO_LINK,
  'link',
  'address',
  'route',
  'policy-rule',
  'connections-exhausted',
];

/**
 * Examines a router, within three seconds. It changes nothing; the LAN sees a few questions for addresses, and each destination of a TCP rule a
 * connection that is closed at once.
 *
 * @param given a destination that is asked in place of those of the rules
 * @returns the likeliest cause first, without what follows from it
 * @throws NetlinkError, SystemCallError
 */
export function diagnose(subject: Subject, given?: Destination): Examination {
  const inForce = rulesInForce(subject);
  const local = together([
    examineParent(subject),
    examineState(subject),
    examineTable(subject, inForce),
    examineConnections(subject, inForce),
    examineCapture(subject),
  ]);
  const examinations = [local];
  if (!has(local, NO_WAY_OUT)) {
    const gateway = examineGateway(subject);
    examinations.push(gateway, examineHolder(subject));
    if (gateway.findings.length === 0) {
      const destinations = given === undefined ? destinationsOf(subject, inForce) : [given];
      examinations.push(examineDestinations(subject, destinations, gateway.blind.length === 0));
    }
  }
  const { findings, blind } = together(examinations);
  return { findings: ordered(causes(findings)), blind };
}

function has({ findings }: Pick<Examination, 'findings'>, ids: readonly FindingId[]): boolean {
  return findings.some(({ id }) => ids.includes(id));
}

/** Leaves out what follows from others. */
function causes(findings: readonly Finding[]): Finding[] {
  const isLinkless = has({ findings }, NO_LINK);
  const isGone = findings.some(
    ({ id, details }) => id === 'link' && details?.some((text) => /missing|state is down/.test(text)),
  );
  const isNameless = has({ findings }, ['address']);
  const isElsewhere = has({ findings }, ['wrong-subnet']);
  const isShared = has({ findings }, ['conflict']);
  return findings.filter(({ id }) => {
    // Answers go to the other holder.
    if (isShared && id === 'destination-silent') return false;
    if (isElsewhere && id === 'gateway-silent') return false;
    if (isNameless && id === 'route') return false;
    if (isLinkless) return !FOLLOW_FROM_LINK.includes(id);
    return !isGone || id === 'link' || !FOLLOW_FROM_LINK.includes(id);
  });
}

function ordered(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => FINDING_IDS.indexOf(a.id) - FINDING_IDS.indexOf(b.id));
}

/** What the TCP rules in force lead to, each once; those of the configuration, where the kernel does not tell. */
function destinationsOf({ config, knowsRules }: Subject, inForce: ReturnType<typeof rulesInForce>) {
  if (inForce === undefined && !knowsRules) return undefined;
  const rules = inForce?.marked.rules.map(({ rule }) => rule) ?? config.rules;
  const destinations = rules
    .filter(({ protocol }) => protocol === 'TCP')
    .map(({ destination, targetPort }): Destination => ({ address: destination, port: targetPort }));
  return [...new Map(destinations.map((one) => [`${one.address.text} ${one.port}`, one])).values()];
}
