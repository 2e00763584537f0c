//! The record of a training: one row for each split at each point where both are measured.

pub use crate::artifact::{HistoryRow as Row, Side as Split};

/// Whether the held-out loss (the training loss where nothing is held out) still fell at the end: over the last fifth of
/// its records a straight line falls by more than chance (slope below −3 standard errors) and more than the records scatter.
pub fn still_falling(history: &[Row]) -> bool {
    let losses = |split| history.iter().filter(move |row| row.split == split).map(|row| row.loss).collect::<Vec<f64>>();
    let val = losses(Split::Val);
    let all = if val.is_empty() { losses(Split::Train) } else { val };
    let tail = &all[all.len() - (all.len() / 5).clamp(5.min(all.len()), all.len())..];
    tail.len() >= 5 && falls(tail)
}

fn falls(losses: &[f64]) -> bool {
    let n = losses.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, losses.iter().sum::<f64>() / n);
    let spread: f64 = (0..losses.len()).map(|at| (at as f64 - middle).powi(2)).sum();
    let slope = losses.iter().enumerate().map(|(at, loss)| (at as f64 - middle) * (loss - mean)).sum::<f64>() / spread;
    let residual =
        losses.iter().enumerate().map(|(at, loss)| (loss - mean - slope * (at as f64 - middle)).powi(2)).sum::<f64>();
    let noise = (residual / (n - 2.0)).sqrt();
    slope < -3.0 * noise / spread.sqrt() && -slope * (n - 1.0) > noise.max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn history(loss: impl Fn(usize) -> f64) -> Vec<Row> {
        let row = |step| Row {
            step,
            epoch: 0.0,
            split: Split::Val,
            loss: loss(step),
            recon: Some(0.0),
            mse: Some(0.0),
            kl: None,
            learning_rate: 0.0,
            beta: 0.0,
            active_units: 0,
            kl_dims: None,
            mutual_information: None,
            r2: None,
            shuffle_gap: None,
            normalised_loss: None,
            knn: None,
            probe: None,
        };
        (0..60).map(row).collect()
    }

    #[test]
    fn a_loss_that_falls_to_the_end_is_still_falling_and_a_flat_one_is_not() {
        let noise = Stream::new(1, "noise").normals(60);
        let with_noise = |scale: f64, step: usize| scale * f64::from(noise[step]);
        assert!(still_falling(&history(|step| 100.0 - step as f64 + with_noise(0.5, step))));
        assert!(!still_falling(&history(|step| with_noise(0.5, step))));
        assert!(!still_falling(&history(|step| 100.0 * (-(step as f64)).exp() + with_noise(0.5, step))));
        assert!(!still_falling(&history(|_| 1.0)));
        assert!(!still_falling(&history(|step| step as f64)));
        assert!(!still_falling(&[]));
    }
}
