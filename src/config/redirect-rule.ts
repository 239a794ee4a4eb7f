import type { Field, Located } from './decoder';
import { IP_ADDRESS, type IpAddress, parseIpAddress, readIpAddress } from './ip-address';
import { shorten } from './issue';
import { PROTOCOLS, type Protocol, readPort, readProtocol } from './protocol';

/** Connections to `port` of the router go on to `destination`, port `targetPort`. */
export interface RedirectRule {
  readonly protocol: Protocol;
  readonly port: number;
  readonly destination: IpAddress;
  readonly targetPort: number;
}

/** A rule and the fields that its parts came from; they are one field where the rule is one text. */
export interface LocatedRule extends Located<RedirectRule> {
  readonly port: Field;
  readonly destination: Field;
}

const RULE_KEYS = ['port', 'protocol', 'destinationIp', 'targetPort'];

/** Reads the rule as constructs and the EgressRouter resource write it: one field a value. */
export function readRedirectRule(field: Field): LocatedRule | undefined {
  if (!field.isObjectOf(RULE_KEYS)) return undefined;
  const portField = field.member('port');
  const destinationField = field.member('destinationIp');
  const port = readPort(portField);
  const protocol = readProtocol(field.member('protocol'));
  const destination = readIpAddress(destinationField);
  const target = field.member('targetPort');
  const targetPort = target.isPresent ? readPort(target) : port;
  if (port === undefined || protocol === undefined || destination === undefined || targetPort === undefined)
    return undefined;
  return { value: { protocol, port, destination, targetPort }, field, port: portField, destination: destinationField };
}

/** What one entry of the plugin's `ip.destinations` says: a rule, or where everything else goes. */
export type DestinationEntry = { readonly rule: LocatedRule } | { readonly fallback: Located<IpAddress> };

const ENTRY = '"IP", "PORT PROTOCOL IP" or "PORT PROTOCOL IP TARGETPORT"';

/** Reads the rule as the plugin's configuration writes it: `8080 TCP 203.0.113.26 80`. */
export function readDestinationEntry(field: Field): DestinationEntry | undefined {
  const text = field.text(ENTRY);
  if (text === undefined) return undefined;
  const words = wordsOf(text);
  if (words.length === 1) {
    const value = readEntryAddress(field, words[0]!);
    return value && { fallback: { value, field } };
  }
  if (words.length !== 3 && words.length !== 4) return field.refuse(`has ${words.length} words`, ENTRY);
  const [portWord, protocolWord, addressWord, targetWord] = words as [string, string, string, string?];
  const port = readEntryPort(field, portWord);
  const protocol = PROTOCOLS.find((known) => known === protocolWord) ?? protocolInAnyCase(protocolWord);
  if (protocol === undefined) field.refuse(`names the protocol ${quote(protocolWord)}`, PROTOCOLS.join(', '));
  const destination = readEntryAddress(field, addressWord);
  const targetPort = targetWord === undefined ? port : readEntryPort(field, targetWord);
  if (port === undefined || targetPort === undefined || protocol === undefined || destination === undefined)
    return undefined;
  return { rule: { value: { protocol, port, destination, targetPort }, field, port: field, destination: field } };
}

/** Single spaces are what this library writes, ten thousand times; a regular expression takes much longer. */
function wordsOf(text: string): string[] {
  const words = text.split(' ');
  if (!words.includes('') && !OTHER_SPACE.test(text)) return words;
  return text.split(/\s+/).filter((word) => word !== '');
}

const OTHER_SPACE = /[^\S ]/;

/** The reference implementation's users write `tcp` too. */
function protocolInAnyCase(word: string): Protocol | undefined {
  return PROTOCOLS.find((known) => known.toLowerCase() === word.toLowerCase());
}

/** The entry of `ip.destinations` that stands for this rule. */
export function destinationEntry(rule: RedirectRule): string {
  const entry = `${rule.port} ${rule.protocol} ${rule.destination.text}`;
  return rule.targetPort === rule.port ? entry : `${entry} ${rule.targetPort}`;
}

function readEntryPort(field: Field, word: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(word) ? Number(word) : 0;
  if (port >= 1 && port <= 65535) return port;
  return field.refuse(`has ${quote(word)} for a port`, 'a port number, an integer from 1 to 65535');
}

/** An address within an entry: the issue shows the whole entry, so the sentence names the word. */
function readEntryAddress(field: Field, word: string): IpAddress | undefined {
  const address = parseIpAddress(word);
  return typeof address === 'string' ? field.refuse(`has ${quote(word)}, which ${address}`, IP_ADDRESS) : address;
}

function quote(word: string): string {
  return `"${shorten(word)}"`;
}
