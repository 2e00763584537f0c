//! Weights of words and their leading axes, on texts drawn by Zipf's law or on given ones, as medians in milliseconds.
//!
//!     cargo bench --bench words -- 20000              # so many texts
//!     cargo bench --bench words -- texts.txt          # or a file of texts, one after each zero byte or line
//!     cargo bench --bench words -- texts.txt MODEL    # and sentence embeddings by the model in this folder

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::time::Instant;

use runner::random::Stream;
use runner::stats::svd::sparse::SparseRows;
use runner::text::bert::{Encoder, FILES};
use runner::text::counts::{Counting, Terms};
use runner::text::limits::{Frequency, Limits};
use runner::text::tfidf::{TfIdf, Weighing};

const REPEATS: usize = 3;
/// Different words of drawn texts.
const WORDS: usize = 30_000;
/// Axes of latent semantic analysis.
const AXES: usize = 256;
/// Texts that are embedded: it takes seconds.
const EMBEDDED: usize = 300;

/// Words by Zipf's law: the k-th is drawn with a probability proportional to 1 / k.
fn drawn(texts: usize) -> Vec<String> {
    let mut stream = Stream::new(1, "bench");
    let mut word = || format!("w{}", (WORDS as f64).powf(stream.uniform()) as usize);
    (0..texts).map(|text| (0..60 + text % 200).map(|_| word()).collect::<Vec<_>>().join(" ")).collect()
}

fn given(words: &[String]) -> Vec<String> {
    match words.first().map(|word| (word, word.parse::<usize>())) {
        Some((_, Ok(texts))) => drawn(texts),
        Some((path, _)) => {
            let all = std::fs::read_to_string(path).expect("the texts can be read");
            let end = if all.contains('\0') { '\0' } else { '\n' };
            all.split(end).map(str::to_owned).collect()
        }
        None => drawn(20_000),
    }
}

fn time<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let mut seconds = Vec::new();
    let mut last = None;
    for _ in 0..REPEATS {
        let begun = Instant::now();
        last = Some(work());
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{name:<36} {:>10.1} ms", 1e3 * seconds[seconds.len() / 2]);
    last.expect("it was done at least once")
}

fn weights(texts: &[String], most: usize, limits: Limits) -> runner::text::csr::Csr {
    let counting = Counting { terms: Terms::Words { least: 1, most }, least_chars: 2, ..Counting::default() };
    let counts = limits.applied(counting.count(texts).expect("texts can be counted")).expect("terms are left");
    TfIdf::fit(&counts, Weighing::default()).transform(counts)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let texts = given(&words);
    println!("{} texts, {} threads", texts.len(), rayon::current_num_threads());
    time("TF-IDF, words", || weights(&texts, 1, Limits::default()));
    time("TF-IDF, words and pairs", || weights(&texts, 2, Limits::default()));
    let limits = Limits { least: Frequency::Documents(2), max_features: Some(50_000), ..Limits::default() };
    let matrix = time("TF-IDF, the 50,000 most frequent", || weights(&texts, 2, limits));
    let parts = (matrix.offsets().to_vec(), matrix.columns().to_vec(), matrix.values().to_vec());
    let sparse = SparseRows::new(parts.0, parts.1, parts.2, matrix.width()).expect("the parts fit");
    let svd = time("LSA, 256 axes", || sparse.truncated(AXES)).expect("values are finite");
    println!("squared singular values in sum: {:.6}", svd.squared.iter().sum::<f64>());
    if let Some(folder) = words.get(1) {
        let [config, tokenizer, weights] =
            FILES.map(|file| std::fs::read(format!("{folder}/{file}")).expect("a model"));
        let encoder = Encoder::from_bytes(&config, &tokenizer, &weights).expect("a BERT");
        let some: Vec<&str> = texts.iter().take(EMBEDDED).map(String::as_str).collect();
        time(&format!("sentence embeddings, {} texts", some.len()), || encoder.embed(&some).expect("texts embed"));
    }
}
