/** What a browser finds in a picture. Every list names what is wrong, and is empty for a good one. */
export interface Findings {
  readonly texts: number;
  readonly nodes: number;
  readonly edges: number;
  readonly overlappingTexts: readonly string[];
  readonly overlappingNodes: readonly string[];
  /** Texts that are not within the box of their node or group. */
  readonly textsOutside: readonly string[];
  /** Texts that need more room than the picture has for them. */
  readonly squeezedTexts: readonly string[];
  readonly outOfPicture: readonly string[];
  /** Arrows through a node that is not theirs. */
  readonly crossedNodes: readonly string[];
  /** Texts that are hard to read on what is behind them: below 4.5 to 1 (WCAG 2.1, 1.4.3). */
  readonly faintTexts: readonly string[];
}

/** Script of a page: `inspect(svg)` returns the findings. */
export const INSPECT = `
function inspect(svg) {
  // At its own size, whatever the window's is.
  svg.style.maxWidth = 'none';
  const all = (selector, within = svg) => [...within.querySelectorAll(selector)];
  const box = (element) => element.getBoundingClientRect();
  const grown = (r, by) => ({ left: r.left - by, right: r.right + by, top: r.top - by, bottom: r.bottom + by });
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
  const holds = (outer, inner) => inner.left >= outer.left - 0.5 && inner.right <= outer.right + 0.5 && inner.top >= outer.top - 0.5 && inner.bottom <= outer.bottom + 0.5;
  const pairs = (items, boxes) => items.flatMap((a, i) => items.slice(i + 1).flatMap((b, j) => overlap(boxes[i], boxes[i + 1 + j]) ? [a.textContent + ' | ' + b.textContent] : []));

  // Letters' height: what the font could reach above and below them is empty.
  const letters = (text) => { const r = box(text); const spare = (r.height - parseFloat(getComputedStyle(text).fontSize)) / 2; return { left: r.left, right: r.right, top: r.top + spare, bottom: r.bottom - spare }; };
  const texts = all('text');
  const nodes = all('.node');
  const rects = nodes.map((node) => box(node.querySelector('rect')));
  const edges = all('path.edge');
  const picture = box(svg);

  const textsOutside = all('.node, .group').flatMap((g) => all('text', g).filter((text) => !holds(box(g.querySelector('rect')), letters(text))).map((text) => text.textContent));
  const titlesUnderNodes = all('.group text').filter((text) => rects.some((rect) => overlap(rect, letters(text)))).map((text) => 'group: ' + text.textContent);
  const crossedNodes = edges.flatMap((edge) => {
    const length = edge.getTotalLength();
    const matrix = edge.getScreenCTM();
    const found = new Set();
    for (let at = 3; at < length - 3; at += 3) {
      const point = edge.getPointAtLength(at).matrixTransform(matrix);
      rects.forEach((rect, index) => {
        if (point.x > rect.left + 1 && point.x < rect.right - 1 && point.y > rect.top + 1 && point.y < rect.bottom - 1) found.add(nodes[index].textContent);
      });
    }
    return [...found];
  });

  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const fill = (element) => luminance(getComputedStyle(element).fill);
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const faintTexts = all('.node, .group').flatMap((g) => all('text', g).filter((text) => contrast(fill(text), fill(g.querySelector('rect'))) < 4.5).map((text) => text.textContent));

  const lengths = texts.map((text) => parseFloat(text.getAttribute('textLength')));
  const findings = {
    texts: texts.length, nodes: nodes.length, edges: edges.length,
    overlappingTexts: [...pairs(texts, texts.map(letters)), ...titlesUnderNodes],
    overlappingNodes: pairs(nodes, rects),
    textsOutside,
    outOfPicture: [...all('rect:not(.page)'), ...texts, ...edges].filter((element) => !holds(picture, box(element))).map((element) => element.outerHTML),
    crossedNodes, faintTexts,
  };
  texts.forEach((text) => text.removeAttribute('textLength'));
  const isPlain = (text) => /^[ -~]*$/.test(text.textContent);
  findings.squeezedTexts = texts.filter((text, index) => isPlain(text) && text.getComputedTextLength() > lengths[index] * 1.02 + 0.1).map((text) => text.textContent);
  return findings;
}
`;
