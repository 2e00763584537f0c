//! The course of an adversarial refinement, as curves.

use super::Frame;
use crate::artifact::{RefinementRow, Weights};
use crate::plotting::{Drawing, PlotError};
use crate::stages::plots::loss_curves::{Loss, LossCurves};

type Column = fn(&RefinementRow) -> Option<f64>;

impl Frame<'_> {
    pub fn refinement(&self, weights: &Weights) -> Result<Drawing, PlotError> {
        let rows = weights.refinement.as_ref().map_or(&[][..], |refinement| &refinement.history);
        let curve = |of: Column| rows.iter().filter_map(|row| Some((row.step as f64, of(row)?))).collect::<Vec<_>>();
        let loss = |name: &str, train: Column, val: Column| Loss {
            name: name.to_owned(),
            train: curve(train),
            val: curve(val),
        };
        let losses = [
            loss("discriminator", |row| row.discriminator, |_| None),
            loss("feature distance", |row| row.feature_matching, |_| None),
            loss("squared error", |row| row.mse, |row| row.val_mse),
            loss("sharpness", |_| None, |row| row.val_sharpness),
        ];
        let steps = rows.last().map_or(0, |row| row.step);
        LossCurves { caption: &self.caption(steps), losses: &losses, x_name: "step", best: None }.draw()
    }
}
