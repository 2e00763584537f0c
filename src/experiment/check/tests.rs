//! Broken files and what is said of each, word for word.

use super::toy::{VALID, told};

/// What stands in the valid file, what is put in its place, and what is told: `line:column message | help`.
const ONE_MISTAKE: &[(&str, &str, &str)] = &[
    ("steps", "stps", "16:1 unknown key `stps` | did you mean `steps`?"),
    ("beta = 4.0", "BETA = 4.0", "12:1 unknown key `BETA` | did you mean `beta`?"),
    ("seed = 7", "beta = 7", "3:1 unknown key `beta` | `beta` belongs to [model.beta_vae]"),
    (
        "seed = 7",
        "k = 7",
        "3:1 unknown key `k` | `k` belongs to `algorithm.gmm` in [[cluster]] or `algorithm.kmeans` in [[cluster]]",
    ),
    ("name = \"mixture\"", "on = \"pca\"", "24:1 unknown key `on` | known here: `algorithm`, `name`"),
    ("beta_vae", "vae", "12:1 unknown key `beta` | `beta` belongs to [model.beta_vae]"),
    ("pca]", "pca]\nx = 1", "30:1 unknown key `x` | nothing is set here"),
    (
        "beta_vae",
        "betavae",
        "10:8 unknown kind `betavae` | did you mean `beta_vae`? valid: `autoencoder`, `beta_vae`, `vae`",
    ),
    ("beta_vae", "flow", "10:8 unknown kind `flow` | valid: `autoencoder`, `beta_vae`, `vae`"),
    ("kmeans", "kmean", "20:11 unknown kind `kmean` | did you mean `kmeans`? valid: `gmm`, `kmeans`"),
    ("\"cpu\"", "\"cdu\"", "17:10 unknown kind `cdu` | did you mean `cpu`? valid: `auto`, `cpu`, `cuda`"),
    (
        "\"audio\"",
        "\"adio\"",
        "2:12 unknown value `adio` | did you mean `audio`? valid: `audio`, `fusion`, `text`; `modality`: What is read.",
    ),
    ("\"nmi\"", "\"nim\"", "4:19 unknown value `nim` | did you mean `nmi`? valid: `ari`, `nmi`, `silhouette`"),
    ("k = 10", "k = \"clases\"", "20:26 unknown value `clases` | did you mean `classes`? valid: `classes`"),
    ("[train]", "[model.vae]\n[train]", "15:8 two kinds, `beta_vae` and `vae`, where one belongs | keep one"),
    (
        "[model.beta_vae]\nlatent_dim = 16",
        "[model]\nlatent_dim = 16\n[model.beta_vae]",
        "11:1 `latent_dim` stands beside its kind `beta_vae` | put it inside: `model.beta_vae.latent_dim`",
    ),
    (
        "algorithm.kmeans = { k = 10 }",
        "algorithm = { kmeans = { k = 10 }, on = 1 }",
        "20:36 `on` stands beside the kind `kmeans`, where nothing else belongs",
    ),
    (
        "algorithm.kmeans = { k = 10 }",
        "algorithm = \"kmeans\"",
        "20:13 the kind `kmeans` is a table, not a string | write `algorithm.kmeans = {}`",
    ),
    ("algorithm.kmeans = { k = 10 }", "algorithm = {}", "20:13 expected a kind (one of `gmm`, `kmeans`), found none"),
    ("\"cpu\"", "{ cpu = { index = 1 } }", "17:18 the kind `cpu` has no settings | write \"cpu\""),
    ("4.0", "\"eight\"", "12:8 expected a number, found a string | `beta`: Weight of the KL term."),
    ("4.0", "\"4.0\"", "12:8 expected a number, found a string | without quotes: 4.0; `beta`: Weight of the KL term."),
    (
        "3000",
        "3000.0",
        "16:9 expected a whole number, found a decimal number | without the point: 3000; `steps`: Optimiser steps.",
    ),
    ("\"toy\"", "7", "1:8 expected a string, found a whole number | in quotes: \"7\""),
    ("\"toy\"", "2024-01-01", "1:8 expected a string, found a date or time"),
    ("\"cpu\"", "true", "17:10 expected a kind (one of `auto`, `cpu`, `cuda`), found true or false"),
    ("[256, 128]", "256", "13:27 expected a list, found a whole number | in brackets: [...]"),
    ("k = 10", "k = [3]", "20:26 expected a whole number or \"classes\", found a list"),
    ("[train]\nsteps = 3000\ndevice = \"cpu\"", "", "10:1 right"),
    ("mlp = { hidden = [256, 128] }", "mlp = []", "13:16 expected a table, found a list"),
    ("k = 10", "k = 0", "20:26 0 is out of range: at least 1"),
    ("256", "0", "13:28 0 is out of range: at least 1"),
    ("16", "5000", "11:14 5000 is out of range: from 1 to 4096 | `latent_dim`: Width of the latent space."),
    ("3000", "-1", "16:9 -1 is out of range: at least 0 | `steps`: Optimiser steps."),
    (
        "seed = 7",
        "seed = 99999999999999999999",
        "3:8 99999999999999999999 is out of range: at most 18446744073709551615",
    ),
    (
        "[train]",
        "[train]\nlearning_rate = 0",
        "16:17 0 is out of range: above 0 and at most 1 | `learning_rate`: Step size of the optimiser.",
    ),
    ("[train]", "[train]\npatience = 256", "16:12 256 is out of range: from 0 to 255"),
    ("4.0", "inf", "12:8 expected a finite number, found inf | `beta`: Weight of the KL term."),
    ("4.0", "1e400", "12:8 1e400 is out of range: too large for this number | `beta`: Weight of the KL term."),
    ("[0.8, 0.2]", "[0.8, 0.1, 0.1]", "5:9 expected 2 items, found 3"),
    ("seed = 7", "seeds = []", "3:9 expected at least 1 item, found 0"),
    ("\"mixture\"", "\"\"", "24:8 expected a string, found an empty one | `name`: The middle part of metric names."),
    ("root = \"data/raw\"", "", "7:1 missing key `root` | `root`: The folder that holds one folder a genre."),
    ("root = ", "rot = ", "8:1 unknown key `rot` | did you mean `root`?"),
    ("k = 10", "", "20:20 missing key `k`"),
    ("seed = 7", "seed = 7\nseeds = [1]", "4:1 `seed`, `seeds` exclude each other | keep one"),
    ("seed = 7", "seed = 7\nseed = 8", "4:1 this key stands twice | keep one"),
    ("seed = 7", "seed = ", "3:8 no value after `=`"),
    ("seed = 7", "seed = seven", "3:8 a string needs quotes"),
    ("[train]", "[train", "15:7 unclosed table, expected `]`"),
    ("seed = 7", "\"গান\" = \"বাংলা\" # ক", "3:1 unknown key `গান` | known here: KNOWN"),
    (
        "[256, 128]",
        "[256, \"গান\", 0]",
        "13:33 expected a whole number, found a string\n13:40 0 is out of range: at least 1",
    ),
    (
        "[project.tsne]",
        "[project.tsn]",
        "27:1 unknown kind `perplexity` | did you mean `tsne` in place of `tsn`? \
         `perplexity` belongs to [project.<name>.tsne] or [project.tsne]; valid: `pca`, `tsne`",
    ),
    ("k = 10", "k = 13", "20:26 13 clusters bring bad luck"),
];

const KNOWN: &str = "`cluster`, `dataset`, `metrics`, `modality`, `model`, `name`, `palette`, `project`, `seed`, `seeds`, `split`, `train`";

#[test]
fn the_valid_file_has_no_problem() {
    assert_eq!(told(VALID), [""; 0]);
}

#[test]
fn each_mistake_is_told_in_its_own_words() {
    for (line, broken, message) in ONE_MISTAKE {
        assert!(VALID.contains(line), "{line}");
        let file = VALID.replacen(line, broken, 1);
        let expected = if message.ends_with("right") { String::new() } else { message.replace("KNOWN", KNOWN) };
        assert_eq!(told(&file).join("\n"), expected, "{file}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_in_order() {
    let file = VALID
        .replace("modality", "modalty")
        .replace("16", "0")
        .replace("kmeans", "kmean")
        .replace("seed = 7", "name = 1");
    let places: Vec<String> = told(&file).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(places, ["2:1", "3:1", "11:14", "20:11"]);
}

#[test]
fn an_empty_file_misses_what_has_no_default() {
    let expected = [
        "1:1 missing key `name`",
        "1:1 missing key `modality` | `modality`: What is read.",
        "1:1 missing key `dataset`",
        "1:1 missing key `model`",
    ];
    assert_eq!(told(""), expected);
}

#[test]
fn line_ends_tabs_and_a_byte_order_mark_do_not_move_a_place() {
    let file = format!("\u{feff}{}", VALID.replace("beta = 4.0", "\tbeta\t=\tno").replace('\n', "\r\n"));
    assert_eq!(told(&file), ["12:9 a string needs quotes"]);
    let file = file.replace("no", "'no'");
    assert_eq!(told(&file), ["12:9 expected a number, found a string | `beta`: Weight of the KL term."]);
}
