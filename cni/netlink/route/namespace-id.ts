import type { Request } from '../message';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';

/** The kernel's answer for a namespace that no interface here has anything to do with. */
const NOT_ASSIGNED = 0xffffffff;

/** What the socket's namespace calls the one that a process is in (`link-netnsid`), if it has a name for it. */
export function findNamespaceId(socket: NetlinkSocket, pid: number): number | undefined {
  const request: Request = {
    type: k.RTM_GETNSID,
    flags: 0,
    operation: `ip netns list-id (process ${pid})`,
    write: (writer) =>
      writer
        .u8(k.AF_UNSPEC)
        .zeros(3)
        .attribute(k.NETNSA_PID, (w) => w.u32(pid)),
  };
  const id = socket.get(request).payload.attributeMap(4).get(k.NETNSA_NSID)?.u32();
  return id === NOT_ASSIGNED ? undefined : id;
}
