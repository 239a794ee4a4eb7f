import type { Field } from '../input/decoder';

const CHARACTERS_OF_NAMES =
  'bytes of letters, digits and ".", "_", "-", "@", "+", ",", not beginning with "-", not ".", "..", "all" or "default"';

export const INTERFACE_NAME = `the name of a network interface: 1 to 15 ${CHARACTERS_OF_NAMES}`;

const PARENT_NAME = `the name or alternative name of a network interface: 1 to 127 ${CHARACTERS_OF_NAMES}`;

/** Longest names without their final zero: IFNAMSIZ and ALTIFNAMSIZ of the kernel. */
const LONGEST_NAME = 15;
const LONGEST_ALTERNATIVE = 127;

/** Names that the kernel rejects or uses: the last two are its settings of all and of new interfaces. */
const NO_NAMES = ['.', '..', 'all', 'default'];

/** Letters of any script, with combining marks. */
const CHARACTERS = /^[\p{L}\p{M}\p{N}._@+,][\p{L}\p{M}\p{N}._@+,-]*$/u;

/**
 * Reads the name of a Linux network interface. The kernel accepts nearly any byte and treats "%" as a pattern.
 * Characters with a meaning to a shell, `nft` or `sysctl` are rejected: names appear in commands that people copy, and
 * nft cannot escape a quote.
 *
 * @see https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/net/core/dev.c dev_valid_name
 */
export function readInterfaceName(field: Field): string | undefined {
  return readName(field, LONGEST_NAME, INTERFACE_NAME);
}

/**
 * Reads the name of a parent interface, which may be an alternative one (`ip link property add altname`): udev and
 * systemd give those where a predictable name is too long for the interface itself.
 */
export function readParentName(field: Field): string | undefined {
  return readName(field, LONGEST_ALTERNATIVE, PARENT_NAME);
}

function readName(field: Field, longest: number, accepted: string): string | undefined {
  const name = field.text(accepted);
  if (name === undefined) return undefined;
  if (utf8Length(name) > longest) return field.refuse(`is longer than ${longest} bytes`, accepted);
  if (NO_NAMES.includes(name) || !CHARACTERS.test(name)) return field.refuse('is not an interface name', accepted);
  return name;
}

/** Length in UTF-8. TextEncoder is not part of the language, and this runs on more than one runtime. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
