//! What flows between rooms, in the order of flow. Rooms never name each other; they meet here.

mod array;
mod assignment;
mod corpus;
mod diagnosis;
mod feature_table;
mod figure;
mod k_curve;
mod latents;
mod layout;
mod prediction;
mod reconstructions;
mod scale;
mod scores;
mod sheet;
mod spectrogram;
mod split;
mod structure;
mod weights;

pub use array::{read_npy, write_npy};
pub use assignment::{Assignment, NOISE};
pub use corpus::{Audio, Corpus, Skipped, Table, Track};
pub use diagnosis::{Diagnosis, Verdict};
pub use feature_table::FeatureTable;
pub use figure::Figure;
pub use k_curve::KCurve;
pub use latents::Latents;
pub use layout::Layout;
pub use prediction::Prediction;
pub use reconstructions::Reconstructions;
pub use scale::Scale;
pub use scores::{Card, Score, Scores};
pub use sheet::Sheet;
pub use spectrogram::{Axes, SpectrogramError, read_spectrogram};
pub use split::{Part, Split};
pub use structure::Structure;
pub use weights::{HistoryRow, Side, Weights};
