//! The analysis against librosa's stored outputs, which `tests/golden/make_librosa.py` makes.
//! Tolerances are librosa's own distance between float32 and float64, with room for another order of summation.

use ndarray::{Array, Array1, Array2, ArrayView, Dimension};
use ndarray_npy::{ReadableElement, read_npy};

use super::analyser::{Analyser, mfcc};
use super::decibel::{power_to_clip_db, power_to_db};
use super::mel::{MelBank, MelScale};

const SIGNALS: [&str; 3] = ["tonal", "noise", "short"];

fn load<T: ReadableElement, D: Dimension>(name: &str) -> Array<T, D> {
    let path = format!("{}/tests/golden/librosa/{name}.npy", env!("CARGO_MANIFEST_DIR"));
    read_npy(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn mel_power(signal: &str) -> Array2<f32> {
    let samples: Array1<i16> = load(&format!("{signal}_samples"));
    Analyser::standard(22_050).mel_power(&samples.mapv(|x| f32::from(x) / 32_768.0).to_vec())
}

fn worst<D: Dimension>(ours: ArrayView<f32, D>, theirs: ArrayView<f32, D>) -> f32 {
    assert_eq!(ours.shape(), theirs.shape());
    ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn mel_power_equals_librosa() {
    for signal in SIGNALS {
        let theirs: Array2<f32> = load(&format!("{signal}_mel"));
        let peak = theirs.iter().copied().fold(0.0, f32::max);
        let error = worst(mel_power(signal).view(), theirs.view()) / peak;
        assert!(error < 1e-6, "{signal}: {error} of the peak");
    }
}

#[test]
fn decibels_equal_librosa() {
    for signal in SIGNALS {
        let theirs: Array2<f32> = load(&format!("{signal}_mel_db"));
        let error = worst(power_to_db(mel_power(signal)).view(), theirs.view());
        assert!(error < 1e-4, "{signal}: {error} dB");
    }
}

#[test]
fn decibels_below_the_loudest_equal_librosa() {
    for signal in SIGNALS {
        let theirs: Array1<f32> = load(&format!("{signal}_clip_db_row3"));
        let ours = power_to_clip_db(mel_power(signal));
        let error = worst(ours.row(3.min(ours.nrows() - 1)), theirs.view());
        assert!(error < 1e-4, "{signal}: {error} dB");
    }
}

#[test]
fn mfcc_equal_librosa() {
    for signal in SIGNALS {
        let theirs: Array2<f32> = load(&format!("{signal}_mfcc"));
        let error = worst(mfcc(mel_power(signal), 20).view(), theirs.view());
        assert!(error < 1e-3, "{signal}: {error}");
    }
}

#[test]
fn sums_of_the_slaney_bank_equal_librosa() {
    let bank = MelBank::new(MelScale::Slaney, 22_050, 2048, 128).dense(1025);
    let (rows, columns): (Array1<f64>, Array1<f64>) = (load("bank_row_sums"), load("bank_column_sums"));
    let row = |m: usize| bank[m].iter().map(|w| f64::from(*w)).sum::<f64>();
    let column = |k: usize| bank.iter().map(|row| f64::from(row[k])).sum::<f64>();
    assert!(rows.indexed_iter().all(|(m, sum)| (row(m) - sum).abs() < 1e-7));
    assert!(columns.indexed_iter().all(|(k, sum)| (column(k) - sum).abs() < 1e-7));
}

#[test]
fn the_htk_bank_equals_librosa() {
    let theirs: Array2<f32> = load("bank_htk_16000_512_40");
    let ours = MelBank::new(MelScale::Htk, 16_000, 512, 40).dense(257).concat();
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-8));
}
