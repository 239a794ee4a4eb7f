import { printableText } from '../../src/domain/input/printable-text';
import { attachmentOf } from '../data-plane/attachment';

/** A message names as many attachments as a reader goes through. */
const MOST = 10;

/** As long as `crictl` shows the id of a container. */
const ID_LENGTH = 12;

/** Which pods of the node use the plugin, and what that means, for a sentence of a log. @param records their files */
export function attachmentsText(records: readonly string[]): string {
  const shown = [...records].sort().slice(0, MOST).map(nameOf);
  if (records.length > MOST) shown.push(`and ${records.length - MOST} more`);
  return `${records.length} of this node's pods use it, and kubelet cannot delete them without it: ${shown.join(', ')}`;
}

/** `partners.bank (container 0123456789ab, net1)`: the network of a router has its namespace and name. */
function nameOf(record: string): string {
  const attachment = attachmentOf(record);
  if (attachment === undefined) return printableText(record);
  const { network, containerId, ifname } = attachment;
  const container = containerId.slice(0, ID_LENGTH);
  return printableText(`${network} (container ${container}, ${ifname})`);
}
