import { type Flag, type Flags, readFlags, UsageError } from '../../cli/flags';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { DEFAULT_HEALTH_PORT } from '../../src/domain/router/router-options';
import { decodeServeConfig } from '../../src/domain/router/serve-config';
import { readInterfaceName } from '../../src/domain/values/interface-name';
import { type IpAddress, readIpAddress } from '../../src/domain/values/ip-address';
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
