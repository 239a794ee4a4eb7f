import { CniError, CODES } from './cni-error';

/** Characters of standard input; many times a configuration of 10,000 rules, and soon read. */
export const LONGEST_INPUT = 16 * 1024 * 1024;

/** @throws CniError when standard input is not JSON */
export function parseInput(text: string): unknown {
  if (text.length > LONGEST_INPUT) {
    throw new CniError(CODES.DECODE, `standard input is longer than ${LONGEST_INPUT} characters`);
  }
  if (text.trim() === '')
    throw new CniError(CODES.DECODE, 'standard input is empty', 'accepted: a network configuration');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CniError(CODES.DECODE, 'standard input is not JSON', (error as Error).message);
  }
}

/** The same for who has to answer whatever it was. */
export function parseIfPossible(text: string): unknown {
  try {
    return parseInput(text);
  } catch {
    return undefined;
  }
}
