//! The fuse room: what is heard and what is read of the same tracks become one table. Rows meet by track, never by place.

pub mod cca;
pub mod concat;
pub mod late;

mod join;

pub use join::{Join, Keep};

use crate::artifact::{FeatureTable, Split};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::kinds;
use serde::Serialize;

/// A way to fuse modalities.
pub trait Fuser {
    /// Whether each modality is learned by itself, and the latents are put side by side.
    fn is_late(&self) -> bool {
        false
    }

    /// Whether the table that is learned from is made by [`Fuser::fuse`].
    fn is_fitted(&self) -> bool {
        false
    }

    /// The table that is learned from, of one whose modalities stand side by side; it is fitted on rows of another such
    /// table. None: as it is.
    ///
    /// # Errors
    /// The modalities cannot be related.
    fn fuse(&self, _table: &FeatureTable, _fit: Fit) -> Result<Option<FeatureTable>, FuseError> {
        Ok(None)
    }
}

/// What a fusion may be fitted on.
#[derive(Clone, Copy)]
pub struct Fit<'a> {
    /// Modalities side by side.
    pub table: &'a FeatureTable,
    /// Rows of it.
    pub rows: &'a [usize],
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
    #[error(
        "fusion.cca: {pairs} tracks that are learned from have both sound and lyrics, and nothing can be related by so few; pair more, or use fusion.concat"
    )]
    NotRelated { pairs: usize },
}

kinds! {
    /// Every way of fusing that an experiment may ask for.
    pub enum Fusion: dyn Fuser {
        "concat" => Concat(concat::Concat), "Columns side by side, each modality with the same variance in sum; one model learns from all."
        "cca" => Cca(cca::Cca), "What sound and words share: canonical correlation axes, and where each track stands on them given what there is of it."
        "late" => Late(late::Late), "A model for each modality; their latents side by side, each with the same variance in sum."
    }
}

impl Default for Fusion {
    fn default() -> Fusion {
        Fusion::Concat(concat::Concat::default())
    }
}

/// [`FeatureTable`] of several modalities × [`Split`] → [`FeatureTable`].
#[derive(Serialize)]
pub struct Fuse {
    /// Modalities side by side.
    pub table: Handle<FeatureTable>,
    /// What it is fitted on, which has the same columns.
    pub fitted: Handle<FeatureTable>,
    /// Which tracks of that it may be fitted on; all where nothing is learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Handle<Split>>,
    /// How.
    pub fusion: Fusion,
}

impl Stage for Fuse {
    type Output = FeatureTable;
    const NAME: &'static str = "fuse";

    fn title(&self) -> String {
        format!("fuse {}", self.fusion.name())
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let (table, fitted, split) = (ctx.get(&self.table)?, ctx.get(&self.fitted)?, ctx.get_if(self.split.as_ref())?);
        let rows = Split::fitted_on(split.as_deref(), &fitted.tracks);
        let fused = self.fusion.fuse(&table, Fit { table: &fitted, rows: &rows }).map_err(Failure::data)?;
        Ok(fused.unwrap_or_else(|| table.as_ref().clone()))
    }
}
