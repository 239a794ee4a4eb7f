import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

/** The destination of a TCP rule. */
export interface Destination {
  readonly address: IpAddress;
  readonly port: number;
}

/** Reads `203.0.113.26:443` or `[2001:db8:113::26]:443`; nothing for other text. */
export function parseDestination(text: string): Destination | undefined {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = parseIpAddress(inBrackets ?? plain ?? '');
  const number = Number(port);
  if (typeof address === 'string' || number < 1 || number > 65535) return undefined;
  return { address, port: number };
}

export function destinationText({ address, port }: Destination): string {
  return `${address.family === 4 ? address.text : `[${address.text}]`}:${port}`;
}
