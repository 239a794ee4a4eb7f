import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { SyncRefusal } from './sync-refusal';
import type { ConnectionName, SyncedConnection } from './synced-connection';

/**
 * Connections as bytes: a byte of what is said, the key that names the connection, and, where it is open, its value.
 * Both are kept as texts of a character a byte, which a map of a hundred thousand holds in the least memory.
 *
 *     key:   protocol, client, client's port, called port
 *     value: server, server's port, source port, state, the tags of SCTP
 */
const [GONE_4, OPEN_4, GONE_6, OPEN_6] = [0, 1, 2, 3] as const;

const { SCTP } = PROTOCOL_NUMBERS;
const KNOWN: readonly number[] = Object.values(PROTOCOL_NUMBERS);

/** Bytes of the longest record. */
export const MOST_RECORD_BYTES = 1 + 21 + 29;

/** What a record says: a connection is open, with this value, or gone. */
export interface ConnectionChange {
  readonly key: string;
  readonly value: string | undefined;
}

/** Appends a record. @returns where it ends */
export function writeOpen(into: Buffer, at: number, connection: SyncedConnection): number {
  const { protocol, client, server, serverPort, sourcePort, state, tags } = connection;
  into[at] = client.length === 4 ? OPEN_4 : OPEN_6;
  let end = writeKey(into, at + 1, connection);
  into.set(server, end);
  end = into.writeUInt16BE(serverPort, end + server.length);
  end = into.writeUInt16BE(sourcePort, end);
  end = into.writeUInt8(state, end);
  if (protocol !== SCTP) return end;
  end = into.writeUInt32BE(tags?.original ?? 0, end);
  return into.writeUInt32BE(tags?.reply ?? 0, end);
}

/** Appends a record. @returns where it ends */
export function writeGone(into: Buffer, at: number, connection: ConnectionName): number {
  into[at] = connection.client.length === 4 ? GONE_4 : GONE_6;
  return writeKey(into, at + 1, connection);
}

function writeKey(into: Buffer, at: number, { protocol, client, clientPort, calledPort }: ConnectionName): number {
  into[at] = protocol;
  into.set(client, at + 1);
  const end = into.writeUInt16BE(clientPort, at + 1 + client.length);
  return into.writeUInt16BE(calledPort, end);
}

/** The key of the record at an offset. */
export function keyAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at + 1, at + 1 + keyLength(octetsOf(bytes[at]!)));
}

/** All records of a message. @throws SyncRefusal */
export function* readRecords(bytes: Buffer): Generator<ConnectionChange> {
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]!;
    if (kind > OPEN_6) throw malformed();
    const octets = octetsOf(kind);
    const [from, to] = [at + 1, at + 1 + keyLength(octets)];
    const protocol = bytes[from];
    if (protocol === undefined || !KNOWN.includes(protocol)) throw malformed();
    const isOpen = kind === OPEN_4 || kind === OPEN_6;
    const end = isOpen ? to + valueLength(octets, protocol) : to;
    if (end > bytes.length) throw malformed();
    yield { key: bytes.toString('latin1', from, to), value: isOpen ? bytes.toString('latin1', to, end) : undefined };
    at = end;
  }
}

/** The connection of a key and its value, as `readRecords` gives them. */
export function connectionOf(key: string, value: string): SyncedConnection {
  const [name, rest] = [Buffer.from(key, 'latin1'), Buffer.from(value, 'latin1')];
  const octets = name.length - keyLength(0);
  const protocol = name[0]!;
  const ends = {
    protocol,
    client: name.subarray(1, 1 + octets),
    clientPort: name.readUInt16BE(1 + octets),
    calledPort: name.readUInt16BE(3 + octets),
    server: rest.subarray(0, octets),
    serverPort: rest.readUInt16BE(octets),
    sourcePort: rest.readUInt16BE(octets + 2),
    state: rest[octets + 4]!,
  };
  if (protocol !== SCTP) return ends;
  return { ...ends, tags: { original: rest.readUInt32BE(octets + 5), reply: rest.readUInt32BE(octets + 9) } };
}

function octetsOf(kind: number): number {
  return kind <= OPEN_4 ? 4 : 16;
}

function keyLength(octets: number): number {
  return 1 + octets + 2 + 2;
}

function valueLength(octets: number, protocol: number): number {
  return octets + 2 + 2 + 1 + (protocol === SCTP ? 8 : 0);
}

function malformed(): SyncRefusal {
  return new SyncRefusal('malformed');
}
