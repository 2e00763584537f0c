//! Bags of words as files: the words as JSON, the counts `[tracks, words]` as the three arrays of a sparse matrix, which
//! `scipy.sparse.csr_matrix((counts, indices, offsets))` takes as they are.

use crate::artifact::{read_npy, write_npy};
use crate::engine::{BoxError, Files};
use crate::text::counts::Counts;
use crate::text::csr::Csr;
use crate::text::vocabulary::Vocabulary;
use ndarray::{Array1, ArrayView1, Ix1};

const WORDS: &str = "words.json";
const OFFSETS: &str = "bag_offsets.npy";
const INDICES: &str = "bag_indices.npy";
const COUNTS: &str = "bag_counts.npy";

/// The parts do not fit each other.
#[derive(Debug, thiserror::Error)]
#[error("the bags of words do not fit their words; delete this result from the cache")]
struct Unfit;

/// `files` with those of `bags`.
pub(super) fn save(bags: &Counts, files: Files) -> Result<Files, BoxError> {
    let words: Vec<&str> = bags.vocabulary.terms().collect();
    let offsets: Array1<u64> = bags.matrix.offsets().iter().map(|at| *at as u64).collect();
    let files = files.with_json(WORDS, &words)?.with(OFFSETS, write_npy(&offsets)?);
    let files = files.with(INDICES, write_npy(&ArrayView1::from(bags.matrix.columns()))?);
    Ok(files.with(COUNTS, write_npy(&ArrayView1::from(bags.matrix.values()))?))
}

/// The bags of words in `files`; None if there are none.
pub(super) fn load(files: &Files) -> Result<Option<Counts>, BoxError> {
    if files.bytes(WORDS).is_err() {
        return Ok(None);
    }
    let words: Vec<String> = files.json(WORDS)?;
    let sorted = words.is_sorted_by(|a, b| a < b);
    let offsets = read_npy::<u64, Ix1>(files.bytes(OFFSETS)?)?.iter().map(|at| *at as usize).collect();
    let indices = read_npy::<u32, Ix1>(files.bytes(INDICES)?)?.to_vec();
    let counts = read_npy::<f64, Ix1>(files.bytes(COUNTS)?)?.to_vec();
    let matrix = Csr::new(offsets, indices, counts, words.len()).filter(|_| sorted).ok_or(Unfit)?;
    Ok(Some(Counts { vocabulary: Vocabulary::new(words), matrix }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bags() -> Counts {
        let words = ["love", "গান", "a"].map(str::to_owned);
        Counts::of_bags(&words, &[vec![(0, 3), (2, 1)], vec![], vec![(1, 2)]]).unwrap()
    }

    #[test]
    fn bags_come_back() {
        let files = save(&bags(), Files::new()).unwrap();
        assert_eq!(load(&files).unwrap(), Some(bags()));
        assert_eq!(load(&Files::new()).unwrap(), None);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let files = save(&bags(), Files::new()).unwrap().with_json(WORDS, &["a"]).unwrap();
        assert!(load(&files).unwrap_err().to_string().contains("do not fit"));
    }
}
