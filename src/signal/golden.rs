//! The analysis against librosa's stored outputs, which `tests/golden/make_librosa.py` makes.
//! Tolerances are librosa's own distance between float32 and float64, with room for another order of summation.

use ndarray::{Array, Array1, Array2, ArrayView, Axis, Dimension, s};
use ndarray_npy::{ReadableElement, read_npy};

use super::analysis::Analysis;
use super::decibel::power_to_clip_db;
use super::delta::{WIDTH, delta};
use super::mel::{Height, MelBank, MelDefinition, MelScale};
use super::pitch::{N_CHROMA, tonnetz, tuning};
use super::plans::{Framing, MelBands, Octaves, Plans};
use super::rhythm::beat::track;
use super::rhythm::tempo::{TempoEstimator, TempoPrior};
use super::shape::{self, FMIN_HZ, N_BANDS, QUANTILE, ROLL_PERCENT};
use super::stft::Pad;
use super::vocoder::griffin_lim::{GriffinLim, Start};
use super::vocoder::inversion::{Inversion, MelInverse};

const SIGNALS: [&str; 4] = ["tonal", "noise", "short", "music"];
const RATE_HZ: u32 = 22_050;

fn folder(name: &str) -> String {
    format!("{}/tests/golden/librosa/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn load<T: ReadableElement, D: Dimension>(name: &str) -> Array<T, D> {
    let path = folder(&format!("{name}.npy"));
    read_npy(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn scalars() -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(folder("scalars.json")).expect("it is there")).expect("it is JSON")
}

/// Calls `check` with each signal's name and analysis.
fn each(check: impl Fn(&str, &Analysis)) {
    let plans = Plans::new(Framing::standard(RATE_HZ));
    for signal in SIGNALS {
        let samples: Array1<i16> = load(&format!("{signal}_samples"));
        check(signal, &Analysis::new(&samples.mapv(|x| f32::from(x) / 32_768.0).to_vec(), &plans));
    }
}

fn worst<D: Dimension>(ours: ArrayView<f32, D>, theirs: ArrayView<f32, D>) -> f32 {
    assert_eq!(ours.shape(), theirs.shape());
    ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// The largest error over the largest value.
fn worst_of_peak<D: Dimension>(ours: ArrayView<f32, D>, theirs: ArrayView<f32, D>) -> f32 {
    let peak = theirs.iter().map(|x| x.abs()).fold(0.0, f32::max);
    worst(ours, theirs) / peak.max(f32::MIN_POSITIVE)
}

#[test]
fn mel_power_equals_librosa() {
    each(|signal, sound| {
        if signal != "music" {
            let theirs: Array2<f32> = load(&format!("{signal}_mel"));
            let error = worst_of_peak(sound.mel_power(MelBands::STANDARD).view(), theirs.view());
            assert!(error < 1e-6, "{signal}: {error} of the peak");
        }
    });
}

#[test]
fn mel_power_equals_torchaudio_s_definition() {
    let theirs: Array2<f32> = load("music_mel_torchaudio");
    let bands = MelBands { definition: MelDefinition::Torchaudio, n_mels: 64 };
    each(|signal, sound| {
        if signal == "music" {
            let error = worst_of_peak(sound.mel_power(bands).view(), theirs.view());
            assert!(error < 1e-6, "{error} of the peak");
        }
    });
}

#[test]
fn decibels_equal_librosa() {
    each(|signal, sound| {
        let theirs: Array2<f32> = load(&format!("{signal}_mel_db"));
        let error = worst(sound.mel_db(MelBands::STANDARD).view(), theirs.view());
        assert!(error < 1e-4, "{signal}: {error} dB");
    });
}

#[test]
fn decibels_below_the_loudest_equal_librosa() {
    each(|signal, sound| {
        if signal != "music" {
            let theirs: Array1<f32> = load(&format!("{signal}_clip_db_row3"));
            let ours = power_to_clip_db(sound.mel_power(MelBands::STANDARD));
            let error = worst(ours.row(3.min(ours.nrows() - 1)), theirs.view());
            assert!(error < 1e-4, "{signal}: {error} dB");
        }
    });
}

#[test]
fn mfcc_and_their_slopes_equal_librosa() {
    each(|signal, sound| {
        let (ours, theirs) = (sound.mfcc(20, MelBands::STANDARD), load::<f32, _>(&format!("{signal}_mfcc")));
        let error = worst(ours.view(), theirs.view());
        assert!(error < 1e-3, "{signal}: {error}");
        for (order, name) in [(1, "delta"), (2, "delta2")] {
            if let Ok(slopes) = delta(ours.view(), WIDTH, order) {
                let error = worst(slopes.slice(s![.., ..5]), load(&format!("{signal}_{name}")).view());
                assert!(error < 2e-4, "{signal}, order {order}: {error}");
            }
        }
    });
}

/// Values of a frame by name, within a share of the peak; in the order of the stored columns.
#[test]
fn descriptors_of_frames_equal_librosa() {
    each(|signal, sound| {
        let theirs: Array2<f32> = load(&format!("{signal}_descriptors"));
        let ours = [
            ("bandwidth", sound.bandwidth(), 1e-6),
            ("centroid", sound.centroid(), 1e-6),
            ("flatness", shape::flatness(sound.magnitude().view()), 1e-5),
            ("onset", sound.onset_strength().to_vec(), 1e-4),
            ("rms", sound.rms(), 1e-6),
            ("rolloff", sound.rolloff(ROLL_PERCENT).expect("a share"), 1e-3),
            ("zcr", sound.zero_crossing_rate(), 0.0),
        ];
        for ((name, ours, most), theirs) in ours.into_iter().zip(theirs.axis_iter(Axis(1))) {
            let error = worst_of_peak(Array1::from(ours).view(), theirs);
            assert!(error <= most, "{signal}, {name}: {error} of the peak");
        }
    });
}

#[test]
fn contrast_equals_librosa() {
    let octaves = Octaves { n_bands: N_BANDS, fmin_hz: FMIN_HZ, quantile: QUANTILE };
    each(|signal, sound| {
        let bank = sound.plans().contrast_bank(octaves).expect("librosa's octaves");
        let ours = bank.apply(sound.magnitude().view()).expect("the bank is for this spectrum");
        let error = worst(ours.view(), load(&format!("{signal}_contrast")).view());
        assert!(error < 1e-4, "{signal}: {error} dB");
    });
}

#[test]
fn tuning_chroma_and_tonnetz_equal_librosa() {
    let scalars = scalars();
    each(|signal, sound| {
        let ours = tuning(sound.power().view(), RATE_HZ, 2048, N_CHROMA);
        assert!((ours - scalars[signal]["tuning"].as_f64().expect("a number")).abs() < 1e-9, "{signal}: {ours}");
        let chroma = sound.chroma(N_CHROMA).expect("twelve classes");
        let error = worst(chroma.view(), load(&format!("{signal}_chroma")).view());
        assert!(error < 1e-5, "{signal}, chroma: {error}");
        let error = worst(tonnetz(chroma.view()).view(), load(&format!("{signal}_tonnetz")).view());
        assert!(error < 1e-5, "{signal}, tonnetz: {error}");
    });
}

#[test]
fn harmonic_and_percussive_parts_equal_librosa() {
    let theirs: Array2<f32> = load("music_harmonic_percussive");
    each(|signal, sound| {
        if signal == "music" {
            for (part, theirs) in sound.harmonic_and_percussive().iter().zip(theirs.rows()) {
                let ours: Array1<f32> = part.iter().copied().step_by(8).collect();
                assert!(worst_of_peak(ours.view(), theirs) < 1e-5);
            }
        }
    });
}

#[test]
fn tempo_and_beats_equal_librosa() {
    let scalars = scalars();
    let numbers = |value: &serde_json::Value| -> Vec<usize> {
        value.as_array().expect("a list").iter().map(|x| x.as_u64().expect("a frame") as usize).collect()
    };
    for case in scalars["rhythm"].as_array().expect("a list") {
        let mut onset = vec![0.0f32; case["frames"].as_u64().expect("a number") as usize];
        numbers(&case["pulses"]).into_iter().for_each(|frame| onset[frame] = 1.0);
        let beats = track(&onset, RATE_HZ, 512);
        assert!((beats.bpm - case["bpm"].as_f64().expect("a number")).abs() < 1e-6, "{} {case}", beats.bpm);
        assert_eq!(beats.frames, numbers(&case["beats"]));
        let tempo = TempoEstimator::new(RATE_HZ, 512, TempoPrior::default()).bpm(&onset);
        assert!((tempo - case["tempo"].as_f64().expect("a number")).abs() < 1e-6);
    }
}

#[test]
fn sums_of_the_slaney_bank_equal_librosa() {
    let bank = MelBank::new(MelDefinition::Librosa, RATE_HZ, 2048, 128).dense(1025);
    let (rows, columns): (Array1<f64>, Array1<f64>) = (load("bank_row_sums"), load("bank_column_sums"));
    let row = |m: usize| bank[m].iter().map(|w| f64::from(*w)).sum::<f64>();
    let column = |k: usize| bank.iter().map(|row| f64::from(row[k])).sum::<f64>();
    assert!(rows.indexed_iter().all(|(m, sum)| (row(m) - sum).abs() < 1e-7));
    assert!(columns.indexed_iter().all(|(k, sum)| (column(k) - sum).abs() < 1e-7));
}

#[test]
fn the_htk_bank_equals_librosa() {
    let theirs: Array2<f32> = load("bank_htk_16000_512_40");
    let ours = MelBank::with(MelScale::Htk, Height::One, 16_000, 512, 40).dense(257).concat();
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn griffin_lim_from_zero_phase_equals_librosa() {
    let search = GriffinLim::new(2048, 512, Pad::Zeros, 2, 0.99);
    each(|signal, sound| {
        if ["noise", "music"].contains(&signal) {
            let found = search.samples(sound.magnitude().view(), Start::ZeroPhase, sound.samples().len());
            let found: Array1<f32> = found.expect("the same bins").into_iter().step_by(8).collect();
            let error = worst(found.view(), load(&format!("{signal}_griffin_lim")).view());
            assert!(error < 1e-4, "{signal}: {error}");
        }
    });
}

#[test]
fn clipped_pseudo_inverse_equals_numpy() {
    let bank = MelBank::new(MelDefinition::Librosa, RATE_HZ, 2048, 128);
    let inverse = MelInverse::new(&bank, 1025, Inversion::PseudoInverse);
    each(|signal, sound| {
        if signal == "noise" {
            let found = inverse.power(sound.mel_power(MelBands::STANDARD).slice(s![..5, ..]));
            let error = worst_of_peak(found.view(), load(&format!("{signal}_mel_pinv")).view());
            assert!(error < 1e-5, "{signal}: {error} of the peak");
        }
    });
}
