//! An override gives what the same line of the file gives, and a wrong one is shown where it was typed.

use super::*;
use crate::experiment::check::toy::{Toy, VALID, document};

fn laid_over(file: &str, overrides: &[&str]) -> Result<Toy, Vec<String>> {
    let mut document = document(file);
    let set = |text: &&str| Assignment::parse(text).and_then(|assignment| document.set(&assignment)).err();
    let mut refused: Vec<Problem> = overrides.iter().filter_map(set).collect();
    document.load().map_err(|problems| {
        refused.extend(problems);
        refused.iter().map(Problem::to_string).collect()
    })
}

#[test]
fn an_override_gives_what_the_same_line_of_the_file_gives() {
    let pairs = [
        ("beta = 4.0", "beta = 8", "model.beta_vae.beta=8"),
        ("k = 10", "k = \"classes\"", "cluster.0.algorithm.kmeans.k=classes"),
        ("seed = 7", "seeds = [1, 2]", "seeds=[1,2]"),
        ("[train]", "[train]\npatience = 3", "train.patience = 3"),
        (
            "[train]",
            "[palette]\ncolours = [\"a\", \"b\"]\nweights = {}\n[train]",
            "palette={colours=['a','b'], weights={}}",
        ),
        ("\"cpu\"", "{ cuda = { index = 1 } }", "train.device.cuda.index=1"),
        ("\"toy\"", "\"a b = c\"", "name=a b = c"),
        ("{ k = 10 }", "{ k = 4 }", "\"cluster\".0.'algorithm'.kmeans.k=0x4"),
        ("perplexity = 30", "perplexity = 5", "project.tsne.perplexity=5"),
        ("[train]", "[project.mine]\ntsne.perplexity = 5\n[train]", "project.mine.tsne.perplexity=5"),
    ];
    for (line, replaced, text) in pairs {
        assert!(VALID.contains(line), "{line}");
        let expected: Toy = document(&VALID.replacen(line, replaced, 1)).load().unwrap();
        assert_eq!(laid_over(VALID, &[text]).unwrap(), expected, "{text}");
    }
}

#[test]
fn naming_another_kind_replaces_the_kind() {
    let file = VALID.replacen("beta = 4.0\n", "", 1).replacen("beta_vae", "vae", 1);
    let expected: Toy =
        document(&file.replacen("16", "8", 1).replacen("backbone.mlp = { hidden = [256, 128] }", "", 1))
            .load()
            .unwrap();
    assert_eq!(laid_over(VALID, &["model.vae.latent_dim=8"]).unwrap(), expected);
    assert_eq!(laid_over(VALID, &["model.autoencoder={}", "model.vae.latent_dim=8"]).unwrap(), expected);
}

#[test]
fn a_wrong_override_is_shown_on_the_command_line() {
    let told = |text| laid_over(VALID, &[text]).unwrap_err();
    assert_eq!(
        told("model.beta_vae.beta=eight"),
        ["command line:1:21: expected a number, found a string; `beta`: Weight of the KL term."]
    );
    assert_eq!(
        told("model.beta_va.beta=8"),
        ["command line:1:7: unknown kind `beta_va`; did you mean `beta_vae`? valid: `autoencoder`, `beta_vae`, `vae`"]
    );
    assert_eq!(told("train.stps=8"), ["command line:1:7: unknown key `stps`; did you mean `steps`?"]);
    assert_eq!(
        told("name=7"),
        ["command line:1:6: expected a string, found a whole number; quotes that the shell leaves: name='\"7\"'"]
    );
    assert_eq!(
        told("split=[0.5,"),
        ["command line:1:7: expected a list, found a string; this is not TOML, so it was taken as a string"]
    );
    assert_eq!(
        told("dataset.folder={}"),
        ["command line:1:16: missing key `root`; `root`: The folder that holds one folder a genre."]
    );
}

#[test]
fn an_index_behind_the_end_names_the_length() {
    let refused = |text| document(VALID).set(&Assignment::parse(text).unwrap()).unwrap_err().to_string();
    let two = "in this list of 2 items; items are numbered from 0 to 1";
    assert_eq!(refused("cluster.2.name=x"), format!("command line:1:9: there is no item `2` {two}"));
    assert_eq!(refused("cluster.first.name=x"), format!("command line:1:9: there is no item `first` {two}"));
    let none = document("name = \"x\"").set(&Assignment::parse("cluster.0.name=x").unwrap()).unwrap_err().to_string();
    assert_eq!(none, "command line:1:9: there is no item `0` in this list of 0 items; the file has none");
}

#[test]
fn what_is_no_override_is_refused() {
    let refused = |text: &str| Assignment::parse(text).unwrap_err().message;
    assert_eq!(&*refused("train.steps"), "no `=` in this override");
    for text in ["=3", "a..b=3", "a b=3", "a=3\n[b]\nc=4", &format!("{}x=1", "a.".repeat(100_000))] {
        let kept = Assignment::parse(text).map(|assignment| (assignment.key(), assignment.written().to_owned()));
        assert!(kept.is_err() || kept == Ok(("a".to_owned(), "3\n[b]\nc=4".to_owned())), "{text}");
    }
}
