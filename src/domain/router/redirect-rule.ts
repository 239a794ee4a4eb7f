import type { Field, Located } from '../input/decoder';
import { printableText } from '../input/printable-text';
import type { HostName } from '../values/host-name';
import { IP_ADDRESS, type IpAddress, parseIpAddress, readIpAddress } from '../values/ip-address';
import { PROTOCOLS, type Protocol, readPort, readProtocol } from '../values/protocol';

/** Connections to `port` of the router go on to `destination`, port `targetPort`. */
export interface RedirectRule {
  readonly protocol: Protocol;
  readonly port: number;
  readonly destination: IpAddress;
  readonly targetPort: number;
  /** The host that the rule belongs to, of one that is declared by its name. */
  readonly host?: HostName;
}

/** A rule and the fields of its parts, which are all the same field if the rule is one text. */
export interface LocatedRule extends Located<RedirectRule> {
  readonly port: Field;
  readonly destination: Field;
}

const MAX_PORT = 65535;

const RULE_KEYS = ['port', 'protocol', 'destinationIp', 'targetPort'];

/** Reads a rule of constructs and the EgressRouter resource: one field for each value. */
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

/** An entry of the plugin's `ip.destinations`: a rule or a fallback. */
export type DestinationEntry = { readonly rule: LocatedRule } | { readonly fallback: Located<IpAddress> };

const ENTRY = '"IP", "PORT PROTOCOL IP" or "PORT PROTOCOL IP TARGETPORT"';

/** Reads a rule of the plugin's configuration: `8080 TCP 203.0.113.26 80`. */
export function readDestinationEntry(field: Field): DestinationEntry | undefined {
  const text = field.text(ENTRY);
  if (text === undefined) return undefined;
  const written = readWrittenEntry(text);
  if (written !== undefined) return { rule: { value: written, field, port: field, destination: field } };
  const words = text.split(/\s+/).filter((word) => word !== '');
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

const WRITTEN_ENTRY = /^([1-9]\d{0,4}) (TCP|UDP|SCTP) (\S+)(?: ([1-9]\d{0,4}))?$/;

/**
 * Fast path for the form that `destinationEntry` writes: ten thousand rules are read in a new process, before code is
 * compiled. Other forms and errors are read word by word.
 */
function readWrittenEntry(text: string): RedirectRule | undefined {
  const words = WRITTEN_ENTRY.exec(text);
  if (words === null) return undefined;
  const port = Number(words[1]);
  const targetPort = words[4] === undefined ? port : Number(words[4]);
  const destination = parseIpAddress(words[3]!);
  if (port > MAX_PORT || targetPort > MAX_PORT || typeof destination === 'string') return undefined;
  return { protocol: words[2] as Protocol, port, destination, targetPort };
}

/** Users of the reference implementation also write `tcp`. */
function protocolInAnyCase(word: string): Protocol | undefined {
  return PROTOCOLS.find((known) => known.toLowerCase() === word.toLowerCase());
}

/** The entry of `ip.destinations` for this rule. */
export function destinationEntry(rule: RedirectRule): string {
  const entry = `${rule.port} ${rule.protocol} ${rule.destination.text}`;
  return rule.targetPort === rule.port ? entry : `${entry} ${rule.targetPort}`;
}

function readEntryPort(field: Field, word: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(word) ? Number(word) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  return field.refuse(`has ${quote(word)} for a port`, 'a port number, an integer from 1 to 65535');
}

/** Reads an address within an entry. The issue shows the whole entry, so the problem names the word. */
function readEntryAddress(field: Field, word: string): IpAddress | undefined {
  const address = parseIpAddress(word);
  return typeof address === 'string' ? field.refuse(`has ${quote(word)}, which ${address}`, IP_ADDRESS) : address;
}

function quote(word: string): string {
  return `"${printableText(word, 120)}"`;
}
