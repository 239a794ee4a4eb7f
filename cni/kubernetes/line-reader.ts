/** Cuts a stream into lines. */
export class LineReader {
  private readonly pieces: Buffer[] = [];
  private bytes = 0;

  /** @param most bytes of a line */
  public constructor(private readonly most: number) {}

  /** The lines that end in this chunk. @throws RangeError for a line that is too long */
  public take(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.keep(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(this.pieces.splice(0)).toString('utf8');
      this.bytes = 0;
      if (line.trim() !== '') lines.push(line);
    }
    this.keep(chunk.subarray(from));
    return lines;
  }

  private keep(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes > this.most) throw new RangeError(`more than ${this.most} bytes`);
    if (piece.length > 0) this.pieces.push(piece);
  }
}
