//! Small JSON files that carry their own BLAKE3, so that a torn or altered one is never believed.

use crate::engine::Key;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<T> {
    blake3: Key,
    content: T,
}

/// `content` as JSON, sealed.
pub fn seal<T: Serialize>(content: &T) -> serde_json::Result<Vec<u8>> {
    let blake3 = Key::of_bytes(&serde_json::to_vec(content)?);
    serde_json::to_vec_pretty(&Sealed { blake3, content })
}

/// What [`seal`] put into `text`. None if a single bit of it is not as it was written.
pub fn unseal<T: Serialize + DeserializeOwned>(text: &[u8]) -> Option<T> {
    let sealed: Sealed<T> = serde_json::from_slice(text).ok()?;
    (seal(&sealed.content).ok()? == text).then_some(sealed.content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_was_sealed_comes_back() {
        let content = json!({ "b": [1, 2.5e-9, null], "a": "ß \"x\"", "seconds": 0.1 + 0.2 });
        assert_eq!(unseal::<Value>(&seal(&content).unwrap()), Some(content));
    }

    #[test]
    fn no_flipped_bit_and_no_lost_byte_is_believed() {
        let text = seal(&json!({ "key": "0aF", "seconds": 1.25, "files": [{ "length": 7 }] })).unwrap();
        for bit in 0..text.len() * 8 {
            let mut torn = text.clone();
            torn[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal::<Value>(&torn), None, "bit {bit}: {}", String::from_utf8_lossy(&torn));
        }
        assert!((0..text.len()).all(|length| unseal::<Value>(&text[..length]).is_none()));
    }
}
