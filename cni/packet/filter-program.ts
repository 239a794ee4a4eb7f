/** `struct sock_filter`: operation, jumps when true and when false, operand. */
export type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

// Classic BPF, linux/filter.h.
export const LOAD_WORD = 0x20;
export const LOAD_HALF_WORD = 0x28;
export const LOAD_BYTE = 0x30;
export const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** The results of a filter: accept the whole frame, or drop it. */
export const ACCEPT: Instruction = [RETURN, 0, 0, 0xffff];
export const REFUSE: Instruction = [RETURN, 0, 0, 0];

/** SKF_AD_OFF + SKF_AD_PKTTYPE: the kernel's classification of the frame's recipient. */
export const PACKET_TYPE = 0xfffff000 + 4;
export const PACKET_OTHERHOST = 3;

/** The bytes for `attachFilter`. */
export function program(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, whenTrue, whenFalse, operand]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}
