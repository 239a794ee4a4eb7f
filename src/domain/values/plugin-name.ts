import type { Field } from '../input/decoder';

/** The plugin's default name, which OKD's operator also gives to its own executable on every node. */
export const DEFAULT_PLUGIN_NAME = 'egress-router';

/** Where container runtimes look for plugins, unless a distribution has another directory. */
export const DEFAULT_PLUGIN_DIRECTORY = '/opt/cni/bin';

const PLUGIN_NAME =
  'the file name of a CNI plugin: letters, digits, ".", "_" and "-", beginning with a letter or digit, at most 64';
const NETWORK_NAME = 'the name of a CNI network: letters, digits, ".", "_" and "-", beginning with a letter or digit';

/** Reads the name of the plugin's executable in the runtime's directory of plugins. */
export function readPluginName(field: Field): string | undefined {
  const name = field.text(PLUGIN_NAME);
  if (name === undefined) return undefined;
  return /^[a-zA-Z0-9][\w.-]{0,63}$/.test(name) ? name : field.refuse('is not the name of a plugin', PLUGIN_NAME);
}

/** Reads the name of a network. @see https://www.cni.dev/docs/spec/#section-1-network-configuration-format */
export function readNetworkName(field: Field): string | undefined {
  const name = field.text(NETWORK_NAME);
  if (name === undefined) return undefined;
  return /^[a-zA-Z0-9][\w.-]*$/.test(name) ? name : field.refuse('is not the name of a network', NETWORK_NAME);
}
