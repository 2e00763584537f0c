//! Sentence embeddings are those of `transformers`, on the model that everybody starts with.

use ndarray::Array2;
use runner::text::bert::{Encoder, FILES};
use std::path::PathBuf;

const TEXTS: [&str; 4] = [
    "The cat sits on the mat.",
    "A kitten is resting on a rug.",
    "Quarterly revenue grew by nine percent.",
    "আমার সোনার বাংলা আমি তোমায় ভালোবাসি",
];
/// Cosines of each pair: torch 2 and transformers, mean pooling over the mask, float32.
const COSINES: [(usize, usize, f32); 6] = [
    (0, 1, 0.641_133),
    (0, 2, -0.014_597),
    (0, 3, 0.005_748),
    (1, 2, 0.013_565),
    (1, 3, -0.037_593),
    (2, 3, -0.061_991),
];

fn model() -> Encoder {
    let folder = std::env::var("MINILM").map(PathBuf::from).expect("MINILM names the folder of all-MiniLM-L6-v2");
    let [config, tokenizer, weights] =
        FILES.map(|file| std::fs::read(folder.join(file)).expect("config.json, tokenizer.json and model.safetensors"));
    Encoder::from_bytes(&config, &tokenizer, &weights).unwrap()
}

#[test]
#[ignore = "needs the folder of all-MiniLM-L6-v2; MINILM names it"]
fn minilm_gives_the_embeddings_of_transformers() {
    let embedded: Array2<f32> = model().embed(&TEXTS).unwrap();
    for (a, b, expected) in COSINES {
        let cosine = embedded.row(a).dot(&embedded.row(b));
        assert!((cosine - expected).abs() < 2e-6, "{a} and {b}: {cosine}, not {expected}");
    }
    let first = [0.134_177_1, -0.032_900_3, -0.024_803_8, 0.041_439_0];
    assert!(embedded.row(0).iter().zip(first).all(|(ours, theirs): (&f32, f32)| (ours - theirs).abs() < 1e-5));
}
