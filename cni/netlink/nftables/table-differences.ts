import type { NftChain, NftTable } from '../../../src/domain/data-plane/nft-table';
import { nftChainTypeText, nftRuleText } from '../../../src/domain/data-plane/nft-table-text';
import { ByteReader } from '../byte-reader';
import { ByteWriter } from '../byte-writer';
import { readMessages, writeMessage } from '../message';
import type { ChainHeader } from './chain';
import type { ObservedNftRule } from './observed-rule';
import { setTypeText, setWord } from './set';
import { createTable, decodeTable, type ObservedSet, type ObservedTable } from './table';

/**
 * The differences of a table, one sentence each. The wanted table is encoded and decoded again, so both sides are in
 * the kernel's form, and this code does not depend on the encoding of statements.
 */
export function tableDifferences(wanted: NftTable, observed: ObservedTable | undefined): string[] {
  if (observed === undefined) return [`table inet ${wanted.name} is missing`];
  const ours = decodeTable(messagesOf(wanted));
  return [
    ...headerDifferences(ours, observed),
    ...byName(ours.sets, observed.sets, (set) => `${setWord(set)} ${set.name}`, setDifferences),
    ...byName(wanted.chains, observed.chains, ({ name }) => `chain ${name}`, chainDifferences),
    ...wanted.chains.flatMap((chain) => {
      const of = ({ rules }: ObservedTable) => rules.filter((rule) => rule.chain === chain.name);
      return observed.chains.some(({ name }) => name === chain.name)
        ? ruleDifferences(chain, of(ours), of(observed))
        : [];
    }),
  ];
}

function messagesOf(table: NftTable) {
  const writer = new ByteWriter(64 * 1024);
  for (const request of createTable(table)) writeMessage(writer, request, 0);
  return readMessages(new ByteReader(writer.bytes));
}

function headerDifferences(wanted: ObservedTable, { name, comment, isDormant }: ObservedTable): string[] {
  const differences: string[] = [];
  if (comment !== wanted.comment) {
    differences.push(`table inet ${name}: comment is "${comment ?? ''}", not "${wanted.comment ?? ''}"`);
  }
  if (isDormant) differences.push(`table inet ${name} is dormant`);
  return differences;
}

/** Missing and unexpected objects of one kind, and the differences of common ones. */
function byName<W extends { readonly name: string }, O extends { readonly name: string }>(
  wanted: readonly W[],
  observed: readonly O[],
  title: (each: W | O) => string,
  differences: (wanted: W, observed: O) => string[],
): string[] {
  const names = new Set(wanted.map(({ name }) => name));
  return [
    ...wanted.flatMap((each) => {
      const found = observed.find(({ name }) => name === each.name);
      return found === undefined ? [`${title(each)} is missing`] : differences(each, found);
    }),
    ...observed.filter(({ name }) => !names.has(name)).map((each) => `${title(each)} is unexpected`),
  ];
}

function setDifferences(wanted: ObservedSet, observed: ObservedSet): string[] {
  const title = `${setWord(wanted)} ${wanted.name}`;
  const type = setTypeText(wanted);
  const found = setTypeText(observed);
  if (found !== type) return [`${title}: type is "${found}", not "${type}"`];
  if (observed.flags !== wanted.flags) return [`${title}: flags are ${observed.flags}, not ${wanted.flags}`];
  const differences: string[] = [];
  if (observed.counter !== wanted.counter) differences.push(`${title} has ${wanted.counter ? 'no' : 'a'} counter`);
  for (const { element, others } of wanted.elements.differences(observed.elements)) {
    const name = `element ${wanted.name}`;
    differences.push(
      others === undefined ? `${name} { ${element} } is missing` : `${name} is { ${others} }, not { ${element} }`,
    );
  }
  for (const element of observed.elements.without(wanted.elements)) {
    differences.push(`element ${wanted.name} { ${element} } is unexpected`);
  }
  return differences;
}

function chainDifferences(wanted: NftChain, observed: ChainHeader): string[] {
  const { type, hook, priority, policy } = observed;
  const text = nftChainTypeText(wanted);
  const found =
    type === undefined || hook === undefined || priority === undefined || policy === undefined
      ? 'no hook'
      : nftChainTypeText({ type, hook, priority, policy });
  return found === text ? [] : [`chain ${wanted.name} is "${found}", not "${text}"`];
}

/** Compares by position, without the equal rules at both ends, so that an inserted rule is the only difference. */
function ruleDifferences({ name, rules }: NftChain, wanted: ObservedNftRule[], observed: ObservedNftRule[]): string[] {
  const before = sameAtFront(wanted, observed);
  const behind = sameAtFront(wanted.slice(before).reverse(), observed.slice(before).reverse());
  const wantedEnd = wanted.length - behind;
  const observedEnd = observed.length - behind;
  const differences: string[] = [];
  for (let index = before; index < Math.max(wantedEnd, observedEnd); index++) {
    const place = `rule ${index + 1} of chain ${name}`;
    const found = index < observedEnd ? `${place} (handle ${observed[index]!.handle})` : undefined;
    const text = index < wantedEnd ? nftRuleText(rules[index]!) : undefined;
    if (text === undefined) differences.push(`${found} is unexpected`);
    else if (found === undefined) differences.push(`${place} is missing: ${text}`);
    else if (!isSameRule(wanted[index]!, observed[index]!)) differences.push(`${found} is another one, not: ${text}`);
  }
  return differences;
}

function sameAtFront(wanted: readonly ObservedNftRule[], observed: readonly ObservedNftRule[]): number {
  const different = wanted.findIndex((rule, index) => index >= observed.length || !isSameRule(rule, observed[index]!));
  return different < 0 ? wanted.length : different;
}

function isSameRule(wanted: ObservedNftRule, observed: ObservedNftRule): boolean {
  const [ours, theirs] = [[...wanted.expressions.attributes()], [...observed.expressions.attributes()]];
  return ours.length === theirs.length && ours.every(({ payload }, index) => holds(theirs[index]!.payload, payload));
}

/**
 * Whether every wanted attribute exists with the wanted value. There may be others: defaults that a newer kernel
 * reports. Our encoder writes all attributes that distinguish rules, even optional ones.
 */
function holds(observed: ByteReader, wanted: ByteReader): boolean {
  const found = observed.attributeMap();
  for (const { type, isNested, payload } of wanted.attributes()) {
    const other = found.get(type);
    if (other === undefined || !(isNested ? holds(other, payload) : hasSameBytes(other, payload))) return false;
  }
  return true;
}

function hasSameBytes({ bytes }: ByteReader, wanted: ByteReader): boolean {
  return bytes.length === wanted.length && bytes.every((byte, index) => byte === wanted.bytes[index]);
}
