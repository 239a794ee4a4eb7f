import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IpAddress, parseIpAddress } from '../../src/domain/values/ip-address';

const FOLDER = join(__dirname, '../fixtures/packet');

/** A frame that another program or the kernel sent, recorded by `tcpdump -xx`; the file's first line says by what. */
export function recordedFrame(name: string): Uint8Array {
  const [, ...lines] = readFileSync(join(FOLDER, `${name}.hex`), 'utf8').split('\n');
  return Uint8Array.from(Buffer.from(lines.join('').replaceAll(/\s/g, ''), 'hex'));
}

/** An address that is known to be one. */
export function ip(text: string): IpAddress {
  return parseIpAddress(text) as IpAddress;
}
