//! The vectors of one track that are remembered: one small file a track, whatever number of kinds it holds.
//!
//! A file for each kind would be simpler and costs more than computing what is in it. Each vector stands under the hash
//! of all that can change it, so kinds that are added later find their place beside those that are there.

use crate::engine::{BoxError, Ctx, Failure, Key};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const FAMILY: &str = "vectors";

/// Vectors by the hash of what made them.
pub(super) struct Memo<'a> {
    ctx: &'a Ctx<'a>,
    sound: Value,
    known: BTreeMap<String, Vec<f32>>,
    is_new: bool,
}

impl<'a> Memo<'a> {
    /// What is remembered of the track whose samples `sound` describes completely.
    pub fn of(ctx: &'a Ctx<'a>, sound: Value) -> Memo<'a> {
        // What cannot be read is computed again.
        let known = ctx.known(FAMILY, &sound).and_then(|bytes| decode(&bytes).ok()).unwrap_or_default();
        Memo { ctx, sound, known, is_new: false }
    }

    /// The vector of `identity`, computed if it is not remembered.
    pub fn get(
        &mut self,
        identity: &Value,
        compute: impl FnOnce() -> Result<Vec<f32>, Failure>,
    ) -> Result<Vec<f32>, Failure> {
        let name = Key::of(identity).hex();
        if let Some(vector) = self.known.get(&name) {
            return Ok(vector.clone());
        }
        let vector = compute()?;
        self.known.insert(name, vector.clone());
        self.is_new = true;
        Ok(vector)
    }

    /// Remembers what was computed.
    pub fn keep(self) -> Result<(), Failure> {
        match self.is_new {
            true => self.ctx.remember(FAMILY, &self.sound, &encode(&self.known).map_err(Failure::classify)?),
            false => Ok(()),
        }
    }
}

fn encode(vectors: &BTreeMap<String, Vec<f32>>) -> Result<Vec<u8>, BoxError> {
    let bytes = |vector: &Vec<f32>| vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    let packed: Vec<(&String, usize, Vec<u8>)> =
        vectors.iter().map(|(name, vector)| (name, vector.len(), bytes(vector))).collect();
    let mut views = Vec::new();
    for (name, length, bytes) in &packed {
        views.push((name, TensorView::new(Dtype::F32, vec![*length], bytes)?));
    }
    Ok(serialize(views, None)?)
}

fn decode(bytes: &[u8]) -> Result<BTreeMap<String, Vec<f32>>, BoxError> {
    let vector = |view: &TensorView| view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok(SafeTensors::deserialize(bytes)?.iter().map(|(name, view)| (name.to_owned(), vector(&view))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_to_the_bit() {
        let vectors = BTreeMap::from([("a".to_owned(), vec![0.1f32, -1e-30]), ("b".to_owned(), Vec::new())]);
        assert_eq!(decode(&encode(&vectors).unwrap()).unwrap(), vectors);
        assert!(decode(b"not a file of vectors").is_err());
    }
}
