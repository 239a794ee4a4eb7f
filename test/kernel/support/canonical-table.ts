import type { Namespace } from '../lab/namespace';

/**
 * The router's table as `nft` lists it, a line for each element and rule, with the numbers of marks replaced by what
 * they stand for. Without what the kernel gives out or counts, and without the sizes of sets, which a table keeps when
 * its rules grow fewer. Sets and maps are sorted: those that grew come last in the kernel's list. Dynamic
 * sets are empty: packets fill them.
 */
export function canonicalTable(namespace: Namespace): string[] {
  const text = namespace.run('nft', '--stateless', 'list', 'table', 'inet', 'egress_router');
  const names = markNames(text);
  const lines = sortedSets(text)
    .replaceAll(/elements = \{([^}]*)\}/g, (_, elements: string) => sorted(elements))
    .replaceAll(/0x[0-9a-f]{8}/g, (mark) => names.get(mark) ?? `${mark}, which is unknown`);
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('size '))
    .map((line) => (line.startsWith('elements ') ? sortedMarks(line) : line));
}

/** By the map that gives them, or by the rule of the fallback. */
function markNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, family, elements] of text.matchAll(/map marks([46]) \{[^}]*?elements = \{([^}]*)\}/g)) {
    for (const [, port, mark] of elements!.matchAll(/(\w+ \. \d+) : (0x[0-9a-f]{8})/g)) {
      names.set(mark!, `<${port} of IPv${family}>`);
    }
  }
  for (const [, mark, family] of text.matchAll(/ct mark set (0x[0-9a-f]{8}) dnat (ip6?) /g)) {
    names.set(mark!, `<fallback of ${family}>`);
  }
  return names;
}

/** The table with its sets and maps in the order of their names. Each is a block of lines. */
function sortedSets(table: string): string {
  const block = /^\t(?:set|map) \w+ \{\n[\s\S]*?^\t\}\n/gm;
  const blocks = [...table.matchAll(block)].map(([lines]) => withoutPackets(lines.trimEnd())).sort();
  return table.replaceAll(block, () => `${blocks.shift()!}\n`);
}

function withoutPackets(set: string): string {
  return set.includes('flags dynamic') ? set.replace(/^\t\telements = \{[^}]*\}\n/m, '') : set;
}

function sorted(elements: string): string {
  return `elements ${elements
    .split(',')
    .map((element) => element.trim())
    .sort()
    .join(', ')}`;
}

function sortedMarks(line: string): string {
  return line
    .split(/, |elements /)
    .sort()
    .join(', ');
}
