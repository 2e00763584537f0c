//! The grammar of metric names: `<representation>.<clusterer>.<metric>`, and all others.

/// First parts that are no representation.
const FAMILIES: [&str; 10] =
    ["train", "collapse", "retrieve", "classify", "generate", "disentangle", "chance", "gain", "probe", "missing"];
/// Metrics that look at points and clusters only. They say how tight clusters are, not whether they mean anything.
const LABEL_FREE: [&str; 5] = ["silhouette", "calinski_harabasz", "davies_bouldin", "noise_share", "stability"];
/// Representations in the order of interest; others follow by name.
const REPRESENTATIONS: [&str; 7] = ["latent", "oracle", "audio", "text", "shuffled", "raw", "pca"];
/// Metrics in the order of interest; others follow by name.
const METRICS: [&str; 6] = ["ari", "nmi", "ami", "accuracy", "purity", "v_measure"];

/// The parts of `latent.kmeans.ari`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterMetric<'a> {
    /// `latent`, `raw`, `pca` ...
    pub representation: &'a str,
    /// The clustering's name.
    pub clusterer: &'a str,
    /// The metric's name.
    pub metric: &'a str,
}

impl<'a> ClusterMetric<'a> {
    /// The parts of `name`, if it has three and names a representation.
    pub fn parse(name: &'a str) -> Option<ClusterMetric<'a>> {
        let (representation, rest) = name.split_once('.')?;
        let (clusterer, metric) = rest.split_once('.')?;
        let is_one = !FAMILIES.contains(&representation) && !metric.contains('.');
        is_one.then_some(ClusterMetric { representation, clusterer, metric })
    }

    /// Sorts `latent` before `raw` before `pca` before others, and `ari` before `nmi` before others.
    pub fn order(&self) -> (usize, &'a str, &'a str, usize, &'a str) {
        let place = |known: &[&str], name: &str| known.iter().position(|each| *each == name).unwrap_or(known.len());
        let representation = place(&REPRESENTATIONS, self.representation);
        (representation, self.representation, self.clusterer, place(&METRICS, self.metric), self.metric)
    }
}

/// Whether the figure was computed without looking at labels: it must never rank representations.
pub fn is_label_free(name: &str) -> bool {
    let metric = name.rsplit('.').next().unwrap_or(name);
    LABEL_FREE.contains(&metric) || name.starts_with("train.") || name.starts_with("collapse.")
}

/// Where a figure stands among others.
type Order<'a> = (bool, bool, Option<(usize, &'a str, &'a str, usize, &'a str)>, &'a str);

/// Label-free figures last; chance behind what it is compared with.
pub(in crate::report) fn order_of(name: &str) -> Order<'_> {
    let parts = ClusterMetric::parse(name).map(|parts| parts.order());
    (is_label_free(name), name.starts_with("chance."), parts, name)
}

/// The shortest dotted ending of `name` that none of `all` has too.
pub fn shortest<'a>(name: &'a str, all: &[&str]) -> &'a str {
    let others = |ending: &str| all.iter().filter(|each| ends_with(each, ending)).count();
    let mut starts: Vec<usize> = name.match_indices('.').map(|(at, _)| at + 1).collect();
    starts.reverse();
    starts.into_iter().map(|start| &name[start..]).find(|ending| others(ending) <= 1).unwrap_or(name)
}

/// Whether `name` is `ending`, or ends with it at a dot.
pub fn ends_with(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clusterings_have_three_parts() {
        let parts = ClusterMetric::parse("latent.kmeans.ari").unwrap();
        assert_eq!((parts.representation, parts.clusterer, parts.metric), ("latent", "kmeans", "ari"));
        let none =
            ["chance.ari", "train.val_recon", "classify.audio.accuracy", "collapse.r2"].map(ClusterMetric::parse);
        assert_eq!(none, [None; 4]);
    }

    #[test]
    fn latents_come_first_and_ari_before_silhouette() {
        let mut names = ["pca.kmeans.ari", "latent.kmeans.silhouette", "umap10.kmeans.ari", "latent.kmeans.ari"];
        names.sort_by_key(|name| ClusterMetric::parse(name).map(|parts| parts.order()));
        assert_eq!(names, ["latent.kmeans.ari", "latent.kmeans.silhouette", "pca.kmeans.ari", "umap10.kmeans.ari"]);
    }

    #[test]
    fn figures_that_need_no_labels_are_known() {
        assert!(is_label_free("latent.kmeans.silhouette") && is_label_free("train.loss"));
        assert!(!is_label_free("latent.kmeans.ari") && !is_label_free("chance.ari"));
    }

    #[test]
    fn endings_are_cut_at_dots_and_stay_unique() {
        let all = ["model.beta_vae.beta", "train.batch", "split.batch"];
        assert_eq!(shortest("model.beta_vae.beta", &all), "beta");
        assert_eq!(shortest("train.batch", &all), "train.batch");
        assert!(ends_with("model.beta_vae.beta", "beta_vae.beta") && !ends_with("model.beta_vae.beta", "eta"));
    }
}
