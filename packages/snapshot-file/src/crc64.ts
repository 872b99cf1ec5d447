// CRC-64/XZ: the reflected ECMA-182 polynomial, all ones to begin with, inverted at the end. Eight bytes at a time
// ("slicing by 8"), and each number of 64 bits as two of 32, because BigInt would be a hundred times slower.

const POLYNOMIAL_HIGH = 0xc96c5795
const POLYNOMIAL_LOW = 0xd7870f42

/** Eight tables of 256 entries, one after the other: what a byte adds that 0 to 7 bytes follow. */
const tableLow = new Int32Array(2_048)
const tableHigh = new Int32Array(2_048)

for (let byte = 0; byte < 256; byte++) {
  let low = byte
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW
      high ^= POLYNOMIAL_HIGH
    }
  }
  tableLow[byte] = low
  tableHigh[byte] = high
}
for (let at = 256; at < 2_048; at++) {
  const low = tableLow[at - 256]!
  const high = tableHigh[at - 256]!
  tableLow[at] = tableLow[low & 0xff]! ^ ((low >>> 8) | (high << 24))
  tableHigh[at] = tableHigh[low & 0xff]! ^ (high >>> 8)
}

/** The checksum of a snapshot's state, computed as the bytes come. */
export class Crc64 {
  #low = -1
  #high = -1

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    const lows = tableLow
    const highs = tableHigh
    let low = this.#low
    let high = this.#high
    let at = 0
    for (const end = bytes.length - 7; at < end; at += 8) {
      const a = low ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
      const b = high ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24))
      const i7 = 1_792 + (a & 0xff)
      const i6 = 1_536 + ((a >>> 8) & 0xff)
      const i5 = 1_280 + ((a >>> 16) & 0xff)
      const i4 = 1_024 + (a >>> 24)
      const i3 = 768 + (b & 0xff)
      const i2 = 512 + ((b >>> 8) & 0xff)
      const i1 = 256 + ((b >>> 16) & 0xff)
      const i0 = b >>> 24
      low = lows[i7]! ^ lows[i6]! ^ lows[i5]! ^ lows[i4]! ^ lows[i3]! ^ lows[i2]! ^ lows[i1]! ^ lows[i0]!
      high = highs[i7]! ^ highs[i6]! ^ highs[i5]! ^ highs[i4]! ^ highs[i3]! ^ highs[i2]! ^ highs[i1]! ^ highs[i0]!
    }
    for (; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 0xff
      low = lows[index]! ^ ((low >>> 8) | (high << 24))
      high = highs[index]! ^ (high >>> 8)
    }
    this.#low = low
    this.#high = high
  }

  /** The checksum of all bytes so far, the highest byte first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setInt32(0, ~this.#high)
    view.setInt32(4, ~this.#low)
    return bytes
  }
}
