import { type Flag, type Flags, UsageError } from '../../cli/flags';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import { ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { readInterfaceName } from '../../src/domain/values/interface-name';
import { hostOnly } from '../../src/domain/values/ip-address';
import type { RouterChoice } from '../doctor/find-router';
import { ROUTER_NAME } from '../doctor/router-process';
import { type Destination, parseDestination } from '../doctor/wire/destination';

export const DOCTOR_FLAGS = {
  router: { value: 'NAMESPACE/NAME', help: 'the router to examine, if several run; default: the only one' },
  netns: { value: 'NETNS', help: 'network namespace of its pod: a path, a name of ip netns, or a process' },
  config: { value: 'JSON', help: "the plugin's configuration, if no process of the router runs" },
  'config-file': { value: 'PATH', help: 'a file with the configuration' },
  interface: { value: 'NAME', help: `the router's interface in the pod; default: ${ROUTER_INTERFACE}` },
  destination: { value: 'IP:PORT', help: 'probe this server by TCP instead of those of the rules' },
  'time-limit': { value: 'SECONDS', help: 'answer within this time, and name unexamined parts; default: 3' },
  json: { help: 'print JSON, for programs' },
  parts: { help: 'print the result of each part as a line of JSON, as soon as it is known' },
} as const satisfies Readonly<Record<string, Flag>>;

export type DoctorFlags = Flags<keyof typeof DOCTOR_FLAGS>;

const DEFAULT_SECONDS = 3;
const [LEAST_SECONDS, MOST_SECONDS] = [0.1, 600];

const ROUTER = 'NAME or NAMESPACE/NAME, of letters, digits, "-", "_" and "."';
const NAMESPACE = 'a path that begins with "/", a name below /var/run/netns, or the number of a process';
const DESTINATION = 'IP:PORT, such as 203.0.113.26:443 or [2001:db8:113::26]:443';
const SECONDS = `seconds, a number from ${LEAST_SECONDS} to ${MOST_SECONDS}`;

/** The decoded flags. */
export interface DoctorOptions {
  readonly choice: RouterChoice;
  readonly destination: Destination | undefined;
  readonly milliseconds: number;
}

/** @throws UsageError that names every invalid flag, its value and what is accepted */
export function doctorOptions(flags: DoctorFlags): DoctorOptions {
  const issues: Issue[] = [];
  const field = (name: keyof typeof DOCTOR_FLAGS) => Field.root(flags.value(name), issues, `--${name}`);
  field('router').optional((router) => match(router, ROUTER_NAME, 'is not the name of a router', ROUTER));
  field('netns').optional((netns) =>
    match(netns, /^(\/.*|(?!\.{1,2}$)[^/]+)$/s, 'is not a network namespace', NAMESPACE),
  );
  field('interface').optional(readInterfaceName);
  const destination = field('destination').optional(readDestination);
  const seconds = field('time-limit').optional(readSeconds) ?? DEFAULT_SECONDS;
  if (issues.length > 0) throw new UsageError(`doctor: ${issues.map(issueText).join('\n')}`);
  return { choice: routerChoice(flags), destination, milliseconds: seconds * 1000 };
}

function routerChoice(flags: DoctorFlags): RouterChoice {
  return {
    router: flags.value('router'),
    netns: flags.value('netns'),
    config: flags.value('config'),
    configFile: flags.value('config-file'),
    interfaceName: flags.value('interface'),
  };
}

/** The flags as arguments for a child process, except the time limit, which differs. */
export function childArguments(flags: DoctorFlags): string[] {
  return (Object.keys(DOCTOR_FLAGS) as (keyof typeof DOCTOR_FLAGS)[]).flatMap((name) => {
    const value = name === 'time-limit' ? undefined : flags.value(name);
    return value === undefined || value === '' ? [] : [`--${name}=${value}`];
  });
}

function match(field: Field, pattern: RegExp, problem: string, accepted: string): string | undefined {
  const text = field.text(accepted);
  if (text === undefined || (pattern.test(text) && !text.includes('\0'))) return text;
  return field.refuse(problem, accepted);
}

function readDestination(field: Field): Destination | undefined {
  const text = field.text(DESTINATION);
  if (text === undefined) return undefined;
  const destination = parseDestination(text);
  if (destination === undefined) return field.refuse('is not IP:PORT', DESTINATION);
  return hostOnly(field, destination.address, DESTINATION) && destination;
}

function readSeconds(field: Field): number | undefined {
  const seconds = Number(field.text(SECONDS));
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  return field.refuse('is not a number of seconds', SECONDS);
}
