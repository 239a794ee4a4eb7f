import { HEADER_LENGTH, type Message, NLMSG_DONE } from './message';
import { NetlinkError, type Operation } from './netlink-error';

/**
 * The kernel's rejection, in an `NLMSG_ERROR`, or in the `NLMSG_DONE` of a dump that failed after it began. Nothing for
 * a successful end.
 */
export function refusal(message: Message, operation: Operation): NetlinkError | undefined {
  const errno = -message.payload.i32();
  return errno > 0 ? new NetlinkError(operation, errno, extendedMessage(message)) : undefined;
}

/**
 * The kernel's message, `NLMSGERR_ATTR_MSG`, after the error number and the part of the request that `NLMSG_ERROR`
 * repeats.
 */
function extendedMessage({ type, flags, payload }: Message): string | undefined {
  const [NLM_F_CAPPED, NLM_F_ACK_TLVS, NLMSGERR_ATTR_MSG] = [0x100, 0x200, 1];
  if ((flags & NLM_F_ACK_TLVS) === 0) return undefined;
  const isCapped = (flags & NLM_F_CAPPED) !== 0;
  const echoed = type === NLMSG_DONE ? 0 : isCapped ? HEADER_LENGTH : payload.u32(4);
  return payload
    .attributeMap(4 + ((echoed + 3) & ~3))
    .get(NLMSGERR_ATTR_MSG)
    ?.text();
}
