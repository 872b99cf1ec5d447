/** Integers of 64 bits within −2^53 to 2^53, as two of 32 bits, low half first: faster than BigInt, and exact. */
export function writeInteger(view: DataView, offset: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  view.setUint32(offset, value - high * 0x1_0000_0000, true)
  view.setInt32(offset + 4, high, true)
}

/** What `writeInteger` wrote; beyond 2^53 it is rounded, which the caller's checksum or range check has to catch. */
export function readInteger(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true)
}
