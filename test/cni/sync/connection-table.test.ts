import { MOST_RECORD_BYTES, readRecords, writeGone, writeOpen } from '../../../cni/sync/connection-record';
import { ConnectionTable } from '../../../cni/sync/connection-table';
import { syncedConnection } from '../../support/synced-connection';

function change(table: ConnectionTable, clientPort: number, sourcePort?: number): void {
  const bytes = Buffer.alloc(MOST_RECORD_BYTES);
  const end = writeOpen(bytes, 0, syncedConnection(clientPort, sourcePort));
  for (const each of readRecords(bytes.subarray(0, end))) table.change(each);
}

function remove(table: ConnectionTable, clientPort: number): void {
  const bytes = Buffer.alloc(MOST_RECORD_BYTES);
  const end = writeGone(bytes, 0, syncedConnection(clientPort));
  for (const each of readRecords(bytes.subarray(0, end))) table.change(each);
}

const ports = (table: ConnectionTable) => [...table.drain()].map(({ clientPort }) => clientPort).sort();

describe('the table of a standby', () => {
  test('keeps what is open, as it was said last', () => {
    const table = new ConnectionTable();
    change(table, 1);
    change(table, 2);
    change(table, 1, 50_001);
    remove(table, 2);
    remove(table, 3);
    expect(table.size).toBe(1);
    expect([...table.drain()]).toEqual([syncedConnection(1, 50_001)]);
    expect(table.size).toBe(0);
  });

  test('forgets what a list does not name, when it is complete and not before', () => {
    const table = new ConnectionTable();
    for (const port of [1, 2, 3]) change(table, port);
    table.begin();
    change(table, 2);
    change(table, 4);
    remove(table, 3);
    expect(table.size).toBe(3);
    table.complete();
    expect(ports(table)).toEqual([2, 4]);
  });

  test('keeps what it knew when a list is interrupted', () => {
    const table = new ConnectionTable();
    for (const port of [1, 2]) change(table, port);
    table.begin();
    change(table, 3);
    remove(table, 1);
    table.interrupt();
    table.complete();
    expect(ports(table)).toEqual([2, 3]);
  });

  test('is bounded, and counts what it had no room for', () => {
    const table = new ConnectionTable(2);
    for (const port of [1, 2, 3]) change(table, port);
    change(table, 1, 50_001);
    expect([table.size, table.refused]).toEqual([2, 1]);
    remove(table, 2);
    change(table, 3);
    expect(ports(table)).toEqual([1, 3]);
  });

  test('forgets all ten minutes after the holder was last heard', () => {
    const table = new ConnectionTable();
    table.heard(1000);
    change(table, 1);
    table.expire(601_000);
    expect(table.size).toBe(1);
    table.expire(601_001);
    expect(table.size).toBe(0);
  });
});
