//! What flows between rooms, in the order of flow. Rooms never name each other; they meet here.

mod corpus;
mod feature_table;
mod scale;
mod split;
mod weights;
mod diagnosis;
mod latents;
mod reconstructions;
mod assignment;
mod scores;
mod layout;
mod figure;
mod array;

pub use array::{read_npy, write_npy};
pub use assignment::{Assignment, NOISE};
pub use corpus::{Audio, Corpus, Skipped, Table, Track};
pub use feature_table::FeatureTable;
pub use figure::Figure;
pub use latents::Latents;
pub use diagnosis::{Diagnosis, Verdict};
pub use reconstructions::Reconstructions;
pub use layout::Layout;
pub use scores::{Card, Score, Scores};
pub use scale::Scale;
pub use split::{Part, Split};
pub use weights::{HistoryRow, Side, Weights};
