import { CNI_VERSIONS } from '../../src/config/network-config';

/** Written into the executable when it is compiled. */
declare const PLUGIN_VERSION: string;

/** What the plugin says to whoever calls it without a command, as every CNI plugin does. */
export function about(): string {
  const version = typeof PLUGIN_VERSION === 'undefined' ? '(not compiled)' : `v${PLUGIN_VERSION}`;
  return [
    `CNI plugin egress-router ${version}`,
    `CNI protocol versions supported: ${CNI_VERSIONS.join(', ')}`,
    '',
    'A container runtime calls it with CNI_COMMAND (ADD, DEL, CHECK, STATUS, GC or VERSION) and the other CNI_* variables',
    'in the environment, and a network configuration as JSON on standard input.',
    '',
  ].join('\n');
}
