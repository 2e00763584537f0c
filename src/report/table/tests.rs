//! Folding, sorting, choosing and printing rows.

use super::*;
use crate::engine::Key;
use crate::report::runs::Setting;

/// A run of a model with that β and seed; `number` orders runs in time.
fn run(number: i64, beta: f64, seed: u64, ari: f64) -> Run {
    let metrics = [("latent.kmeans.ari", ari), ("latent.kmeans.silhouette", 0.1), ("raw.kmeans.ari", 0.2)];
    Run {
        id: format!("run{number:04}"),
        folder: format!("runs/run{number:04}").into(),
        experiment: "sweep".to_owned(),
        seed,
        digest: Key::of_bytes(&beta.to_le_bytes()),
        started: jiff::Timestamp::from_second(number).unwrap(),
        settings: BTreeMap::from([
            ("model.beta_vae.beta".to_owned(), Setting::Number(beta)),
            ("model.beta_vae.latent_dim".to_owned(), Setting::Number(16.0)),
            ("train.batch".to_owned(), Setting::Number(64.0)),
        ]),
        metrics: metrics.into_iter().map(|(name, value)| (name.to_owned(), Some(value))).collect(),
        intervals: BTreeMap::from([("latent.kmeans.ari".to_owned(), [ari - 0.05, ari + 0.05])]),
        verdict: Some("healthy".to_owned()),
    }
}

/// β 1, 4 and 10 with three seeds each.
fn sweep() -> Vec<Run> {
    let each = |(at, beta): (i64, f64)| {
        (0..3).map(move |seed| run(at * 3 + seed, beta, seed as u64, 0.1 * at as f64 + 0.01 * seed as f64))
    };
    [(2, 10.0), (0, 1.0), (1, 4.0)].into_iter().flat_map(each).collect()
}

fn asked(sort: &[&str], conditions: &[&str], columns: &[&str], group_by: &[&str]) -> Request {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    Request {
        sort: owned(sort),
        conditions: owned(conditions),
        columns: owned(columns),
        group_by: GroupBy::parse(&owned(group_by)),
        pareto: Vec::new(),
    }
}

fn betas(table: &Table) -> Vec<String> {
    table.rows.iter().map(|row| row.settings["model.beta_vae.beta"].to_string()).collect()
}

#[test]
fn seeds_are_folded_to_mean_std_and_t_interval() {
    let table = Table::of(sweep(), &Request::default()).unwrap();
    assert_eq!(table.rows.len(), 3);
    let summary = table.rows[1].metrics["latent.kmeans.ari"];
    assert!((summary.mean - 0.11).abs() < 1e-12 && (summary.std.unwrap() - 0.01).abs() < 1e-12 && summary.n == 3);
    // t(2) = 4.3027; 4.3027 * 0.01 / sqrt(3) = 0.02484
    let [low, high] = summary.interval.unwrap();
    assert!((low - 0.085_159).abs() < 1e-5 && (high - 0.134_841).abs() < 1e-5, "{low} {high}");
}

#[test]
fn only_columns_that_differ_and_the_figures_that_matter_are_shown() {
    let table = Table::of(sweep(), &Request::default()).unwrap();
    let names: Vec<&str> = table.columns.iter().map(Column::name).collect();
    let figures = ["latent.kmeans.ari", "raw.kmeans.ari", "latent.kmeans.silhouette"];
    assert_eq!(names, [&["experiment", "model.beta_vae.beta", "collapse"][..], &figures[..]].concat());
}

#[test]
fn rows_are_sorted_by_what_differs_unless_asked_otherwise() {
    assert_eq!(betas(&Table::of(sweep(), &Request::default()).unwrap()), ["1", "4", "10"]);
    assert_eq!(betas(&Table::of(sweep(), &asked(&["-ari"], &[], &[], &[])).unwrap()), ["10", "4", "1"]);
    assert_eq!(betas(&Table::of(sweep(), &asked(&["batch", "-beta"], &[], &[], &[])).unwrap()), ["10", "4", "1"]);
}

#[test]
fn conditions_choose_rows() {
    let rows = |conditions: &[&str]| betas(&Table::of(sweep(), &asked(&[], conditions, &[], &[])).unwrap());
    assert_eq!(rows(&["beta>=4"]), ["4", "10"]);
    assert_eq!(rows(&["beta>1", "ari<0.2"]), ["4"]);
    assert_eq!(rows(&["experiment=swe*", "beta!=4"]), ["1", "10"]);
    assert!(rows(&["beta=3"]).is_empty());
}

#[test]
fn figures_are_compared_after_folding_so_that_no_seed_is_picked_by_its_result() {
    // β 4 has 0.10, 0.11, 0.12: one seed is above 0.115, the mean is not.
    let table = Table::of(sweep(), &asked(&[], &["ari>0.115", "beta=4"], &[], &[])).unwrap();
    assert!(table.rows.is_empty());
}

#[test]
fn the_newest_run_of_a_digest_and_seed_counts() {
    let runs = vec![run(1, 1.0, 7, 0.1), run(3, 1.0, 7, 0.3), run(2, 1.0, 7, 0.2)];
    let table = Table::of(runs, &Request::default()).unwrap();
    assert_eq!((table.rows.len(), &table.rows[0].ids[..]), (1, &["run0003".to_owned()][..]));
}

#[test]
fn a_single_run_keeps_its_bootstrap_interval() {
    let table = Table::of(vec![run(1, 1.0, 7, 0.3)], &Request::default()).unwrap();
    let summary = table.rows[0].metrics["latent.kmeans.ari"];
    assert_eq!((summary.std, summary.n, summary.interval), (None, 1, Some([0.25, 0.35])));
}

#[test]
fn a_figure_that_some_seeds_lack_counts_those_that_have_it() {
    let mut runs = sweep();
    runs.iter_mut()
        .filter(|run| run.seed == 0)
        .for_each(|run| *run.metrics.get_mut("latent.kmeans.ari").unwrap() = None);
    let table = Table::of(runs, &Request::default()).unwrap();
    assert_eq!(table.rows[0].metrics["latent.kmeans.ari"].n, 2);
    assert_eq!(table.rows[0].metrics["raw.kmeans.ari"].n, 3);
}

#[test]
fn other_data_is_never_folded() {
    let mut runs = vec![run(1, 1.0, 1, 0.1), run(2, 1.0, 2, 0.2)];
    runs[0].settings.insert("data.digest".to_owned(), Setting::Text("a".to_owned()));
    runs[1].settings.insert("data.digest".to_owned(), Setting::Text("b".to_owned()));
    assert_eq!(Table::of(runs, &Request::default()).unwrap().rows.len(), 2);
}

#[test]
fn groups_may_be_asked_for() {
    let rows = |group_by: &[&str]| Table::of(sweep(), &asked(&[], &[], &[], group_by)).unwrap().rows.len();
    assert_eq!(
        [rows(&["none"]), rows(&["seed"]), rows(&["!beta"]), rows(&["beta"]), rows(&["experiment"])],
        [9, 3, 1, 3, 1]
    );
}

#[test]
fn columns_are_asked_for_by_name_ending_and_pattern() {
    let table = Table::of(sweep(), &asked(&[], &[], &["id", "beta", "*.kmeans.ari"], &["none"])).unwrap();
    let names: Vec<&str> = table.columns.iter().map(Column::name).collect();
    assert_eq!(names, ["id", "model.beta_vae.beta", "latent.kmeans.ari", "raw.kmeans.ari"]);
}

#[test]
fn settings_of_the_same_name_in_different_kinds_share_a_name() {
    let mut runs = sweep();
    for run in runs.iter_mut().filter(|run| run.seed == 0) {
        let beta = run.settings.remove("model.beta_vae.beta").unwrap();
        run.settings.insert("model.cvae.beta".to_owned(), beta);
    }
    let table = Table::of(runs, &asked(&[], &["beta>=4"], &["beta"], &["none"])).unwrap();
    assert_eq!((table.rows.len(), table.columns[0].name()), (6, "beta"));
}

/// The names of the setting columns of runs of which the first three have other settings.
fn setting_columns(change: impl Fn(&mut BTreeMap<String, Setting>)) -> Vec<String> {
    let mut runs: Vec<Run> = (0..6).map(|number| run(number, 1.0, number as u64, 0.1)).collect();
    runs.iter_mut().take(3).for_each(|run| change(&mut run.settings));
    let table = Table::of(runs, &asked(&[], &[], &[], &["none"])).unwrap();
    table.columns.iter().filter(|column| matches!(column, Column::Setting(_))).map(|c| c.name().to_owned()).collect()
}

#[test]
fn a_setting_that_only_some_runs_have_is_a_column() {
    let one = |settings: &mut BTreeMap<String, Setting>| {
        drop(settings.insert("train.patience".to_owned(), Setting::Number(5.0)))
    };
    assert_eq!(setting_columns(one), ["train.patience"]);
}

#[test]
fn of_a_table_that_only_some_runs_have_one_setting_is_a_column() {
    let table = |settings: &mut BTreeMap<String, Setting>| {
        settings.insert("split.seed".to_owned(), Setting::Number(3.0));
    };
    assert_eq!(setting_columns(table), Vec::<String>::new(), "what comes with a model is told by the model");
    let deep = |settings: &mut BTreeMap<String, Setting>| {
        settings.insert("train.rate.top".to_owned(), Setting::Number(1.0));
        settings.insert("train.rate.least".to_owned(), Setting::Number(0.0));
    };
    assert_eq!(setting_columns(deep), ["train.rate.least"]);
}

#[test]
fn settings_of_kinds_in_place_of_each_other_share_a_column_where_they_differ() {
    let other_kind = |dims: f64| {
        move |settings: &mut BTreeMap<String, Setting>| {
            settings.retain(|path, _| !path.starts_with("model."));
            settings.insert("model.vae.latent_dim".to_owned(), Setting::Number(dims));
        }
    };
    assert_eq!(setting_columns(other_kind(16.0)), Vec::<String>::new());
    assert_eq!(setting_columns(other_kind(8.0)), ["latent_dim"]);
}

#[test]
fn choosing_by_labels_is_called_oracle() {
    let oracle = |sort: &[&str], conditions: &[&str]| Table::of(sweep(), &asked(sort, conditions, &[], &[])).unwrap();
    assert!(oracle(&["-silhouette", "beta"], &["beta>1"]).oracle.is_empty());
    let table = oracle(&["-ari"], &["raw.kmeans.ari>0.1", "ari>0"]);
    assert_eq!(table.oracle, ["latent.kmeans.ari", "raw.kmeans.ari"]);
    assert!(
        markdown(&table).contains("\noracle: sorted or chosen by latent.kmeans.ari, raw.kmeans.ari"),
        "{}",
        markdown(&table)
    );
    assert_eq!(json(&table)["oracle"][0], "latent.kmeans.ari");
    assert!(!terminal(&oracle(&[], &[]), None).contains("oracle"));
}

#[test]
fn names_that_mean_nothing_or_too_much_are_told() {
    let error = |sort: &str| Table::of(sweep(), &asked(&[sort], &[], &[], &[])).unwrap_err().to_string();
    assert!(error("beat").contains("did you mean `model.beta_vae.beta`"));
    assert!(error("*").contains("write more of it"));
    let condition = Table::of(sweep(), &asked(&[], &["beta"], &[], &[])).unwrap_err();
    assert_eq!(condition, TableError::NoCondition("beta".to_owned()));
}

#[test]
fn the_table_is_written_for_people_and_programs() {
    let table = Table::of(sweep(), &Request::default()).unwrap();
    let markdown = markdown(&table);
    assert!(markdown.starts_with("| experiment | beta | collapse | latent.kmeans.ari | raw.kmeans.ari | latent.kmeans.silhouette (label-free) |\n"), "{markdown}");
    assert!(markdown.contains("| sweep | 4 | healthy | 0.110 ± 0.010 (3) [0.085, 0.135] |"), "{markdown}");
    let csv = csv(&table);
    let mut lines = csv.lines();
    assert!(
        lines.next().unwrap().starts_with(
            "ids,seeds,n,experiment,model.beta_vae.beta,collapse,latent.kmeans.ari,latent.kmeans.ari_std,"
        )
    );
    assert!(lines.next().unwrap().starts_with("run0000 run0001 run0002,0 1 2,3,sweep,1,healthy,0.01,0.01,"), "{csv}");
    let json = json(&table);
    assert_eq!(
        (&json["rows"][1]["settings"]["model.beta_vae.beta"], json["rows"][1]["n"].as_u64()),
        (&4.0.into(), Some(3))
    );
    assert_eq!(json["uses_labels"]["latent.kmeans.silhouette"], false);
}

#[test]
fn a_terminal_shows_label_free_figures_as_such() {
    let table = Table::of(sweep(), &Request::default()).unwrap();
    let drawn = terminal(&table, Some(100));
    assert!(
        drawn.contains("(label-free)") && drawn.contains("0.110 ± 0.010 (3)") && drawn.contains("[0.085, 0.135]"),
        "{drawn}"
    );
    assert!(
        drawn.lines().take_while(|line| !line.starts_with("mean")).all(|line| line.chars().count() <= 100),
        "{drawn}"
    );
}

#[test]
fn the_front_keeps_the_best_compromises_and_says_that_it_has_seen_labels() {
    let front = |keys: &[&str]| {
        let pareto = keys.iter().map(|key| (*key).to_owned()).collect();
        Table::of(sweep(), &Request { pareto, ..Request::default() }).unwrap()
    };
    assert_eq!(betas(&front(&["-ari"])), ["10"]);
    assert_eq!(betas(&front(&["-ari", "beta"])), ["1", "4", "10"]);
    assert_eq!(betas(&front(&["ari", "beta"])), ["1"]);
    assert_eq!(front(&["-ari"]).oracle, ["latent.kmeans.ari"]);
}

#[test]
fn latex_is_a_table_of_rows_with_as_many_cells_as_columns() {
    let table = Table::of(sweep(), &Request::default()).unwrap();
    let text = latex(&table);
    let rows: Vec<&str> = text.lines().filter(|line| line.ends_with("\\\\")).collect();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.matches(" & ").count() == table.columns.len() - 1), "{text}");
    assert!(text.contains("\\begin{tabular}{lllrrr}"), "{text}");
}
