//! Does a contrastive encoder tell tracks apart? Alignment and uniformity, effective rank, and a verdict with its remedy.
//! Wang, Isola, "Understanding contrastive representation learning through alignment and uniformity on the hypersphere" (ICML
//! 2020), equations of section 4.1; Roy, Vetterli, "The effective rank" (EUSIPCO 2007), definition 1.

use super::collapse;
use crate::artifact::{Corpus, FeatureTable, Part, Separation, Split, Verdict, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::model::contrast::nt_xent;
use crate::model::rows::{encode_rows, tensor};
use crate::model::usage::ACTIVE_VARIANCE;
use crate::model::{self, InputShape, Network, checkpoint};
use crate::stats::evenly;
use crate::stats::linalg::eigen_symmetric;
use candle_core::Device;
use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

/// Held-out tracks that are looked at, at most.
const TRACKS: usize = 256;
/// The temperature at which all kinds are compared, whatever they learned with.
const TEMPERATURE: f64 = 0.1;

/// [`Weights`] × [`FeatureTable`] → [`Separation`].
#[derive(Serialize)]
pub struct Separate {
    /// The weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// Says which tracks are of one group.
    pub corpus: Handle<Corpus>,
    /// What it was trained on.
    pub features: Handle<FeatureTable>,
    /// Which tracks it has not learned from.
    pub split: Handle<Split>,
}

impl Stage for Separate {
    type Output = Separation;
    const NAME: &'static str = "separate";

    fn title(&self) -> String {
        "diagnose separation".to_owned()
    }

    fn version(&self) -> Version {
        Version { room: 1, kind: self.model.version() }
    }

    fn run(&self, ctx: &Ctx) -> Result<Separation, Failure> {
        let (table, weights, split) = (ctx.get(&self.features)?, ctx.get(&self.weights)?, ctx.get(&self.split)?);
        let corpus = ctx.get(&self.corpus)?;
        let held_out = split.rows(&table.tracks, |part| part != Part::Train);
        let ends = first_and_last(&held_out, &table.tracks);
        let some: Vec<(usize, usize)> = evenly(ends.len(), TRACKS).into_iter().map(|at| ends[at]).collect();
        let rows: Vec<usize> = some.iter().map(|of| of.0).chain(some.iter().map(|of| of.1)).collect();
        let network = checkpoint::trained(&self.model, &weights, &table)?;
        let codes =
            encode_rows(network.as_ref(), weights.scale.apply_to(&table, &rows).view(), None, &Device::Cpu)?.means;
        let tracks: Vec<u32> = some.iter().map(|of| table.tracks[of.0]).collect();
        let found = judge(measure(&codes, normalised(network.as_ref(), &codes, &corpus.group_numbers(&tracks))?));
        if found.verdict != Verdict::Healthy {
            let (reasons, remedies) = (found.reasons.join("; "), found.remedies.join("; "));
            ctx.warn(format!("the embedding is {}: {reasons}. Remedy: {remedies}", found.verdict.word()));
        }
        Ok(found)
    }
}

/// The first and the last clip of each track of `rows`, places in a table whose rows are of `tracks`.
fn first_and_last(rows: &[usize], tracks: &[u32]) -> Vec<(usize, usize)> {
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match ends.last_mut() {
            Some(end) if tracks[end.0] == tracks[*row] => end.1 = *row,
            _ => ends.push((*row, *row)),
        }
    }
    ends
}

/// How well the clips `codes` `[2 tracks, embedding]` find each other through the projector.
fn normalised(network: &dyn Network, codes: &Array2<f32>, groups: &[u32]) -> Result<Option<f64>, Failure> {
    let Some(contrast) = network.contrast().filter(|_| groups.len() > 1) else { return Ok(None) };
    let embeddings = tensor(codes.view(), InputShape::Vector(codes.ncols()), &Device::Cpu)?;
    let views = contrast.project(&embeddings)?;
    let (loss, bounds) = nt_xent(&views, groups, TEMPERATURE)?;
    Ok(bounds.normalised(f64::from(loss.to_scalar::<f32>()?)))
}

/// All but the verdict, of `codes` `[2 tracks, embedding]`: first clips, then last ones.
fn measure(codes: &Array2<f32>, normalised_loss: Option<f64>) -> Separation {
    let tracks = codes.nrows() / 2;
    let codes = codes.mapv(f64::from);
    let (first, last) = codes.view().split_at(Axis(0), tracks);
    let mean = (&first + &last) / 2.0;
    let deviations: Vec<f64> = match tracks {
        0 => vec![0.0; codes.ncols()],
        _ => mean.std_axis(Axis(0), 0.0).to_vec(),
    };
    let active_units = deviations.iter().filter(|deviation| deviation.powi(2) > ACTIVE_VARIANCE).count();
    Separation {
        verdict: Verdict::Healthy,
        reasons: Vec::new(),
        remedies: Vec::new(),
        tracks,
        embedding: codes.ncols(),
        active_units,
        deviations,
        effective_rank: effective_rank(mean.view()),
        alignment: alignment(unit(first).view(), unit(last).view()),
        uniformity: uniformity(unit(mean.view()).view()),
        normalised_loss,
    }
}

fn unit(rows: ArrayView2<f64>) -> Array2<f64> {
    let length = rows.map_axis(Axis(1), |row| row.dot(&row).sqrt().max(1e-12));
    &rows / &length.insert_axis(Axis(1))
}

fn alignment(first: ArrayView2<f64>, last: ArrayView2<f64>) -> Option<f64> {
    (&first - &last).map_axis(Axis(1), |gap| gap.dot(&gap)).mean()
}

/// `ln mean exp(-2 |x - y|²)` over all pairs.
fn uniformity(points: ArrayView2<f64>) -> Option<f64> {
    let count = points.nrows();
    let potential = |a: usize, b: usize| (-4.0 * (1.0 - points.row(a).dot(&points.row(b)))).exp();
    let total: f64 = (0..count).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| potential(a, b)).sum();
    (count > 1).then(|| (total / (count * (count - 1) / 2) as f64).ln())
}

fn effective_rank(points: ArrayView2<f64>) -> Option<f64> {
    let centred = &points - &points.mean_axis(Axis(0))?;
    // The smaller of both products has the same values other than 0.
    let gram = if centred.nrows() < centred.ncols() { centred.dot(&centred.t()) } else { centred.t().dot(&centred) };
    let values: Vec<f64> = gram.iter().copied().collect();
    let singular: Vec<f64> = eigen_symmetric(&values, gram.nrows())?.values.iter().map(|v| v.max(0.0).sqrt()).collect();
    let total: f64 = singular.iter().sum();
    let shares = singular.iter().map(|value| value / total).filter(|share| *share > 0.0);
    (total > 1e-9).then(|| shares.map(|share| -share * share.ln()).sum::<f64>().exp())
}

/// Below (above, for the loss) these the encoder does not tell tracks apart, or hardly does.
const LIMITS: [(Verdict, f64, f64); 2] = [(Verdict::Collapsed, 1.5, 0.95), (Verdict::Partial, 4.0, 0.8)];

fn judge(measured: Separation) -> Separation {
    for (verdict, rank, loss) in LIMITS {
        let (mut reasons, mut remedies) = (Vec::new(), Vec::<&str>::new());
        let found = measured.effective_rank.unwrap_or(0.0);
        if found < rank {
            reasons.push(format!("embeddings differ in {found:.1} directions (effective rank below {rank})"));
            remedies.extend(["lower train.learning_rate", "use model.simclr or model.vicreg", "raise train.batch"]);
        }
        if let Some(value) = measured.normalised_loss.filter(|value| *value > loss) {
            reasons.push(format!(
                "a clip finds its own track hardly better than by guessing (normalised loss {value:.2}, above {loss})"
            ));
            remedies.extend(["train more steps", "weaken augment, or lower its choose", "bring more tracks"]);
        }
        if !reasons.is_empty() {
            let (reasons, remedies) =
                collapse::on_few_rows(measured.tracks, reasons, remedies.into_iter().map(str::to_owned).collect());
            return Separation { verdict, reasons, remedies, ..measured };
        }
    }
    let (reasons, remedies) = collapse::on_few_rows(measured.tracks, Vec::new(), Vec::new());
    Separation { reasons, remedies, ..measured }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn codes(tracks: usize, dims: usize) -> Array2<f32> {
        let one = Array2::from_shape_vec((tracks, dims), Stream::new(1, "codes").normals(tracks * dims)).unwrap();
        ndarray::concatenate(Axis(0), &[one.view(), one.view()]).unwrap()
    }

    #[test]
    fn embeddings_that_differ_everywhere_are_healthy_and_one_point_is_collapsed() {
        let found = judge(measure(&codes(200, 8), Some(0.1)));
        assert_eq!((found.verdict, found.active_units, found.tracks), (Verdict::Healthy, 8, 200));
        assert!(found.effective_rank.unwrap() > 7.5 && found.alignment.unwrap() < 1e-12);
        assert!(found.uniformity.unwrap() < -2.0, "{found:?}");
        let point = judge(measure(&Array2::ones((40, 8)), Some(1.0)));
        assert_eq!((point.verdict, point.active_units, point.reasons.len()), (Verdict::Collapsed, 0, 2));
        assert!(point.uniformity.unwrap().abs() < 1e-9 && point.effective_rank.is_none());
        assert!(point.remedies.iter().any(|remedy| remedy.contains("train.learning_rate")));
    }

    #[test]
    fn a_line_has_an_effective_rank_of_one() {
        let line = Array2::from_shape_fn((50, 6), |(row, column)| row as f64 * column as f64);
        assert!((effective_rank(line.view()).unwrap() - 1.0).abs() < 1e-6);
        let wide = Array2::from_shape_fn((3, 6), |(row, column)| f64::from(u8::from(row == column)));
        assert!((effective_rank(wide.view()).unwrap() - 2.0).abs() < 1e-9, "three points lie in a plane");
    }

    #[test]
    fn alignment_is_that_of_opposite_and_of_equal_points() {
        let a = ndarray::array![[2.0, 0.0], [0.0, 3.0]];
        assert_eq!(alignment(unit(a.view()).view(), unit((-&a).view()).view()), Some(4.0));
        assert_eq!(alignment(unit(a.view()).view(), unit((&a * 5.0).view()).view()), Some(0.0));
    }

    #[test]
    fn a_track_is_told_by_its_first_and_its_last_clip() {
        assert_eq!(first_and_last(&[0, 1, 2, 5, 6, 9], &[3, 3, 3, 4, 4, 7, 7, 8, 8, 9]), [(0, 2), (5, 6), (9, 9)]);
        assert!(first_and_last(&[], &[1]).is_empty());
    }

    #[test]
    fn few_tracks_are_told() {
        let found = judge(measure(&codes(4, 2), None));
        assert!(found.reasons.iter().any(|reason| reason.contains("too few")), "{found:?}");
    }
}
