import type { Field } from '../input/decoder';
import { parseIpAddress } from './ip-address';

/** A DNS name in lower case without a dot at its end: `api.bank.example`. Equal names have equal text. */
export type HostName = string;

export const HOST_NAME =
  'a DNS name as clients use it, such as "api.bank.example": at least two labels of letters, digits and "-", at most 63 characters each and 253 in all';

const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const OUTSIDE_ASCII = /[^\0-\x7f]/;
/** What is in ASCII, and in no name. */
const NEVER_IN_NAMES = /[\0-,/:-@[-`{-\x7f]/;

/** Forms that people write where a host's name has to be, in the order in which one explains another. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/:\/\//, 'is a URL'],
  [/\*/, 'has a wildcard, and a Service stands for one name: write each name that clients use'],
  [/^[^:]+:\d+$/, 'carries a port, which belongs into ports'],
  [/\//, 'has a "/"'],
  [/(^|\.)local(host|domain)[46]?$/, 'is a name of the client itself'],
  [/(^|\.)cluster\.local$|\.svc$|\.pod$/, 'is a name of the cluster, which leads to a Service already'],
  // A pod's resolver tries SERVICE.NAMESPACE in the cluster first, and these namespaces are in every cluster.
  [
    /\.(default|kube-system|kube-public|kube-node-lease)$/,
    'ends with a namespace of every cluster, whose Services pods find by such a name',
  ],
];

/**
 * Parses the name of a host.
 *
 * @param toAscii converts a name with letters outside ASCII to its form on the wire (IDNA), `''` for one that has none;
 * absent: such a name is refused
 * @returns the canonical name, or a predicate that completes the sentence "VALUE …" for invalid text
 */
export function parseHostName(text: string, toAscii?: (text: string) => string): { readonly name: HostName } | string {
  if (OUTSIDE_ASCII.test(text)) {
    // The conversion is that of URLs: it would leave out a path, and decode what is after "%".
    const wrong = mistakeIn(text) ?? (NEVER_IN_NAMES.test(text) ? 'is not a DNS name' : undefined);
    if (wrong !== undefined) return wrong;
    if (toAscii === undefined) return 'has letters outside ASCII: write it as its clients send it, "xn--…"';
  }
  const ascii = OUTSIDE_ASCII.test(text) && toAscii !== undefined ? toAscii(text) : text;
  if (ascii === '') return 'is not a DNS name';
  const name = ascii.toLowerCase().replace(/\.$/, '');
  if (typeof parseIpAddress(name) !== 'string') return 'is an address, not a name: use a redirect rule for it';
  return mistakeIn(name) ?? wrongLabels(name) ?? { name };
}

function mistakeIn(name: string): string | undefined {
  return MISTAKES.find(([form]) => form.test(name))?.[1];
}

function wrongLabels(name: string): string | undefined {
  const labels = name.split('.');
  if (name.length > LONGEST_NAME) return `has ${name.length} characters`;
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return `has a label of ${long.length} characters`;
  if (!labels.every((label) => LABEL.test(label))) return 'is not a DNS name';
  if (labels.length === 1) return 'has a single label, and such names belong to the cluster';
  // Texts such as 1.2.3 and 0x7f.0x1 are addresses to some resolvers.
  return /^(\d+|0x[\da-f]*)$/.test(labels.at(-1)!) ? 'ends with a number, as an address does' : undefined;
}

/** Reads the name of a host; see `parseHostName`. */
export function readHostName(field: Field, toAscii?: (text: string) => string): HostName | undefined {
  const text = field.text(HOST_NAME);
  if (text === undefined) return undefined;
  const parsed = parseHostName(text, toAscii);
  return typeof parsed === 'string' ? field.refuse(parsed, HOST_NAME) : parsed.name;
}
