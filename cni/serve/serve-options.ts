import { type Flag, type Flags, readFlags, UsageError } from '../../cli/flags';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { DEFAULT_HEALTH_PORT } from '../../src/domain/router/router-options';
import { decodeServeConfig } from '../../src/domain/router/serve-config';
import { readInterfaceName } from '../../src/domain/values/interface-name';
import { type IpAddress, readIpAddress } from '../../src/domain/values/ip-address';
import { PAIR_FLAGS, type PairOptions, readPodAddresses } from './pair/pair-options';
import { readConfig } from './read-config';
import { ServeError } from './serve-error';

/** The decoded arguments of `serve`. */
export interface ServeOptions {
  /** The router's name in the log and the metrics. */
  readonly router: string;
  /** The router, with or without its rules. */
  readonly config: NetworkConfig;
  /** The file with the rules, or with the whole configuration. */
  readonly configFile?: string;
  /** The router's interface in the pod, such as `net1`. */
  readonly interfaceName: string;
  readonly healthPort: number;
  /** To which no name may lead; absent: not known. */
  readonly nodeAddress?: IpAddress;
  /** Whether to apply changes of the file. */
  readonly liveRules: boolean;
  readonly ruleMetrics: boolean;
  readonly watchConflicts: boolean;
  /** Of a router with a standby. */
  readonly pair?: PairOptions;
}

export const SERVE_FLAGS = {
  config: { value: 'JSON', help: "the plugin's network configuration, with or without rules" },
  'config-file': {
    value: 'PATH',
    help: 'a file with the configuration; with --config, only the rules for --live-rules',
  },
  router: { value: 'NAME', help: "the router's name in log and metrics; default: the configuration's name" },
  'node-address': { value: 'IP', help: 'the address of the node, to which no name may lead' },
  interface: { value: 'NAME', help: "the router's interface in the pod; default: net1" },
  'live-rules': { help: 'apply changes of the file (needs root and NET_ADMIN)' },
  'rule-metrics': { help: 'count connections, packets and bytes of each rule (needs root and NET_ADMIN)' },
  'watch-conflicts': { help: 'watch the LAN for another holder of the address (needs root and NET_RAW)' },
  standby: { help: 'share the address with another pod (needs root, NET_ADMIN, NET_RAW and the flags below)' },
  pod: { value: 'NAME', help: "with --standby: the pod's name" },
  namespace: { value: 'NAME', help: "with --standby: the pod's namespace" },
  node: { value: 'NAME', help: "with --standby: the pod's node" },
  'pod-addresses': { value: 'IPS', help: "with --standby: the pod's addresses on the cluster network" },
  'services-file': { value: 'PATH', help: 'with --standby: the file with the Services that lead to the holder' },
  'key-secret': { value: 'NAME', help: 'with --standby: the Secret with the key; default: one that the pods make' },
} as const satisfies Readonly<Record<string, Flag>>;

/** The given flags of `serve`. */
export type ServeFlags = Flags<keyof typeof SERVE_FLAGS>;

/** @throws UsageError for invalid arguments */
export function readServeFlags(args: readonly string[]): ServeFlags {
  const flags = readFlags('serve', args, SERVE_FLAGS);
  const [hasConfig, hasFile] = [flags.value('config') !== undefined, flags.value('config-file') !== undefined];
  if (!hasConfig && !hasFile) throw new UsageError('serve: needs --config=JSON or --config-file=PATH');
  if (flags.has('live-rules')) {
    if (!hasFile)
      throw new UsageError('serve: --live-rules needs --config-file=PATH, because a command line cannot change');
  } else if (hasConfig && hasFile) {
    throw new UsageError('serve: --config and --config-file exclude each other without --live-rules');
  }
  checkPairFlags(flags);
  return flags;
}

/**
 * Decodes the flags and the configuration that they name. With `--config`, the file is not read: an invalid change of
 * the rules must not prevent a router from starting with the kernel's rules.
 *
 * @param root the root directory of the file's path, for a process with another root
 * @throws UsageError for an invalid value, ServeError for an unreadable or invalid file
 */
export function serveOptions(flags: ServeFlags, root?: string): ServeOptions {
  const interfaceName = readFlag('interface', flags.value('interface') ?? ROUTER_INTERFACE, readInterfaceName);
  const nodeAddress = readFlag('node-address', flags.value('node-address'), readIpAddress);
  const [text, configFile] = [flags.value('config'), flags.value('config-file')];
  const config = text === undefined ? configOfFile(configFile!, root) : configOfFlag(text);
  return {
    router: flags.value('router') ?? config.name,
    config,
    ...(configFile === undefined ? {} : { configFile }),
    interfaceName,
    healthPort: config.options.healthPort ?? DEFAULT_HEALTH_PORT,
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
    liveRules: flags.has('live-rules'),
    ruleMetrics: flags.has('rule-metrics'),
    watchConflicts: flags.has('watch-conflicts'),
    ...pairOptions(flags, config),
  };
}

/**
 * The router with the rules of its flags or its file.
 *
 * @param root the root directory of the file's path
 * @throws ServeError for an unreadable or invalid file
 */
export function withRulesOfFile({ config, configFile }: ServeOptions, root?: string): NetworkConfig {
  if (configFile === undefined) return config;
  const { rules, hosts, fallbacks } = configOfFile(configFile, root);
  return { ...config, rules, hosts, fallbacks };
}

/** @throws UsageError for flags of a pair without the others */
function checkPairFlags(flags: ServeFlags): void {
  if (flags.has('standby')) {
    const missing = PAIR_FLAGS.filter((name) => flags.value(name) === undefined);
    if (missing.length === 0) return;
    throw new UsageError(`serve: --standby needs ${missing.map((name) => `--${name}`).join(', ')}`);
  }
  const given = [...PAIR_FLAGS, 'key-secret' as const].find((name) => flags.value(name) !== undefined);
  if (given !== undefined) throw new UsageError(`serve: --${given} needs --standby`);
}

/** @throws UsageError for a router with a standby without the flag, or the flag without one */
function pairOptions(flags: ServeFlags, { standbyMac }: NetworkConfig): Pick<ServeOptions, 'pair'> {
  if (!flags.has('standby')) {
    if (standbyMac === undefined) return {};
    throw new UsageError(`serve: standbyMac: "${standbyMac}" needs --standby: another pod may have the address`);
  }
  if (standbyMac === undefined) throw new UsageError('serve: --standby needs a configuration with standbyMac');
  const [pod, namespace, node, servicesFile] = (['pod', 'namespace', 'node', 'services-file'] as const).map(
    (name) => flags.value(name)!,
  ) as [string, string, string, string];
  const podAddresses = readFlag('pod-addresses', flags.value('pod-addresses')!, readPodAddresses);
  const keySecret = flags.value('key-secret');
  const pair = { pod, namespace, node, podAddresses, servicesFile, standbyMac };
  return { pair: { ...pair, ...(keySecret === undefined ? {} : { keySecret }) } };
}

function readFlag<T>(name: string, value: string, read: (field: Field) => T | undefined): T;
function readFlag<T>(name: string, value: string | undefined, read: (field: Field) => T | undefined): T | undefined;
function readFlag<T>(name: string, value: string | undefined, read: (field: Field) => T | undefined): T | undefined {
  if (value === undefined) return undefined;
  const issues: Issue[] = [];
  const result = read(Field.root(value, issues, `--${name}`));
  if (issues.length > 0) throw new UsageError(`serve: ${issues.map(issueText).join('\n')}`);
  return result;
}

function configOfFlag(text: string): NetworkConfig {
  return readConfig({ text }, decodeServeConfig, (problem) => new UsageError(`serve: --config: ${problem}`));
}

function configOfFile(file: string, root?: string): NetworkConfig {
  const refuse = (problem: string) => new ServeError(`--config-file ${root ?? ''}${file}: ${problem}`);
  return readConfig({ file, root }, decodeServeConfig, refuse);
}
