import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue, issueText } from '../../src/domain/input/issue';
import {
  decodeNetworkConfig,
  macField,
  type NetworkConfig,
  readNetworkConfig,
} from '../../src/domain/router/network-config';
import { type LogLevel, readOptions } from '../../src/domain/router/router-options';
import { readInterfaceName } from '../../src/domain/values/interface-name';
import { readNetworkName } from '../../src/domain/values/plugin-name';
import { CniError, CODES } from './cni-error';
import { readContainerArguments } from './container-arguments';
import { type PreviousResult, readPreviousResult } from './result';
import { answerVersion, type CniVersion, readCommand, readVersion } from './spec-version';
import { parseIfPossible, parseInput } from './standard-streams';
import { readValidAttachments, type ValidAttachment } from './valid-attachments';

/** What every command but VERSION has. */
interface Call {
  /** In which the runtime wants the answer. */
  readonly cniVersion: CniVersion;
  /** Name of the network. */
  readonly network: string;
  readonly log: LogOptions;
}

/** The runtime's names for one interface of a pod. */
interface AttachmentCall extends Call {
  readonly containerId: string;
  readonly ifname: string;
}

export interface Invocation extends AttachmentCall {
  readonly command: 'ADD' | 'CHECK';
  /** Path of the pod's network namespace. */
  readonly netns: string;
  readonly config: NetworkConfig;
  readonly previousResult: PreviousResult | undefined;
}

/** DEL goes by names alone: a pod must be deletable after its configuration was broken. */
export interface Removal extends AttachmentCall {
  readonly command: 'DEL';
  /** Absent when the namespace is gone. */
  readonly netns: string | undefined;
}

export interface NetworkInvocation extends Call {
  readonly command: 'STATUS';
  readonly config: NetworkConfig;
}

export interface GarbageCollection extends Call {
  readonly command: 'GC';
  /** Absent when the runtime gave no list: then nothing is known to be stale. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
}

export interface VersionQuery {
  readonly command: 'VERSION';
  readonly cniVersion: CniVersion;
}

export type AnyInvocation = Invocation | Removal | NetworkInvocation | GarbageCollection | VersionQuery;

/** Variables of the environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The runtime's call: its environment and what it wrote to standard input, checked as a whole before anything is done.
 *
 * @throws CniError, or ConfigError when the configuration has mistakes
 */
export function readInvocation(environment: Environment, stdin: string): AnyInvocation {
  const command = readCommand(environment.CNI_COMMAND);
  // A runtime may ask before it knows what to write.
  if (command === 'VERSION') return { command, cniVersion: answerVersion(parseIfPossible(stdin)) };
  const input = parseInput(stdin);
  const cniVersion = readVersion(input, command);
  const call = { cniVersion, log: logOptions(input) };
  switch (command) {
    case 'ADD':
    case 'CHECK':
      return { command, ...call, ...readPodAttachment(environment), ...readRouter(environment, input) };
    case 'DEL':
      return {
        command,
        ...call,
        ...readNetwork(input),
        ...readAttachment(environment),
        netns: environment.CNI_NETNS || undefined,
      };
    case 'STATUS': {
      const config = decodeNetworkConfig(input);
      return { command, ...call, network: config.name, config };
    }
    case 'GC':
      return { command, ...call, ...readNetwork(input), validAttachments: readValidAttachments(input) };
  }
}

/** The network's name alone, for commands that work whatever else the configuration has. */
function readNetwork(input: unknown): { network: string } {
  const issues: Issue[] = [];
  const root = Field.root(input, issues);
  const name = root.isObject() ? readNetworkName(root.member('name')) : undefined;
  if (name === undefined) throw new ConfigError(issues);
  return { network: name };
}

const CONTAINER_ID = 'letters, digits, ".", "_" and "-", beginning with a letter or digit';

function readPodAttachment(environment: Environment) {
  return { ...readAttachment(environment, ['CNI_NETNS']), netns: environment.CNI_NETNS! };
}

/** @param required variables beside those that every attachment needs */
function readAttachment(environment: Environment, required: readonly string[] = []) {
  const missing = ['CNI_CONTAINERID', 'CNI_IFNAME', ...required].filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new CniError(CODES.INVALID_ENVIRONMENT, `missing in the environment: ${missing.join(', ')}`);
  }
  const issues: Issue[] = [];
  const root = Field.root(environment, issues);
  const id = root.member('CNI_CONTAINERID');
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(id.value as string)) id.refuse('is not a container ID', CONTAINER_ID);
  readInterfaceName(root.member('CNI_IFNAME'));
  refuseEnvironment(issues);
  return { containerId: environment.CNI_CONTAINERID!, ifname: environment.CNI_IFNAME! };
}

/** The configuration, with what the runtime wants otherwise for this one pod. */
function readRouter(environment: Environment, input: unknown) {
  const issues: Issue[] = [];
  const { mac } = readContainerArguments(environment.CNI_ARGS ?? '', issues);
  refuseEnvironment(issues);
  const root = Field.root(input, issues);
  const config = readNetworkConfig(root, macField(mac, issues));
  const previousResult = root.member('prevResult').optional(readPreviousResult);
  if (config === undefined || issues.length > 0) throw new ConfigError(issues);
  return { network: config.name, config, previousResult };
}

function refuseEnvironment(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const names = [...new Set(issues.map(({ path }) => path))];
  throw new CniError(CODES.INVALID_ENVIRONMENT, `invalid ${names.join(', ')}`, issues.map(issueText).join('\n'));
}

/** Where lines of the log go, and which. */
export interface LogOptions {
  /** Path on the node; absent: standard error. */
  readonly file?: string;
  readonly level: LogLevel;
}

/** From a configuration that may be refused for something else: that is worth a line in its own log, too. */
export function logOptions(input: unknown): LogOptions {
  const { logFile, logLevel } = readOptions(Field.root(input, []));
  return logFile === undefined ? { level: logLevel } : { file: logFile, level: logLevel };
}
