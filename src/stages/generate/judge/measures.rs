//! Every number that generated sound is judged by, as plain functions of places and labels.
//!
//! Consistency: a frozen probe's accuracy. Frechet distance: Kilgour et al. 2019, reported with the distance of as many real
//! clips (floor) and of white noise (ceiling). Kernel distance: Binkowski et al. 2018. Density and coverage: Naeem et al. 2020.
//! Diversity: mean pairwise distance within a class. Copies: Meehan et al. 2020, nearest training clips.

use ndarray::{Array2, ArrayView2, ArrayViewD, Axis};

use crate::stats::divergence::{frechet, kernel_mmd, manifold, mean_pairwise_distance, nearest};
use crate::stats::logistic::Logistic;

/// Neighbours of the balls behind density and coverage.
const NEIGHBOURS: usize = 5;

/// A set of clips: places `[clips, dims]` and their classes.
#[derive(Clone, Copy)]
pub struct Set<'a> {
    /// Places.
    pub places: ArrayView2<'a, f64>,
    /// Classes, where they are known or were asked for.
    pub labels: &'a [Option<u32>],
}

/// Share of the clips that the probe puts into the class that they are of; None where no class is known. `descriptors` are
/// standardised.
pub fn consistency(probe: &Logistic, descriptors: ArrayView2<f64>, labels: &[Option<u32>]) -> Option<f64> {
    let said = probe.predict(descriptors);
    let known: Vec<bool> = labels.iter().zip(said).filter_map(|(label, said)| Some((*label)? == said)).collect();
    share(&known)
}

fn share(hits: &[bool]) -> Option<f64> {
    (!hits.is_empty()).then(|| hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64)
}

/// Squared Frechet distance from `reference`.
pub fn fad(reference: Set, made: Set) -> Option<f64> {
    frechet(reference.places, made.places, 0.0).ok().map(|found| found.squared)
}

/// Squared kernel distance from `reference`.
pub fn kid(reference: Set, made: Set) -> Option<f64> {
    kernel_mmd(reference.places, made.places).ok()
}

/// Density and coverage: how well `made` lies where `reference` lies, and how much of it it covers.
pub fn density_and_coverage(reference: Set, made: Set) -> Option<(f64, f64)> {
    let found = manifold(reference.places, made.places, NEIGHBOURS).ok()?;
    Some((found.density, found.coverage))
}

/// Mean distance between two clips of one class, mean over classes; over all clips where no class is known.
pub fn diversity(set: Set) -> Option<f64> {
    let mut classes: Vec<Option<u32>> = set.labels.to_vec();
    classes.sort_unstable();
    classes.dedup();
    let of_class = |class: &Option<u32>| {
        let rows: Vec<usize> = (0..set.labels.len()).filter(|row| set.labels[*row] == *class).collect();
        mean_pairwise_distance(set.places.select(Axis(0), &rows).view()).ok()
    };
    let found: Vec<f64> = classes.iter().filter_map(of_class).collect();
    (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
}

/// How near clips come to training clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Median distance of a generated clip from the nearest training clip.
    pub made: f64,
    /// The smallest.
    pub least_made: f64,
    /// Median distance of a training clip from the nearest one of another track.
    pub train: f64,
    /// The smallest.
    pub least_train: f64,
    /// Generated clips nearer to a training clip than any two training clips of different tracks are to each other.
    pub copies: usize,
}

/// `tracks` are those of the training clips. None without clips of two tracks.
pub fn memory(train: ArrayView2<f64>, tracks: &[u32], made: ArrayView2<f64>) -> Option<Memory> {
    let of_made: Vec<f64> = nearest(made, train).ok()?.iter().map(|found| found.distance).collect();
    let own = |row: usize| {
        let others: Vec<usize> = (0..tracks.len()).filter(|other| tracks[*other] != tracks[row]).collect();
        let row = train.select(Axis(0), &[row]);
        Some(nearest(row.view(), train.select(Axis(0), &others).view()).ok()?.first()?.distance)
    };
    let rows = crate::stats::evenly(tracks.len(), MOST_ROWS);
    let of_train: Vec<f64> = rows.into_iter().filter_map(own).collect();
    let (least_made, least_train) = (least(&of_made)?, least(&of_train)?);
    let copies = of_made.iter().filter(|distance| **distance < least_train).count();
    Some(Memory { made: median(of_made)?, least_made, train: median(of_train)?, least_train, copies })
}

/// Training clips whose nearest neighbours are looked for.
const MOST_ROWS: usize = 1000;

fn least(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::min)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// What the class and what the code change in decoded maps, each as the root of a mean variance over that of real maps: 0 is
/// nothing, 1 as much as from one real clip to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effects {
    /// Other classes, the same code; None for a model that is told none.
    pub condition: Option<f64>,
    /// Other codes, the same class.
    pub code: Option<f64>,
}

/// `cells` are `[classes · codes, ...]`, class by class; `real` maps `[clips, ...]`.
pub fn effects(cells: ArrayViewD<f32>, classes: usize, codes: usize, real: ArrayViewD<f32>) -> Effects {
    let (cells, real) = (flat(cells), flat(real));
    let spread = |rows: &[Vec<usize>]| {
        let each: Vec<f64> = rows.iter().filter_map(|rows| variance(cells.select(Axis(0), rows).view())).collect();
        (!each.is_empty()).then(|| each.iter().sum::<f64>() / each.len() as f64)
    };
    let same_code: Vec<Vec<usize>> =
        (0..codes).map(|code| (0..classes).map(|class| class * codes + code).collect()).collect();
    let same_class: Vec<Vec<usize>> =
        (0..classes).map(|class| (0..codes).map(|code| class * codes + code).collect()).collect();
    let total = variance(real.view()).filter(|variance| *variance > 0.0);
    let over = |found: Option<f64>| Some((found? / total?).sqrt());
    Effects { condition: over(spread(&same_code)), code: over(spread(&same_class)) }
}

fn flat(values: ArrayViewD<f32>) -> Array2<f64> {
    let rows = values.len_of(Axis(0));
    let width = values.len() / rows.max(1);
    let values = values.iter().map(|value| f64::from(*value)).collect();
    Array2::from_shape_vec((rows, width), values).unwrap_or_else(|_| Array2::zeros((0, 0)))
}

/// Mean over cells of the variance over rows; None of fewer than two rows.
fn variance(rows: ArrayView2<f64>) -> Option<f64> {
    (rows.nrows() > 1).then(|| rows.var_axis(Axis(0), 1.0).mean())?
}

#[cfg(test)]
mod tests;
