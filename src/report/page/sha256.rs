//! SHA-256, for the hashes in a content security policy.
//! FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1 and 6.2.

/// The constants of section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
fn constants() -> [u32; 64] {
    let mut primes = (2u64..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
    std::array::from_fn(|_| fraction_of_root(primes.next().unwrap_or(2), 3))
}

/// The start of section 5.3.3: the same of the square roots of the first 8 primes.
fn start() -> [u32; 8] {
    [2, 3, 5, 7, 11, 13, 17, 19].map(|prime| fraction_of_root(prime, 2))
}

/// The largest whole number whose `power`th power does not exceed `prime` times 2 to the 32 `power`, without its whole part.
fn fraction_of_root(prime: u64, power: u32) -> u32 {
    let (mut low, mut high) = (0u128, 1u128 << 36);
    // 32 fractional bits: compare cubes scaled by 2^96, which 128 bits hold for roots below 2^4 (311 has the root 6.8).
    let target = u128::from(prime) << (32 * power);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.pow(power) <= target { low = middle } else { high = middle }
    }
    low as u32
}

/// The digest of `message`.
pub fn digest(message: &[u8]) -> [u8; 32] {
    let constants = constants();
    let hash = padded(message).chunks_exact(64).fold(start(), |hash, block| compress(hash, block, &constants));
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(4).zip(hash) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

fn padded(message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((message.len() + 9).next_multiple_of(64) - 8, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    padded
}

fn schedule(block: &[u8]) -> [u32; 64] {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    w
}

fn compress(hash: [u32; 8], block: &[u8], constants: &[u32; 64]) -> [u32; 8] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = hash;
    for (word, constant) in schedule(block).iter().zip(constants) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(s0.wrapping_add(majority)));
    }
    let after = [a, b, c, d, e, f, g, h];
    std::array::from_fn(|i| hash[i].wrapping_add(after[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(message: &[u8]) -> String {
        digest(message).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_match_the_examples_of_the_standard() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
}
