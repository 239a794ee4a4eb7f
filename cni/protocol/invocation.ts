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
import { findInterface, type PreviousResult, readPreviousResult } from './result';
import { type CniVersion, readCommand, readVersion, repeatedVersion } from './spec-version';
import { parseIfPossible, parseInput } from './standard-streams';
import { readValidAttachments, type ValidAttachment } from './valid-attachments';

/** Input of every command except VERSION. */
interface Call {
  /** The version that the runtime wants in the answer. */
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
  /** Namespace of the pod; absent where the runtime does not say it. */
  readonly podNamespace?: string;
  readonly previousResult: PreviousResult | undefined;
}

/** DEL needs only names: a pod must be deletable after its configuration became invalid. */
export interface Removal extends AttachmentCall {
  readonly command: 'DEL';
  /** Absent if the namespace is gone. */
  readonly netns: string | undefined;
}

export interface NetworkInvocation extends Call {
  readonly command: 'STATUS';
  readonly config: NetworkConfig;
}

export interface GarbageCollection extends Call {
  readonly command: 'GC';
  /** Absent if the runtime gave no list: then no attachment is known to be stale. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
}

export interface VersionQuery {
  readonly command: 'VERSION';
  readonly cniVersion: string;
}

export type AnyInvocation = Invocation | Removal | NetworkInvocation | GarbageCollection | VersionQuery;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Decodes the runtime's call: its environment and standard input, checked as a whole before anything is done.
 *
 * @throws CniError, or ConfigError for an invalid configuration
 */
export function readInvocation(environment: Environment, stdin: string): AnyInvocation {
  const command = readCommand(environment.CNI_COMMAND);
  // A runtime may call VERSION with an empty input.
  if (command === 'VERSION') return { command, cniVersion: repeatedVersion(parseIfPossible(stdin)) };
  const input = parseInput(stdin);
  const cniVersion = readVersion(input, command);
  const call = { cniVersion, log: logOptions(input) };
  switch (command) {
    case 'ADD':
    case 'CHECK':
      return { command, ...call, ...readPodAttachment(environment), ...readRouter(environment, input, command) };
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

/** The network's name, for commands that ignore the rest of the configuration. */
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

/** @param required variables in addition to those of every attachment */
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

/** The configuration with the runtime's overrides for this pod. */
function readRouter(environment: Environment, input: unknown, command: 'ADD' | 'CHECK') {
  const issues: Issue[] = [];
  const { mac, ...pod } = readContainerArguments(environment.CNI_ARGS ?? '', issues);
  refuseEnvironment(issues);
  const root = Field.root(input, issues);
  const config = readNetworkConfig(root, macField(mac, issues));
  const previous = root.member('prevResult');
  const previousResult = previous.optional(readPreviousResult);
  if (command === 'CHECK') refuseWithoutInterface(previous, previousResult, environment.CNI_IFNAME!);
  if (config === undefined || issues.length > 0) throw new ConfigError(issues);
  return { network: config.name, config, ...pod, previousResult };
}

/** CHECK gets the chain's final result, which the runtime keeps. */
function refuseWithoutInterface(field: Field, result: PreviousResult | undefined, ifname: string): void {
  const accepted = `the result of ADD, with interface "${ifname}"`;
  if (!field.isPresent) field.refuse('is missing', accepted);
  else if (result !== undefined && findInterface(result, ifname) === undefined)
    field.member('interfaces').refuse(`has no interface "${ifname}" with a sandbox`, accepted);
}

function refuseEnvironment(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const names = [...new Set(issues.map(({ path }) => path))];
  throw new CniError(CODES.INVALID_ENVIRONMENT, `invalid ${names.join(', ')}`, issues.map(issueText).join('\n'));
}

/** The destination and level of the log. */
export interface LogOptions {
  /** Path on the node; absent: standard error. */
  readonly file?: string;
  readonly level: LogLevel;
}

/** Reads them even from a configuration that is invalid otherwise, so that its log gets the error. */
export function logOptions(input: unknown): LogOptions {
  const { logFile, logLevel } = readOptions(Field.root(input, []));
  return logFile === undefined ? { level: logLevel } : { file: logFile, level: logLevel };
}
