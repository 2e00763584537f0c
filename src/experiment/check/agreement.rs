//! The walk and serde must agree: what serde reads and the ranges allow has no finding, and all else has one.

use std::sync::LazyLock;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use toml::de::DeTable;
use toml::{Table, Value};

use super::check;
use super::toy::{Algorithm, Backbone, Cluster, Count, Dataset, Model, Space, Toy, VALID};
use crate::experiment::schema::Schema;

/// Does the file hold values that their types take but their ranges do not? Written by hand, apart from the schema.
fn in_range(toy: &Toy) -> bool {
    let width = match &toy.model {
        Model::Autoencoder(vae) | Model::Vae(vae) => vae.latent_dim,
        Model::BetaVae(beta_vae) => beta_vae.latent_dim,
    };
    let beta = if let Model::BetaVae(model) = &toy.model { model.beta } else { 1.0 };
    let tracks = if let Dataset::Synth(synth) = &toy.dataset { synth.tracks_per_genre } else { 1 };
    let rate = toy.train.learning_rate;
    let one_seed =
        !(toy.seed.is_some() && toy.seeds.is_some()) && toy.seeds.as_ref().is_none_or(|seeds| !seeds.is_empty());
    let floats = toy.split.is_none_or(|(train, test)| train.is_finite() && test.is_finite());
    (1..=4096).contains(&width)
        && (0.0..f64::INFINITY).contains(&beta)
        && (1..=10_000).contains(&tracks)
        && (rate > 0.0 && rate <= 1.0)
        && one_seed
        && floats
        && toy.cluster.iter().all(cluster_in_range)
        && toy
            .project
            .0
            .values()
            .all(|space| !matches!(space, Space::Tsne(tsne) if !(1.0..=1000.0).contains(&tsne.perplexity)))
}

fn cluster_in_range(cluster: &Cluster) -> bool {
    let (count, floor) = match &cluster.algorithm {
        Algorithm::Kmeans(kmeans) => (&kmeans.k, 0.0),
        Algorithm::Gmm(gmm) => (&gmm.k, gmm.floor),
    };
    *count != Count::Fixed(0) && floor.is_finite() && cluster.name.as_ref().is_none_or(|name| !name.is_empty())
}

/// One change of a file. `place` chooses where, among all keys of all tables.
#[derive(Clone, Debug)]
enum Change {
    Remove,
    Rename(&'static str),
    Beside(&'static str, Value),
    Value(Value),
}

fn changes() -> impl Strategy<Value = Change> {
    const NAMES: &[&str] = &[
        "steps", "k", "vae", "beta_vae", "kmeans", "gmm", "mlp", "conv", "beta", "root", "seeds", "tsne", "pca", "own",
        "norm", "cuda",
    ];
    let name = proptest::sample::select(NAMES);
    prop_oneof![
        Just(Change::Remove),
        name.clone().prop_map(Change::Rename),
        (name, values()).prop_map(|(name, value)| Change::Beside(name, value)),
        values().prop_map(Change::Value),
    ]
}

/// Values of every type, right for some place more often than by chance.
fn values() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &["audio", "ari", "cpu", "auto", "cuda", "classes", "synthesize", "kmeans", "", "7"];
    prop_oneof![
        proptest::sample::select(WORDS).prop_map(Value::from),
        proptest::sample::select(&[-1i64, 0, 1, 4, 255, 256, 1000, 4097, i64::MAX][..]).prop_map(Value::from),
        proptest::sample::select(&[-0.5, 0.0, 0.1, 1.0, 2.5, 1e-9, 1e39, f64::NAN, f64::INFINITY][..])
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Table(Table::new())),
    ]
}

/// Applies a change at the `place`-th key, counted over all tables; gives how many keys were passed.
fn change(table: &mut Table, place: usize, change_to: &Change) -> usize {
    let mut passed = 0;
    let keys: Vec<String> = table.keys().cloned().collect();
    for key in keys {
        if passed == place {
            apply(table, &key, change_to);
            return passed + 1;
        }
        passed += 1;
        let below = table.get_mut(&key).map_or(0, |value| inside(value, place - passed, change_to));
        passed += below;
        if passed > place {
            return passed;
        }
    }
    passed
}

fn inside(value: &mut Value, place: usize, change_to: &Change) -> usize {
    match value {
        Value::Table(table) => change(table, place, change_to),
        Value::Array(items) => {
            let mut passed = 0;
            for item in items {
                passed += if passed <= place { inside(item, place - passed, change_to) } else { 0 };
            }
            passed
        }
        _ => 0,
    }
}

fn apply(table: &mut Table, key: &str, change_to: &Change) {
    match change_to {
        Change::Remove => drop(table.remove(key)),
        Change::Rename(name) => {
            let value = table.remove(key).expect("the key is of this table");
            table.insert((*name).to_owned(), value);
        }
        Change::Beside(name, value) => drop(table.insert((*name).to_owned(), value.clone())),
        Change::Value(value) => drop(table.insert(key.to_owned(), value.clone())),
    }
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::of::<Toy>);

/// Whether there is a finding, and whether serde with the ranges refuses.
fn verdicts(text: &str) -> (bool, bool) {
    let table = DeTable::parse(text).expect("what toml wrote is TOML");
    let refused = !toml::from_str::<Toy>(text).is_ok_and(|toy| in_range(&toy));
    (!check(&SCHEMA, &table).is_empty(), refused)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_finding_where_and_only_where_the_file_is_refused(edits in proptest::collection::vec((0..40usize, changes()), 1..4)) {
        let mut file: Table = VALID.parse().expect("the valid file is TOML");
        edits.iter().for_each(|(place, edit)| _ = change(&mut file, *place, edit));
        let text = toml::to_string(&file).expect("a table is TOML");
        let (found, refused) = verdicts(&text);
        proptest::prop_assert_eq!(found, refused, "{}", text);
    }
}

#[test]
fn edits_reach_every_key_and_do_not_always_break() {
    let mut refused = 0;
    for place in 0..29 {
        let mut file: Table = VALID.parse().unwrap();
        change(&mut file, place, &Change::Remove);
        assert_ne!(
            toml::to_string(&file).unwrap(),
            toml::to_string(&VALID.parse::<Table>().unwrap()).unwrap(),
            "{place}"
        );
        refused += usize::from(verdicts(&toml::to_string(&file).unwrap()).1);
    }
    assert!((8..24).contains(&refused), "{refused}");
    assert!(
        matches!(toml::from_str::<Toy>(VALID).unwrap().model, Model::BetaVae(model) if matches!(model.backbone, Backbone::Mlp(_)))
    );
}
