import { HEADER_LENGTH, type Message, NLMSG_DONE } from './message';
import { NetlinkError } from './netlink-error';

/**
 * What the kernel refused, by an `NLMSG_ERROR` or by the `NLMSG_DONE` that ends a dump, which carries an error where the
 * dump failed once it had begun. Nothing where the message only says that all is done.
 */
export function refusal(message: Message, operation: string): NetlinkError | undefined {
  const errno = -message.payload.i32();
  return errno > 0 ? new NetlinkError(operation, errno, extendedMessage(message)) : undefined;
}

/** The kernel's sentence, `NLMSGERR_ATTR_MSG`, behind the error number and what an `NLMSG_ERROR` repeats of the request. */
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
