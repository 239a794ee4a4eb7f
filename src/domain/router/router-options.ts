import { withoutUndefined } from '../input/collections';
import type { Field } from '../input/decoder';
import { INTERFACE_NAME, readInterfaceName } from '../values/interface-name';
import { readPort } from '../values/protocol';
import {
  type ConnectionTimeouts,
  DEFAULT_CONNECTION_TIMEOUTS,
  encodeConnectionTimeouts,
  readConnectionTimeouts,
} from './connection-timeouts';

/** Settings with a default that fits nearly every router. */
export interface RouterOptions {
  /**
   * TCP port of `/readyz`, `/livez` and `/metrics` on the pod's primary interface. Absent: the pod answers no probes,
   * like the operator's, and every port may be redirected.
   */
  readonly healthPort?: number;
  /**
   * Number of the routing table for redirected traffic in the pod's namespace; the next one holds a copy of the pod's
   * default routes.
   */
  readonly routingTable: number;
  /** Whether nf_tables counts connections, packets and bytes of each rule. */
  readonly counters: boolean;
  /** Whether the pod's process changes the rules: this configuration has only the initial ones. */
  readonly liveRules: boolean;
  /** How many times net1 announces its addresses (gratuitous ARP, unsolicited neighbour advertisement). */
  readonly announcements: number;
  /** How many ARP frames the router sends in a second while it starts, below the node's own rate. */
  readonly arpFramesPerSecond: number;
  /** Whether ADD first probes for address conflicts. */
  readonly detectConflicts: boolean;
  /** Seconds that ADD waits for another holder to release the address. */
  readonly conflictWait: number;
  /**
   * How many connections one client address may have at once to one port of a server; absent: as many as the reserved
   * address has source ports, shared by all clients.
   */
  readonly connectionsPerClient?: number;
  /** When the pod's kernel forgets connections without packets. */
  readonly connectionTimeouts: ConnectionTimeouts;
  /** The pod's primary interface; absent: the one with its default route. */
  readonly primaryInterface?: string;
  /** Path of the log file on the node; absent: standard error. */
  readonly logFile?: string;
  readonly logLevel: LogLevel;
}

/** Log levels of the reference implementation, in its spelling. */
export const LOG_LEVELS = ['panic', 'error', 'verbose', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The kernel walks the connections of a client at a new one, while the processor's other packets wait: 2.5 ms for
 * 4,000, at most once in a timer tick of 4 ms.
 */
const MOST_CONNECTIONS = 4000;

/** The default health port of standalone routers. */
export const DEFAULT_HEALTH_PORT = 9180;

export const DEFAULT_OPTIONS: RouterOptions = {
  routingTable: 100,
  counters: false,
  liveRules: false,
  announcements: 3,
  // Below Cisco's default limit of 15, with room for the node's own frames.
  arpFramesPerSecond: 10,
  detectConflicts: true,
  conflictWait: 10,
  connectionTimeouts: DEFAULT_CONNECTION_TIMEOUTS,
  logLevel: 'verbose',
};

/** The options' keys in the plugin's configuration. */
export const OPTION_KEYS = [
  'healthPort',
  'routingTable',
  'counters',
  'liveRules',
  'announcements',
  'arpFramesPerSecond',
  'detectConflicts',
  'conflictWait',
  'connectionsPerClient',
  'connectionTimeouts',
  'primaryInterface',
  'log_file',
  'log_level',
];

/**
 * Reads the options among the members of the plugin's configuration.
 *
 * @param readHealthPort reader of the health port, if not every port is allowed
 * @param readTimeouts reader of the connection timeouts, where they are not numbers
 */
export function readOptions(
  root: Field,
  readHealthPort = readPort,
  readTimeouts: (field: Field) => ConnectionTimeouts | undefined = (field) => readConnectionTimeouts(field),
): RouterOptions {
  const seconds = (field: Field) => field.integer(0, 120, 'a number of seconds');
  const read = {
    healthPort: root.member('healthPort').optional(readHealthPort),
    routingTable: root
      .member('routingTable')
      .optional((field) => field.integer(1, 251, 'the number of a routing table')),
    counters: root.member('counters').optional((field) => field.flag()),
    liveRules: root.member('liveRules').optional((field) => field.flag()),
    announcements: root.member('announcements').optional((field) => field.integer(1, 10, 'a number of announcements')),
    arpFramesPerSecond: root
      .member('arpFramesPerSecond')
      .optional((field) => field.integer(1, 10, 'a number of ARP frames a second')),
    detectConflicts: root.member('detectConflicts').optional((field) => field.flag()),
    conflictWait: root.member('conflictWait').optional(seconds),
    connectionsPerClient: root
      .member('connectionsPerClient')
      .optional((field) => field.integer(1, MOST_CONNECTIONS, 'a number of connections')),
    connectionTimeouts: root.member('connectionTimeouts').optional(readTimeouts),
    primaryInterface: root.member('primaryInterface').optional(readPrimaryInterface),
    logFile: root.member('log_file').given(readLogFile),
    logLevel: root.member('log_level').given((field) => field.wordInAnyCase(LOG_LEVELS)),
  };
  return { ...DEFAULT_OPTIONS, ...withoutUndefined(read) };
}

/** A policy rule with the loopback interface as its incoming one applies to everything that the pod itself sends. */
function readPrimaryInterface(field: Field): string | undefined {
  const name = readInterfaceName(field);
  return name === 'lo' ? field.refuse('is the loopback interface', INTERFACE_NAME) : name;
}

/** A relative path would depend on the runtime's working directory. */
function readLogFile(field: Field): string | undefined {
  const accepted = 'the absolute path of a file';
  const path = field.text(accepted);
  return path === undefined || path.startsWith('/') ? path : field.refuse('is a relative path', accepted);
}

/** The options by their keys in the plugin's configuration, without those that have their default. */
export function encodeOptions(options: RouterOptions): Record<string, unknown> {
  const { connectionTimeouts, logFile, logLevel, ...sameName } = options;
  const changed = Object.entries(sameName).filter(
    ([key, value]) => value !== DEFAULT_OPTIONS[key as keyof RouterOptions],
  );
  return withoutUndefined({
    ...Object.fromEntries(changed),
    connectionTimeouts: encodeConnectionTimeouts(connectionTimeouts),
    log_file: logFile,
    log_level: logLevel === DEFAULT_OPTIONS.logLevel ? undefined : logLevel,
  });
}
