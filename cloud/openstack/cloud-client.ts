import { type Connection, findCredentials } from './client/credentials';
import { Neutron } from './client/neutron';
import { Session } from './client/session';
import { PairEditor } from './pair-editor';

/** The clients of one cloud and one user. */
export interface CloudClient {
  readonly session: Session;
  readonly neutron: Neutron;
  readonly editor: PairEditor;
}

/** One client for each cloud and user: resources share tokens, connections, and the queues of ports. */
const clients = new Map<string, CloudClient>();

/** The client of a connection, with the current credentials. @throws if they are missing or invalid */
export function clientOf(connection: Connection): CloudClient {
  const credentials = findCredentials(connection);
  const key = JSON.stringify(credentials);
  const known = clients.get(key);
  if (known !== undefined) return known;
  const session = new Session(credentials);
  const neutron = new Neutron(session);
  const client = { session, neutron, editor: new PairEditor(neutron) };
  clients.set(key, client);
  return client;
}
