import type { SyncedConnection } from '../../cni/sync/synced-connection';

/** A client's open TCP connection, as the pods of a pair tell each other of it. */
export function syncedConnection(clientPort: number, sourcePort = 50_000): SyncedConnection {
  return {
    protocol: 6,
    client: Buffer.from([10, 244, 1, 7]),
    clientPort,
    calledPort: 8443,
    server: Buffer.from([203, 0, 113, 26]),
    serverPort: 443,
    sourcePort,
    state: 3,
  };
}
