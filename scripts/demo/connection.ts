import { Conversation } from '../../test/kernel/lab/conversation';
import type { Service } from '../../test/kernel/lab/echo';
import { PODS, RESERVED } from '../../test/kernel/lab/layout';
import { Capture } from './capture';
import type { Frame } from './frame';
import type { Network } from './network';
import { explain, say } from './said';

const RESERVED_ADDRESSES: readonly string[] = Object.values(RESERVED);

/** A client's connection through the router, as seen by both ends and the LAN. */
export interface ShownConnection {
  readonly conversation: Conversation;
  readonly client: string;
  /** Address and port that the server reports for itself. */
  readonly server: string;
  /** The client address that the server saw. */
  readonly peer: string;
  /** The first frame that the gateway received of it. */
  readonly frame: Frame;
}

/**
 * A client sends a request through the router, and keeps its connection. @param service the router's address and port
 */
export async function showConnection({ client, gateway }: Network, service: Service): Promise<ShownConnection> {
  const [protocol, address, port] = service.split(' ') as [string, string, string];
  using capture = new Capture(gateway, 'lan0');
  const conversation = await Conversation.open(client, service);
  const answer = await conversation.ask();
  const [server, serverPort, peer] = answer?.split(' ') ?? [];
  if (peer === undefined || !RESERVED_ADDRESSES.includes(peer)) throw new Error(`the client received ${answer}`);
  const frames = capture.frames().filter(({ source, destination }) => source === peer && destination === server);
  if (frames[0] === undefined) throw new Error(`${gateway.name} saw no frame from ${peer} to ${server}`);
  const ownAddress = address.includes(':') ? PODS.client.ipv6 : PODS.client.ipv4;
  const macs = [...new Set(frames.map(({ sourceMac }) => sourceMac))];
  say(`${protocol.toUpperCase()} from ${ownAddress} to the router's port ${port}`);
  explain(`server ${server} port ${serverPort} saw ${peer}; the LAN saw MAC ${macs.join(', ')}`);
  return { conversation, client: ownAddress, server: `${server} port ${serverPort}`, peer, frame: frames[0] };
}
