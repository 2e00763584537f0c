//! What an embedding tells of labels while it is learned, though it never sees them: nearest neighbours, and a linear probe.
//! Wu, Xiong, Yu, Lin, "Unsupervised feature learning via non-parametric instance discrimination" (CVPR 2018), section 3.4;
//! Alain, Bengio, "Understanding intermediate layers using linear classifier probes" (2016).
//!
//! Tracks of one group never tell each other's labels: neighbours are of other groups, folds are of whole groups.

use ndarray::{Array2, ArrayView2, Axis};

use crate::stats::logistic;
use crate::stats::scale::Standardiser;

/// Neighbours that vote.
const NEIGHBOURS: usize = 10;
/// Parts of the tracks, each foretold from the others.
const FOLDS: u32 = 5;
/// Inverse strength of the probe's penalty: a few hundred tracks have more dimensions than they can fix.
const C: f64 = 0.1;

/// What is known of a track.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its label.
    pub label: u32,
    /// Its group.
    pub group: u32,
}

/// Shares of tracks whose label is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// By most of the nearest tracks of other groups, by cosine.
    pub knn: f64,
    /// By a linear probe that has not seen the group.
    pub probe: f64,
}

/// Of `points` `[tracks, dims]`; None where there are fewer than two labels, or a single group.
pub fn told(points: ArrayView2<f64>, known: &[Known]) -> Option<Told> {
    let first = known.first()?;
    let one = |same: fn(&Known, &Known) -> bool| known.iter().all(|each| same(each, first));
    if one(|a, b| a.label == b.label) || one(|a, b| a.group == b.group) {
        return None;
    }
    Some(Told { knn: nearest(points, known), probe: probed(points, known)? })
}

fn nearest(points: ArrayView2<f64>, known: &[Known]) -> f64 {
    let length = points.map_axis(Axis(1), |row| row.dot(&row).sqrt().max(1e-12)).insert_axis(Axis(1));
    let unit = &points / &length;
    let classes = known.iter().map(|each| each.label as usize + 1).max().unwrap_or(0);
    let right = |at: &usize| {
        let mut near: Vec<(f64, usize)> = (0..known.len())
            .filter(|other| known[*other].group != known[*at].group)
            .map(|other| (unit.row(*at).dot(&unit.row(other)), other))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut votes = vec![0.0; classes];
        // The nearer one counts more, so that there are hardly any ties.
        near.iter().take(NEIGHBOURS).for_each(|(cosine, other)| votes[known[*other].label as usize] += 1.0 + cosine);
        let best = (0..classes).fold(0, |best, class| if votes[class] > votes[best] { class } else { best });
        !near.is_empty() && best == known[*at].label as usize
    };
    (0..known.len()).filter(right).count() as f64 / known.len() as f64
}

/// Groups are dealt to folds in the order in which they are met.
fn probed(points: ArrayView2<f64>, known: &[Known]) -> Option<f64> {
    let mut groups: Vec<u32> = Vec::new();
    for each in known {
        if !groups.contains(&each.group) {
            groups.push(each.group);
        }
    }
    let fold = |each: &Known| groups.iter().position(|group| *group == each.group).unwrap_or(0) as u32 % FOLDS;
    let folds: Vec<u32> = known.iter().map(fold).collect();
    let classes = known.iter().map(|each| each.label as usize + 1).max()?;
    let mut right = 0;
    for of in 0..FOLDS {
        let (seen, asked): (Vec<usize>, Vec<usize>) = (0..known.len()).partition(|at| folds[*at] != of);
        if asked.is_empty() || seen.is_empty() {
            continue;
        }
        let labels: Vec<u32> = seen.iter().map(|at| known[*at].label).collect();
        let of_seen: Array2<f64> = points.select(Axis(0), &seen);
        let standardiser = Standardiser::fit(of_seen.view());
        let probe = logistic::fit(standardiser.transform(of_seen.view()).view(), &labels, classes, C)?;
        let told = probe.predict(standardiser.transform(points.select(Axis(0), &asked).view()).view());
        right += asked.iter().zip(told).filter(|(at, told)| known[**at].label == *told).count();
    }
    Some(right as f64 / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn known(label: impl Fn(usize) -> usize, group: impl Fn(usize) -> usize) -> Vec<Known> {
        (0..60).map(|at| Known { label: label(at) as u32, group: group(at) as u32 }).collect()
    }

    fn points(centre: impl Fn(usize) -> usize) -> Array2<f64> {
        let mut stream = Stream::new(1, "points");
        Array2::from_shape_fn((60, 4), |(row, column)| {
            stream.normal() * 0.1 + if centre(row) == column { 1.0 } else { 0.0 }
        })
    }

    #[test]
    fn labels_that_stand_apart_are_told_and_noise_is_not() {
        let told_of = told(points(|row| row % 3).view(), &known(|at| at % 3, |at| at)).unwrap();
        assert_eq!(told_of, Told { knn: 1.0, probe: 1.0 });
        let noise = told(points(|_| 9).view(), &known(|at| at % 3, |at| at)).unwrap();
        assert!(noise.knn < 0.6 && noise.probe < 0.6, "{noise:?}");
    }

    #[test]
    fn a_group_does_not_tell_its_own_labels() {
        // Each group has a place and a label of its own: where it is left out nothing tells its label.
        let alone = told(points(|row| row % 4).view(), &known(|at| at % 4, |at| at % 4)).unwrap();
        assert!(alone.knn < 0.1 && alone.probe < 0.1, "{alone:?}");
    }

    #[test]
    fn one_label_or_one_group_tells_nothing() {
        let points = points(|row| row % 3);
        assert_eq!(told(points.view(), &known(|_| 1, |at| at)), None);
        assert_eq!(told(points.view(), &known(|at| at % 3, |_| 1)), None);
        assert_eq!(told(Array2::zeros((0, 4)).view(), &[]), None);
    }
}
