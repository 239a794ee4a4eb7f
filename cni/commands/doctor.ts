import { type Flag, readFlags } from '../../cli/command-line/flags';
import { UsageError } from '../../cli/command-line/usage-error';
import { diagnose } from '../doctor/diagnosis';
import { reportJson, reportText } from '../doctor/report';
import type { Subject } from '../doctor/subject';
import { type Destination, parseDestination } from '../doctor/wire/destination';
import { NamespaceError } from '../netns/namespace';
import { ServeError } from '../serve/serve-error';
import { type DoctorFlags, examinedRouter } from './examined-router';

const FLAGS = {
  router: { value: 'NAMESPACE/NAME', help: 'which router, where several run; default: the only one' },
  netns: { value: 'NETNS', help: "its pod's network namespace: a path, a name of ip netns, or a process" },
  config: { value: 'JSON', help: "the plugin's configuration, where no process of the router runs" },
  'config-file': { value: 'PATH', help: 'a file that holds it' },
  interface: { value: 'NAME', help: "the router's interface in the pod; default: net1" },
  destination: { value: 'IP:PORT', help: 'ask this server by TCP, in place of those of the rules' },
  json: { help: 'as JSON, for programs' },
} as const satisfies Readonly<Record<string, Flag>>;

const FINDINGS = 1;

/**
 * `egress-router doctor`: what is wrong with a router, in its pod or on its node.
 *
 * @returns the exit code: 1 when anything is
 * @throws UsageError where it does not know what to look at
 */
export function doctor(args: readonly string[]): number {
  const flags: DoctorFlags = readFlags('doctor', args, FLAGS);
  const destination = readDestination(flags.value('destination'));
  try {
    const subject = examinedRouter(flags);
    if (destination !== undefined) requireFamily(subject, destination);
    const examination = diagnose(subject, destination);
    const report = flags.has('json') ? reportJson : reportText;
    process.stdout.write(report(subject.router, examination));
    return examination.findings.length === 0 ? 0 : FINDINGS;
  } catch (error) {
    if (error instanceof NamespaceError) throw new UsageError(`doctor: --netns: ${error.message}`);
    throw error instanceof ServeError ? new UsageError(`doctor: ${error.message}`) : error;
  }
}

function requireFamily({ config }: Subject, { address }: Destination): void {
  if (config.addresses.some(({ cidr }) => cidr.address.family === address.family)) return;
  const own = config.addresses.map(({ cidr }) => cidr.address.text).join(', ');
  throw new UsageError(
    `doctor: --destination: ${address.text} is an IPv${address.family} address, and the router has only ${own}`,
  );
}

function readDestination(text: string | undefined): Destination | undefined {
  if (text === undefined) return undefined;
  const destination = parseDestination(text);
  if (destination !== undefined) return destination;
  throw new UsageError(
    `doctor: --destination: ${JSON.stringify(text)} is not IP:PORT, such as 203.0.113.26:443 or [2001:db8:113::26]:443`,
  );
}
