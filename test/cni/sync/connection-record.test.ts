import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  type ConnectionChange,
  connectionOf,
  keyAt,
  MOST_RECORD_BYTES,
  readRecords,
  writeGone,
  writeOpen,
} from '../../../cni/sync/connection-record';
import { encodeSyncMessage, readSyncMessage, type SyncMessage } from '../../../cni/sync/sync-message';
import type { SyncedConnection } from '../../../cni/sync/synced-connection';

const [TCP, UDP, SCTP] = [6, 17, 132];
const port = fc.nat({ max: 65_535 });
const tag = fc.nat({ max: 0xffffffff });

const anyConnection: fc.Arbitrary<SyncedConnection> = fc
  .record({ octets: fc.constantFrom(4, 16), protocol: fc.constantFrom(TCP, UDP, SCTP) })
  .chain(({ octets, protocol }) => {
    const address = fc.uint8Array({ minLength: octets, maxLength: octets }).map((bytes) => Buffer.from(bytes));
    return fc.record({
      protocol: fc.constant(protocol),
      client: address,
      clientPort: port,
      calledPort: port,
      server: address,
      serverPort: port,
      sourcePort: port,
      state: fc.nat({ max: 255 }),
      ...(protocol === SCTP ? { tags: fc.record({ original: tag, reply: tag }) } : {}),
    });
  });

function recordsOf(connections: readonly SyncedConnection[]): Buffer {
  const bytes = Buffer.alloc(connections.length * MOST_RECORD_BYTES);
  const end = connections.reduce((at, connection) => writeOpen(bytes, at, connection), 0);
  return bytes.subarray(0, end);
}

const outcome = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

const CONNECTION: SyncedConnection = {
  protocol: TCP,
  client: Buffer.from([10, 244, 1, 7]),
  clientPort: 40_000,
  calledPort: 8443,
  server: Buffer.from([203, 0, 113, 26]),
  serverPort: 443,
  sourcePort: 51_000,
  state: 3,
};

describe('connections as records', () => {
  test('come back as they were, and fit', () => {
    fc.assert(
      fc.property(fc.array(anyConnection, { maxLength: 20 }), (connections) => {
        const changes = [...readRecords(recordsOf(connections))];
        expect(changes.map(({ key, value }) => connectionOf(key, value!))).toEqual(connections);
      }),
    );
  });

  test('of one that is gone have the key of the open one', () => {
    fc.assert(
      fc.property(anyConnection, (connection) => {
        const bytes = Buffer.alloc(MOST_RECORD_BYTES);
        const gone = bytes.subarray(0, writeGone(bytes, 0, connection));
        const [{ key }] = [...readRecords(recordsOf([connection]))] as [ConnectionChange];
        expect([...readRecords(gone)]).toEqual([{ key, value: undefined }]);
        expect(keyAt(gone, 0)).toBe(key);
      }),
    );
  });

  test('have different keys where client, ports or protocol differ', () => {
    const others: Partial<SyncedConnection>[] = [
      { protocol: UDP },
      { client: Buffer.from([10, 244, 1, 8]) },
      { clientPort: 40_001 },
      { calledPort: 8444 },
    ];
    const keys = [CONNECTION, ...others.map((other) => ({ ...CONNECTION, ...other }))].map((each) =>
      keyAt(recordsOf([each]), 0),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('are malformed when cut anywhere', () => {
    const bytes = recordsOf([CONNECTION]);
    for (let end = 1; end < bytes.length; end += 1) {
      expect([end, outcome(() => [...readRecords(bytes.subarray(0, end))])]).toEqual([end, 'malformed']);
    }
  });

  test.each([
    ['of an unknown kind', 0, 4],
    ['of another protocol', 1, 1],
  ])('%s are malformed', (_name, at, value) => {
    const bytes = recordsOf([CONNECTION]);
    bytes[at] = value;
    expect(outcome(() => [...readRecords(bytes)])).toBe('malformed');
  });

  test('of random bytes are read or malformed, and nothing else', () => {
    for (let count = 0; count < 2000; count += 1) {
      const bytes = randomBytes(1 + (count % 80));
      // Most would end at the first byte.
      bytes[0]! &= 3;
      bytes[1] = [TCP, UDP, SCTP][count % 3]!;
      const read = outcome(() =>
        [...readRecords(bytes)].map(({ key, value }) => (value === undefined ? key : connectionOf(key, value))),
      );
      expect(read === 'malformed' || Array.isArray(read)).toBe(true);
    }
  });
});

describe('messages of the sync', () => {
  test.each<SyncMessage>([
    { kind: 'begin' },
    { kind: 'changes', records: recordsOf([CONNECTION]) },
    { kind: 'complete' },
    { kind: 'beat' },
    { kind: 'seen' },
  ])('$kind comes back as it was', (message) => {
    expect(readSyncMessage(encodeSyncMessage(message))).toEqual(message);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['of an unknown kind', Buffer.from([6])],
    ['of kind 0', Buffer.from([0])],
    ['too long', Buffer.from([4, 0])],
  ])('%s are malformed', (_name, bytes) => {
    expect(outcome(() => readSyncMessage(bytes))).toBe('malformed');
  });
});
