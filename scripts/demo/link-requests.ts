import type { ByteWriter } from '../../cni/netlink/byte-writer';
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from '../../cni/netlink/message';
import {
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_NET_NS_FD,
  RTM_NEWLINK,
} from '../../cni/netlink/route/constants';

/** linux/veth.h */
const VETH_INFO_PEER = 1;

/** `ip link add NAME type veth peer name PEER netns FD` */
export function addVeth(name: string, peer: string, peerNamespaceFd: number): Request {
  return newLink(`ip link add ${name} type veth peer name ${peer}`, (writer) =>
    writer
      .attribute(IFLA_IFNAME, (w) => w.text(name))
      .nested(IFLA_LINKINFO, (info) =>
        info
          .attribute(IFLA_INFO_KIND, (w) => w.text('veth'))
          .nested(IFLA_INFO_DATA, (data) =>
            data.nested(VETH_INFO_PEER, (w) =>
              header(w, 0)
                .attribute(IFLA_IFNAME, (nest) => nest.text(peer))
                .attribute(IFLA_NET_NS_FD, (nest) => nest.u32(peerNamespaceFd)),
            ),
          ),
      ),
  );
}

/** `ip link add NAME type bridge` */
export function addBridge(name: string): Request {
  return newLink(`ip link add ${name} type bridge`, (writer) =>
    writer
      .attribute(IFLA_IFNAME, (w) => w.text(name))
      .nested(IFLA_LINKINFO, (info) => info.attribute(IFLA_INFO_KIND, (w) => w.text('bridge'))),
  );
}

/** `ip link set NAME master MASTER` */
export function setMaster(link: { readonly index: number; readonly name: string }, masterIndex: number): Request {
  return {
    type: RTM_NEWLINK,
    flags: 0,
    operation: `ip link set ${link.name} master (index ${masterIndex})`,
    write: (writer) => header(writer, link.index).attribute(IFLA_MASTER, (w) => w.u32(masterIndex)),
  };
}

function newLink(operation: string, attributes: (writer: ByteWriter) => void): Request {
  const write = (writer: ByteWriter) => attributes(header(writer, 0));
  return { type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, operation, write };
}

/** `struct ifinfomsg` */
function header(writer: ByteWriter, index: number): ByteWriter {
  return writer.zeros(4).u32(index).zeros(8);
}
