//! The whole encoder, on a network of random weights.

use super::*;
use std::sync::Mutex;

const LYRICS: [&str; 6] = ["la la, love!", "", "abba. la la la la\nlove a b", "zzz", "love", "la la, love!"];

fn far(a: ndarray::ArrayView1<f32>, b: ndarray::ArrayView1<f32>) -> f32 {
    a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn rows_are_in_order_of_unit_length_and_tell_texts_apart() {
    let rows = tiny::encoder().embed(&LYRICS).unwrap();
    assert_eq!(rows.dim(), (6, 16));
    assert!(rows.rows().into_iter().all(|row| (row.dot(&row) - 1.0).abs() < 1e-6));
    assert!(far(rows.row(0), rows.row(5)) < 1e-6);
    assert!((1..5).all(|at| far(rows.row(0), rows.row(at)) > 1e-2));
}

#[test]
fn a_text_is_embedded_alike_in_any_company() {
    let encoder = tiny::encoder();
    let many: Vec<&str> = LYRICS.iter().copied().cycle().take(300).collect();
    let together = encoder.embed(&many).unwrap();
    for (text, row) in many.iter().zip(together.rows()).take(12) {
        assert!(far(encoder.embed(&[text]).unwrap().row(0), row) < 1e-6);
    }
    assert_eq!(encoder.embed(&[]).unwrap().dim(), (0, 16));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (encoder, many) = (tiny::encoder(), LYRICS.repeat(80));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| encoder.embed(&many).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_long_text_is_the_mean_of_its_windows_by_tokens() {
    let encoder = tiny::encoder().with_max_tokens(8).unwrap();
    let parts = encoder.embed(&["la la love love.\n", "la a b"]).unwrap();
    let mut expected = &parts.row(0) * 5.0 + &parts.row(1) * 3.0;
    expected /= expected.dot(&expected).sqrt();
    assert!(far(encoder.embed(&["la la love love.\nla a b"]).unwrap().row(0), expected.view()) < 1e-6);
}

#[test]
fn progress_ends_with_all_windows() {
    let told = Mutex::new(Vec::new());
    tiny::encoder().embed_with(&LYRICS.repeat(80), &|done, of| told.lock().unwrap().push((done, of))).unwrap();
    let mut told = told.into_inner().unwrap();
    told.sort_unstable();
    assert!(told.len() > 5 && told.last() == Some(&(480, 480)));
}

#[test]
fn rows_are_those_of_another_implementation() {
    // `transformers.BertModel` in double precision on the same weights, mean of `last_hidden_state`, unit length.
    let expected = [
        [
            -0.155_579_1,
            -0.157_143_4,
            0.041_131_9,
            0.103_09,
            0.202_975_4,
            0.092_415_1,
            -0.209_860_9,
            0.275_987_4,
            -0.264_803_9,
            -0.261_005_7,
            0.103_481_2,
            0.015_852_8,
            -0.169_254_3,
            0.051_457_3,
            0.758_429_3,
            -0.114_528_9,
        ],
        [
            -0.179_687,
            -0.103_592,
            -0.162_774,
            0.080_828_7,
            0.504_633_2,
            -0.053_594_6,
            -0.246_700_1,
            0.277_860_9,
            -0.314_200_6,
            -0.241_256_4,
            0.274_501_3,
            0.021_465,
            -0.009_360_1,
            0.053_856_7,
            0.540_087_5,
            -0.030_609_4,
        ],
    ];
    let rows = tiny::encoder().embed(&["la la, love!", "abba"]).unwrap();
    assert!(rows.rows().into_iter().zip(&expected).all(|(row, exact)| far(row, exact.into()) < 1e-6));
}

#[test]
fn windows_must_hold_a_token_and_have_places() {
    let refused = |max_tokens| tiny::encoder().with_max_tokens(max_tokens).err();
    assert_eq!(refused(2), Some(BertError::MaxTokens { found: 2, least: 3, most: 64 }));
    assert!(refused(65).is_some() && refused(3).is_none() && tiny::encoder().max_tokens() == 64);
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let from = |config: &str, weights: &[u8]| {
        Encoder::from_bytes(config.as_bytes(), tiny::TOKENIZER.as_bytes(), weights).err().map(|error| error.to_string())
    };
    let shapes = tiny::shapes();
    let sound = tiny::weights(&shapes);
    let message = from(&tiny::CONFIG.replace("layers\": 2", "layers\": 3"), &sound).unwrap();
    assert!(message.contains("no tensor `encoder.layer.2.") && message.contains("3 layers"), "{message}");
    let message = from(&tiny::CONFIG.replace("size\": 24", "size\": 32"), &sound).unwrap();
    assert!(message.contains("is [24, 16], config.json makes it [32, 16]"), "{message}");
    for left_out in 0..shapes.len() {
        let mut some = shapes.clone();
        let (name, _) = some.remove(left_out);
        assert!(from(tiny::CONFIG, &tiny::weights(&some)).unwrap().contains(&name));
    }
    assert!((0..sound.len()).step_by(97).all(|length| from(tiny::CONFIG, &sound[..length]).is_some()));
}
