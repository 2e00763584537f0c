//! `metrics.json`: every number by name, with intervals, cards, and what must be known to believe it.

use super::{Ran, cards, separation};
use crate::artifact::{
    Card, Diagnosis, HistoryRow, Modality, NOISE, Prediction, Refinement, Score, Scores, Separation, Side, Verdict,
    Weights,
};
use crate::engine::{Artifact, End, Failure, Handle};
use crate::experiment::pipeline::Clustering;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Raised when a reader of the old layout would misread the new one.
const SCHEMA_VERSION: u64 = 1;

/// All that goes into `metrics.json`.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    pub metrics: BTreeMap<String, Option<f64>>,
    pub intervals: BTreeMap<String, [f64; 2]>,
    pub cards: BTreeMap<String, Card>,
    pub nonfinite: BTreeMap<String, String>,
    pub warnings: Vec<String>,
    pub verdict: Option<String>,
    pub diagnosis: Option<Arc<Diagnosis>>,
    /// In place of the diagnosis, where nothing is decoded.
    pub separation: Option<Arc<Separation>>,
    pub dataset: Value,
}

/// Reads every number of the member's results.
pub(super) fn collect(ran: &Ran) -> Result<Numbers, Failure> {
    let mut numbers = Numbers { dataset: dataset(ran)?, ..Numbers::default() };
    for clustering in &ran.outline.clusterings {
        numbers.scores(&clustering.full_name(), ran.walk.get(&clustering.scores)?.as_ref());
        numbers.noise(ran, clustering)?;
    }
    for luck in &ran.outline.chance {
        numbers.scores(&luck.prefix, ran.walk.get(&luck.scores)?.as_ref());
    }
    for (prefix, scores) in &ran.outline.further {
        numbers.scores(prefix, ran.walk.get(scores)?.as_ref());
    }
    for (prefix, found) in &ran.outline.searches {
        numbers.scores(prefix, &ran.walk.get(found)?.scores);
    }
    for learned in &ran.outline.learned {
        let mut own = Numbers::default();
        let weights = ran.walk.get(&learned.weights)?;
        own.training(&weights);
        weights.refinement.iter().for_each(|refinement| own.refinement(refinement));
        if let Some(prediction) = &learned.prediction {
            own.prediction(ran.walk.get(prediction)?.as_ref());
        }
        if let Some(diagnosis) = &learned.diagnosis {
            own.diagnosis(ran.walk.get(diagnosis)?);
        }
        if let Some(separation) = &learned.separation {
            separation::tell(&mut own, ran.walk.get(separation)?);
        }
        numbers.take(own, learned.of.map(Modality::word));
    }
    numbers.cards.extend(cards::of(numbers.metrics.keys(), numbers.diagnosis.as_deref()));
    numbers.copies();
    numbers.data_warnings(ran);
    Ok(numbers)
}

/// One term of the objective in a row of the history.
type Part = fn(&HistoryRow) -> Option<f64>;

impl Numbers {
    pub(super) fn put(&mut self, name: String, value: f64) {
        if !value.is_finite() {
            self.nonfinite.insert(name.clone(), value.to_string());
        }
        self.metrics.insert(name, Some(value).filter(|value| value.is_finite()));
    }

    /// Takes in the numbers of one model; where there are several they are told apart (`train.text.loss`), and the least
    /// healthy is what is said of all.
    fn take(&mut self, own: Numbers, of: Option<&str>) {
        let named = |name: String| of.map_or_else(|| name.clone(), |of| name.replacen('.', &format!(".{of}."), 1));
        let told = |warning: String| of.map_or_else(|| warning.clone(), |of| format!("{of}: {warning}"));
        self.metrics.extend(own.metrics.into_iter().map(|(name, value)| (named(name), value)));
        self.nonfinite.extend(own.nonfinite.into_iter().map(|(name, why)| (named(name), why)));
        self.cards.extend(own.cards.into_iter().map(|(name, card)| (named(name), card)));
        self.warnings.extend(own.warnings.into_iter().map(told));
        if own.separation.is_some() {
            (self.verdict, self.separation) = (own.verdict, own.separation);
            return;
        }
        let health = |diagnosis: &Option<Arc<Diagnosis>>| diagnosis.as_ref().map(|diagnosis| diagnosis.verdict);
        if health(&own.diagnosis) >= health(&self.diagnosis) {
            (self.verdict, self.diagnosis) = (own.verdict, own.diagnosis);
        }
    }

    fn scores(&mut self, prefix: &str, scores: &Scores) {
        for (metric, Score { value, interval, undefined, card }) in &scores.0 {
            let name = format!("{prefix}.{metric}");
            match value {
                Some(value) => self.put(name.clone(), *value),
                None => {
                    self.metrics.insert(name.clone(), None);
                    self.nonfinite.extend(undefined.clone().map(|why| (name.clone(), why)));
                }
            }
            if let Some(interval) = interval.filter(|interval| interval.iter().all(|bound| bound.is_finite())) {
                self.intervals.insert(name.clone(), interval);
            }
            self.cards.insert(name, card.clone());
        }
    }

    /// Says which setting is to blame where a clusterer left out every track.
    fn noise(&mut self, ran: &Ran, clustering: &Clustering) -> Result<(), Failure> {
        if ran.walk.get(&clustering.assignment)?.labels.iter().any(|label| *label != NOISE) {
            return Ok(());
        }
        let clusters = &ran.of.experiment.cluster;
        let asked = clusters.iter().enumerate().find(|(_, cluster)| cluster.name() == clustering.name);
        let remedy = asked.and_then(|(at, cluster)| {
            let algorithm = &cluster.algorithm;
            Some(format!(": in cluster.{at}.algorithm.{}, {}", algorithm.name(), algorithm.against_noise()?))
        });
        let (name, remedy) = (clustering.full_name(), remedy.unwrap_or_default());
        self.warnings.push(format!("{name}: every track is noise, so most of its metrics are not defined{remedy}"));
        Ok(())
    }

    fn training(&mut self, weights: &Weights) {
        // Not every record has every part.
        let best = |side: Side, of: Part| {
            let of_side = weights.history.iter().filter(|row| row.split == side);
            let known = of_side.filter_map(|row| Some((row.step.abs_diff(weights.best_step), of(row)?)));
            known.min_by_key(|(away, _)| *away).map(|(_, value)| value)
        };
        let parts: [(&str, Part); 6] = [
            ("loss", |row| Some(row.loss)),
            ("recon", |row| row.recon),
            ("kl", |row| row.kl),
            ("normalised_loss", |row| row.normalised_loss),
            ("knn", |row| row.knn),
            ("probe", |row| row.probe),
        ];
        for (side, prefix) in [(Side::Train, "train."), (Side::Val, "train.val_")] {
            for (part, of) in parts {
                if let Some(value) = best(side, of) {
                    self.put(format!("{prefix}{part}"), value);
                }
            }
        }
        self.put("train.best_step".to_owned(), weights.best_step as f64);
        self.put("train.last_step".to_owned(), weights.last_step as f64);
        self.put("train.skipped_steps".to_owned(), weights.skipped_steps as f64);
        if weights.still_falling {
            self.warnings.push("the held-out loss was still falling when training ended: raise train.steps".to_owned());
        }
        if weights.skipped_steps > 0 {
            self.warnings.push(format!(
                "{} training steps had no finite loss or gradient and were left out: lower train.learning_rate",
                weights.skipped_steps
            ));
        }
    }

    fn refinement(&mut self, refinement: &Refinement) {
        self.warnings.extend(refinement.left_alone.clone());
        let (first, last) = (refinement.history.first(), refinement.history.last());
        self.put("refine.steps".to_owned(), last.map_or(0.0, |row| row.step as f64));
        self.put_known([
            ("refine.val_mse_before", first.and_then(|row| row.val_mse)),
            ("refine.val_mse", last.and_then(|row| row.val_mse)),
            ("refine.val_sharpness_before", first.and_then(|row| row.val_sharpness)),
            ("refine.val_sharpness", last.and_then(|row| row.val_sharpness)),
            ("refine.told_apart", last.and_then(|row| row.told_apart)),
        ]);
        if refinement.skipped_steps > 0 {
            self.warnings.push(format!(
                "{} steps of the refinement had no finite loss or gradient and were left out: lower adversarial.learning_rate",
                refinement.skipped_steps
            ));
        }
    }

    pub(super) fn put_known(&mut self, values: impl IntoIterator<Item = (&'static str, Option<f64>)>) {
        let known = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        known.for_each(|(name, value)| self.put(name.to_owned(), value));
    }

    fn prediction(&mut self, prediction: &Prediction) {
        let surviving = prediction.surviving.map(|dims| dims as f64);
        self.put_known([("collapse.predicted_dims", surviving), ("collapse.pca_r2", prediction.pca_r2)]);
        let warnings = prediction.warnings.iter().map(|warning| format!("collapse was to be feared: {warning}"));
        self.warnings.extend(warnings);
    }

    fn diagnosis(&mut self, diagnosis: Arc<Diagnosis>) {
        self.put_known([
            ("collapse.active_units", Some(diagnosis.active_units as f64)),
            ("collapse.kl_dims", diagnosis.kl_dims.map(|dims| dims as f64)),
            ("collapse.total_kl", diagnosis.total_kl),
            ("collapse.mutual_information", diagnosis.mutual_information),
            ("collapse.condition_gap", diagnosis.condition_gap),
            ("collapse.codes_used", diagnosis.codes_used.map(|codes| codes as f64)),
            ("collapse.perplexity", diagnosis.perplexity),
        ]);
        let always =
            [("r2", diagnosis.r2), ("shuffle_gap", diagnosis.shuffle_gap), ("sample_spread", diagnosis.sample_spread)];
        always.into_iter().for_each(|(name, value)| self.put(format!("collapse.{name}"), value));
        self.verdict = Some(diagnosis.verdict.word().to_owned());
        if !diagnosis.reasons.is_empty() {
            let (reasons, remedies) = (diagnosis.reasons.join("; "), diagnosis.remedies.join("; "));
            let verdict = diagnosis.verdict.word();
            self.warnings.push(match diagnosis.verdict {
                Verdict::Healthy => format!("the latent space looks healthy, but {reasons}. Remedy: {remedies}"),
                _ => format!("the latent space is {verdict}: {reasons}. Remedy: {remedies}"),
            });
        }
        self.diagnosis = Some(diagnosis);
    }

    /// Says so where something was learned by heart.
    fn copies(&mut self) {
        let copies = self.metrics.get("generate.copies").copied().flatten().unwrap_or(0.0);
        if copies > 0.0 {
            self.warnings.push(format!(
                "{copies} generated clips are nearer to a training clip than two training clips are to each other: they may be copies. Remedy: generate.codes = \"fitted\", fewer train.steps, or more tracks"
            ));
        }
    }

    fn data_warnings(&mut self, ran: &Ran) {
        if let Some(root) = &ran.survey.stands_in_for {
            self.warnings.push(format!(
                "{} was not there: these are numbers of the built-in synthetic set and say nothing about real music",
                root.display()
            ));
        }
        self.warnings.extend(ran.walk.get(&ran.outline.corpus).iter().flat_map(|corpus| corpus.warnings.clone()));
        let (used, total) = (self.dataset["n_used"].as_u64(), self.dataset["n_total"].as_u64());
        if used != total {
            self.warnings.push(format!(
                "{} of {} tracks are used; artifacts/skipped.csv lists the others with reasons",
                used.unwrap_or(0),
                total.unwrap_or(0)
            ));
        }
    }

    /// The content of `metrics.json`.
    pub fn json(&self, ran: &Ran, run_id: &str) -> Value {
        let separated = self.separation.as_ref().map(|separation| separation::json(separation));
        json!({
            "schema_version": SCHEMA_VERSION,
            "experiment": ran.of.name,
            "run_id": run_id,
            "seed": ran.of.seed,
            "dataset": self.dataset,
            "collapse": self.diagnosis.as_ref().map(|diagnosis| collapse(diagnosis)).or(separated),
            "metrics": self.metrics,
            "intervals": self.intervals,
            "cards": self.cards,
            "nonfinite": self.nonfinite,
            "warnings": self.warnings,
        })
    }
}

fn collapse(diagnosis: &Diagnosis) -> Value {
    json!({ "verdict": diagnosis.verdict, "reasons": diagnosis.reasons, "remedies": diagnosis.remedies, "rows": diagnosis.rows, "latent_dim": diagnosis.latent_dim, "kl_per_dim": diagnosis.kl_per_dim })
}

fn dataset(ran: &Ran) -> Result<Value, Failure> {
    let (corpus, shown) = (ran.walk.get(&ran.outline.corpus)?, ran.walk.get(&ran.outline.shown.points)?);
    let mut fields = Map::new();
    fields.insert("kind".to_owned(), json!(ran.survey.source.name()));
    fields.insert("digest".to_owned(), json!(digest(ran, &ran.outline.corpus)));
    fields.insert("synthetic".to_owned(), json!(corpus.synthetic));
    fields.insert(
        "stands_in_for".to_owned(),
        json!(ran.survey.stands_in_for.as_ref().map(|root| root.display().to_string())),
    );
    fields.insert("n_total".to_owned(), json!(corpus.n_total()));
    fields.insert("n_used".to_owned(), json!(shown.tracks.len()));
    fields.insert("n_classes".to_owned(), json!(corpus.classes()));
    fields.insert("n_groups".to_owned(), json!(corpus.groups()));
    Ok(Value::Object(fields))
}

fn digest<T: Artifact>(ran: &Ran, handle: &Handle<T>) -> Option<String> {
    match ran.walk.ended(ran.plan.place(handle.key())) {
        Some(End::Done { entry, .. }) => Some(entry.digest().hex()),
        _ => None,
    }
}
