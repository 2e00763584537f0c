//! The fuse room: what is heard and what is read of the same tracks become one table. Rows meet by track, never by place.

pub mod concat;
pub mod late;

mod join;

pub use join::{Join, Keep};

use crate::artifact::FeatureTable;
use crate::kinds;

/// A way to fuse modalities.
pub trait Fuser {
    /// Whether each modality is learned by itself, and the latents are put side by side.
    fn is_late(&self) -> bool {
        false
    }

    /// The table that is learned from, of one whose modalities stand side by side; `fit_on` are the rows it may be fitted
    /// on. None: as it is.
    ///
    /// # Errors
    /// The modalities cannot be related.
    fn fuse(&self, _table: &FeatureTable, _fit_on: &[usize]) -> Result<Option<FeatureTable>, FuseError> {
        Ok(None)
    }
}

/// Modalities cannot be fused.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum FuseError {
    #[error(
        "features.{modality}: fusion joins one vector a track, and these are maps or clips; use kinds that describe whole tracks"
    )]
    NotVectors { modality: &'static str },
    #[error("fusion: no track has both sound and lyrics")]
    NoPairs,
}

kinds! {
    /// Every way of fusing that an experiment may ask for.
    pub enum Fusion: dyn Fuser {
        "concat" => Concat(concat::Concat), "Columns side by side, each modality with the same variance in sum; one model learns from all."
        "late" => Late(late::Late), "A model for each modality; their latents side by side, each with the same variance in sum."
    }
}

impl Default for Fusion {
    fn default() -> Fusion {
        Fusion::Concat(concat::Concat::default())
    }
}
