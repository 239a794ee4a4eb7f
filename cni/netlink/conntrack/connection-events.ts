import { ENOBUFS } from '../../ffi/errno';
import type { Message } from '../message';
import { hasErrno } from '../netlink-error';
import { NETLINK_NETFILTER, NetlinkSocket } from '../socket';
import * as k from './constants';

/** Bytes of events that the kernel keeps: those of a second with thousands of new connections. */
const BUFFER_BYTES = 8 * 1024 * 1024;

/** Events were lost: what is known of the connections is not what they are. */
export class EventsLost extends Error {
  public constructor() {
    super('the kernel had more events of connections than it keeps');
    this.name = 'EventsLost';
  }
}

/**
 * `conntrack -E -e UPDATES,DESTROY`: what becomes of connections. The first packet of a connection does not count: it
 * is not known yet whether anything answers.
 */
export class ConnectionEvents implements Disposable {
  private readonly socket: NetlinkSocket;

  /** @throws NetlinkError */
  public constructor(bytes = BUFFER_BYTES) {
    this.socket = NetlinkSocket.open(NETLINK_NETFILTER, 'open a socket for events of connections');
    try {
      this.socket.subscribe([k.NFNLGRP_CONNTRACK_UPDATE, k.NFNLGRP_CONNTRACK_DESTROY], bytes);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  public [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }

  /** Some of the events that wait, from the oldest on; nothing without any. @throws EventsLost, NetlinkError */
  public take(): Message[] | undefined {
    try {
      return this.socket.take('conntrack -E');
    } catch (error) {
      throw hasErrno(error, ENOBUFS) ? new EventsLost() : error;
    }
  }
}

/** Whether an event says that a connection has ended, or was deleted. */
export function isDestroyEvent({ type }: Pick<Message, 'type'>): boolean {
  return type === ((k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE);
}
