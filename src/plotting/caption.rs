//! What every picture says about itself: finding, number of rows, seed, metric, and whether the data are synthetic.

use serde::Serialize;

/// Title and second line of a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Caption {
    /// What is shown, in one line.
    pub title: String,
    /// Rows (tracks, clips, steps) the picture is made of.
    pub n: usize,
    /// Seed of the run.
    pub seed: u64,
    /// The metric that belongs to the picture, with its value, such as `ARI 0.41 [0.35, 0.47]`.
    pub metric: Option<String>,
    /// Whether the data were synthesised.
    pub synthetic: bool,
    /// The second line of a picture of one file, in place of n, seed and metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_one: Option<String>,
}

impl Caption {
    /// `n = 400 · seed 7 · ARI 0.41`; `synthetic data` is drawn apart from it, in another colour.
    pub fn line(&self) -> String {
        if let Some(line) = &self.of_one {
            return line.clone();
        }
        let mut parts = vec![format!("n = {}", self.n), format!("seed {}", self.seed)];
        parts.extend(self.metric.clone().filter(|metric| !metric.is_empty()));
        parts.join(" · ")
    }

    /// Everything in one sentence, for readers who do not see the picture.
    pub fn sentence(&self) -> String {
        let kind = if self.synthetic { " · synthetic data" } else { "" };
        format!("{} ({}{kind})", self.title, self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_data_are_named() {
        let mut caption = Caption {
            title: "Latent space".into(),
            n: 5,
            seed: 7,
            metric: Some("ARI 0.4".into()),
            synthetic: true,
            of_one: None,
        };
        assert_eq!(caption.sentence(), "Latent space (n = 5 · seed 7 · ARI 0.4 · synthetic data)");
        caption.synthetic = false;
        assert!(!caption.sentence().contains("synthetic"));
    }
}
