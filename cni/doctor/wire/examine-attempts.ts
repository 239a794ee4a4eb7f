import { ownSet } from '../../../src/domain/data-plane/own-services';
import { TABLE_NAME } from '../../../src/domain/data-plane/router-table';
import { EACCES, ECONNREFUSED, errnoName } from '../../ffi/errno';
import { cutOff, type Examination, found, together } from '../examination';
import type { Finding } from '../finding';
import { shellCommand } from '../shell-command';
import { MORE_TIME } from '../time-limit';
import type { ConnectionAttempt } from './connection-attempt';
import { destinationText } from './destination';

interface Circumstances {
  readonly hasGatewayAnswered: boolean;
  /** Whether there was time to wait for the silent ones. */
  readonly isWhole: boolean;
  /** Whether rules lead to these destinations, and so whether the table lets the pod reach them; absent: unknown. */
  readonly haveRules?: boolean;
}

/** The finding for attempts with the same result. */
type Ending = Pick<Finding, 'id' | 'explanation'> & {
  /** Follows the destinations, in singular or plural. */
  readonly problem: (isOne: boolean, sources: string) => string;
  /** Instead of a trace of the path. */
  readonly command?: (attempt: ConnectionAttempt) => readonly string[];
};

/** Findings about connection attempts: one for all with the same result. */
export function examineAttempts(attempts: readonly ConnectionAttempt[], circumstances: Circumstances): Examination {
  const failed = attempts.filter(({ errno }) => errno !== 0);
  const endings = [...new Set(failed.map(({ errno }) => errno))];
  return together(
    endings.map((ending) => {
      const same = failed.filter(({ errno }) => errno === ending);
      if (ending === undefined && !circumstances.isWhole) return cutOff(`whether ${whoText(same)} answer`, MORE_TIME);
      return found(finding(same, attempts.length, endingOf(ending, circumstances)));
    }),
  );
}

function finding(same: readonly ConnectionAttempt[], asked: number, ending: Ending): Finding {
  const { id, problem, explanation } = ending;
  const sources = [...new Set(same.map(({ source }) => source.text))].join(' and ');
  const isOne = same.length === 1;
  const who = isOne ? whoText(same) : `${same.length} of ${asked} destinations`;
  return {
    id,
    problem: `${who} ${problem(isOne, sources)}.`,
    ...(isOne ? {} : { details: same.map(({ destination }) => destinationText(destination)) }),
    explanation,
    commands: [shellCommand`${(ending.command ?? usualCommand(id))(same[0]!)}   # in the pod's network namespace`],
  };
}

function whoText(same: readonly ConnectionAttempt[]): string {
  return same.length === 1 ? destinationText(same[0]!.destination) : `${same.length} destinations`;
}

function usualCommand(id: Finding['id']): (attempt: ConnectionAttempt) => string[] {
  return ({ destination: { address, port }, source }) =>
    id === 'destination-refuses'
      ? ['nc', '-v', '-s', source.text, address.text, String(port)]
      : ['traceroute', '-T', '-p', String(port), '-s', source.text, address.text];
}

function endingOf(errno: number | undefined, circumstances: Circumstances): Ending {
  if (errno === undefined) return silence(circumstances);
  if (errno === ECONNREFUSED) {
    return refusal('The server does not listen on that port, or a firewall rejects the connection.');
  }
  if (errno === EACCES) return refusal('A firewall rejects it (ICMP administratively prohibited).');
  return {
    id: 'destination-silent',
    problem: (_isOne, sources) => `cannot be reached from ${sources}: ${errnoName(errno)}`,
    explanation:
      "A router or firewall reports it (ICMP); for a server on the LAN itself, the kernel does, after ARP or neighbour solicitations without an answer, also if that server is the router's own node, which doctor sees on the node.",
  };
}

function refusal(explanation: string): Ending {
  return {
    id: 'destination-refuses',
    problem: (isOne, sources) => `${isOne ? 'refuses' : 'refuse'} connections from ${sources}`,
    explanation,
  };
}

const doNotAnswer: Ending['problem'] = (isOne, sources) => `${isOne ? 'does' : 'do'} not answer ${sources}`;

function silence({ hasGatewayAnswered, haveRules }: Circumstances): Ending {
  if (haveRules === false) return NO_RULE;
  const ending = hasGatewayAnswered ? SILENT : SILENT_AS_FAR_AS_KNOWN;
  return haveRules ? ending : { ...ending, explanation: `${ending.explanation} ${PERHAPS_NO_RULE}` };
}

const ONLY_RULES = `the pod itself may reach only the destinations and ports of its rules (chain output)`;

/** The rules are known only with NET_ADMIN or the configuration. */
const PERHAPS_NO_RULE = `If no rule leads there, the router's own table drops the probe: ${ONLY_RULES}.`;

const NO_RULE: Ending = {
  id: 'destination-silent',
  problem: () => "is not the destination of a TCP rule, so the router's own table drops the probe",
  explanation: `This says nothing about the server: ${ONLY_RULES}. To probe it from the reserved address, add a rule for it.`,
  command: ({ destination: { address } }) => ['nft', 'list', 'set', 'inet', TABLE_NAME, ownSet(address.family)],
};

const SILENT: Ending = {
  id: 'destination-silent',
  problem: (isOne, sources) => `${doNotAnswer(isOne, sources)}, though the gateway does`,
  explanation:
    'The packets leave the router. A firewall behind the gateway drops them, the server is down, or it has no route back to the reserved address.',
};

const SILENT_AS_FAR_AS_KNOWN: Ending = {
  id: 'destination-silent',
  problem: doNotAnswer,
  explanation: 'It is unknown whether the gateway answers: see the parts that were not examined.',
};
