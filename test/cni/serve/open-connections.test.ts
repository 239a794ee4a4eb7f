import { OpenConnections } from '../../../cni/serve/open-connections';

class Client {
  public isClosed = false;

  public constructor(public readonly remoteAddress: string) {}

  public destroy(): void {
    this.isClosed = true;
  }
}

const closed = (clients: readonly Client[]) => clients.map(({ isClosed }) => isClosed);

test('beyond the bound, the address with the most connections loses its oldest one', () => {
  const connections = new OpenConnections(4);
  const clients = ['kubelet', 'pod', 'pod', 'scraper', 'pod', 'pod'].map((address) => new Client(address));
  for (const client of clients) connections.add(client, 0);
  expect(closed(clients)).toEqual([false, true, true, false, false, false]);
  expect(connections.count).toBe(4);
});

test('a client that opens thousands cannot close the connection of another', () => {
  const connections = new OpenConnections(16);
  const kubelet = new Client('kubelet');
  connections.add(kubelet, 0);
  for (let count = 0; count < 5000; count++) connections.add(new Client('pod'), 0);
  expect(kubelet.isClosed).toBe(false);
  expect(connections.count).toBe(16);
});

test('a connection without a request ends after two seconds, and one whose answer is not read after five', () => {
  const connections = new OpenConnections(4);
  const clients = [new Client('idle'), new Client('reader'), new Client('done')];
  for (const client of clients) connections.add(client, 1000);
  connections.asked(clients[1]!);
  connections.remove(clients[2]!);
  connections.closeOld(2999);
  expect(closed(clients)).toEqual([false, false, false]);
  connections.closeOld(3000);
  expect(closed(clients)).toEqual([true, false, false]);
  connections.closeOld(6000);
  expect(closed(clients)).toEqual([true, true, false]);
  expect(connections.count).toBe(0);
});
