import { fromBytes } from '../../src/domain/values/ip-address';

/** Caches the text of addresses: connections and rules are many, their destinations few. */
export class AddressTextCache {
  private readonly texts = new Map<string, string>();

  /** @param bytes 4 or 16 octets */
  public of(bytes: Uint8Array): string {
    const key = String.fromCharCode(...bytes);
    let text = this.texts.get(key);
    if (text === undefined) {
      text = fromBytes([...bytes]).text;
      this.texts.set(key, text);
    }
    return text;
  }
}
