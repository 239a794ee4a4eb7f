import type { Field } from '../input/decoder';
import type { MacAddress } from '../values/mac-address';

/**
 * The format of the plugin's configuration. It grows when a key is added that a plugin must not ignore, and a plugin
 * refuses a larger number than its own: on a node with an older plugin such a router would run without what the key
 * asks for. A member of `ip` needs no new number: every plugin refuses those that it does not know.
 */
export const FORMAT_VERSION = 2;

/** The oldest format that says all of a configuration, so that older plugins take what they understand. */
export function formatOf({ standbyMac }: { readonly standbyMac?: MacAddress }): number {
  return standbyMac === undefined ? 1 : 2;
}

/**
 * Whether this plugin knows the format. Nothing else of a newer one is judged: a key that is unknown here may be right
 * there.
 */
export function isReadable(format: Field): boolean {
  const version = format.optional((field) => field.integer(1, Number.MAX_SAFE_INTEGER, 'a format number'));
  if (version === undefined || version <= FORMAT_VERSION) return true;
  format.refuse(
    'is newer than this plugin, which was made before that format',
    `at most ${FORMAT_VERSION}; or the plugin of the release that made the configuration, on this node`,
  );
  return false;
}
