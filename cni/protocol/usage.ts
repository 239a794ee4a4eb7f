import { CNI_VERSIONS } from '../../src/domain/router/network-config';

/** Written into the executable when it is compiled. */
declare const PLUGIN_MARKER: string;

/** The text in an executable that identifies it as this plugin's, with its version. */
export const MARKER = /^cdk8s-egress-router executable, version ([\w.+-]+);/;

/** The version of this executable, such as `0.1.0`. */
export function ownVersion(): string {
  const [, version] = MARKER.exec(typeof PLUGIN_MARKER === 'undefined' ? '' : PLUGIN_MARKER) ?? [];
  return version ?? '(not compiled)';
}

/** The output without a command, as of every CNI plugin. */
export function about(): string {
  return [
    `CNI plugin egress-router v${ownVersion()}`,
    `CNI protocol versions supported: ${CNI_VERSIONS.join(', ')}`,
    '',
    'A container runtime calls it with CNI_COMMAND (ADD, DEL, CHECK, STATUS, GC or VERSION) and the other CNI_* variables',
    'in the environment, and a network configuration as JSON on standard input.',
    '',
  ].join('\n');
}
