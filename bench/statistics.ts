/** The middle value: unlike the mean it does not move when one run meets a busy machine. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The largest value below which 1 − `share` / 2 of all lie, and the smallest above: `4.1–4.6`. */
export function spread(values: readonly number[], share = 0.8): string {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor((sorted.length * (1 - share)) / 2);
  return `${sorted[cut]!.toFixed(1)}–${sorted[sorted.length - 1 - cut]!.toFixed(1)}`;
}
