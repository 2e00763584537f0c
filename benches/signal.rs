//! Time of the signal kernels on 30 seconds at 22,050 Hz, one thread.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use runner::random::Stream;
use runner::signal::analysis::Analysis;
use runner::signal::decibel::power_to_db;
use runner::signal::decode::{Audio, decode_bytes, encode_wav};
use runner::signal::pitch::{N_CHROMA, tuning};
use runner::signal::plans::{Framing, MelBands, Octaves, Plans};
use runner::signal::resample::resample;
use runner::signal::shape::{FMIN_HZ, N_BANDS, QUANTILE, ROLL_PERCENT, flatness};
use runner::signal::stft::Pad;

const RATE_HZ: u32 = 22_050;

/// A chord with noise: neither tone nor noise alone.
fn track(rate_hz: u32) -> Vec<f32> {
    let noise = Stream::new(0, "bench.signal").uniforms(30 * rate_hz as usize, -0.2, 0.2);
    let tone = |n: usize, hz: f64| (std::f64::consts::TAU * hz * n as f64 / f64::from(rate_hz)).sin() as f32 * 0.1;
    noise.iter().enumerate().map(|(n, x)| x + [220.0, 277.2, 329.6].map(|hz| tone(n, hz)).iter().sum::<f32>()).collect()
}

fn spectra(criterion: &mut Criterion) {
    let (samples, plans) = (track(RATE_HZ), Plans::new(Framing::standard(RATE_HZ)));
    let stft = plans.stft(Pad::Zeros);
    let mel = Analysis::new(&samples, &plans).mel_power(MelBands::STANDARD);
    let mut group = criterion.benchmark_group("30 s at 22050 Hz");
    group.bench_function("stft power", |b| b.iter(|| stft.power(black_box(&samples))));
    group.bench_function("mel power", |b| {
        b.iter(|| Analysis::new(black_box(&samples), &plans).mel_power(MelBands::STANDARD));
    });
    group.bench_function("mel to dB", |b| b.iter(|| power_to_db(black_box(mel.clone()))));
    group.bench_function("mel and mfcc", |b| {
        b.iter(|| Analysis::new(black_box(&samples), &plans).mfcc(20, MelBands::STANDARD));
    });
}

/// Each from a spectrogram that is there.
fn descriptors(criterion: &mut Criterion) {
    let (samples, plans) = (track(RATE_HZ), Plans::new(Framing::standard(RATE_HZ)));
    let sound = Analysis::new(&samples, &plans);
    let (power, magnitude) = (sound.power().view(), sound.magnitude().view());
    let chroma = plans.chroma_bank(N_CHROMA, 0.0).expect("twelve classes");
    let octaves = Octaves { n_bands: N_BANDS, fmin_hz: FMIN_HZ, quantile: QUANTILE };
    let contrast = plans.contrast_bank(octaves).expect("librosa's octaves");
    let onset = sound.onset_strength();
    let mut group = criterion.benchmark_group("from the spectrogram");
    group.bench_function("tuning", |b| b.iter(|| tuning(black_box(power), RATE_HZ, 2048, N_CHROMA)));
    group.bench_function("chroma", |b| b.iter(|| chroma.apply(black_box(power))));
    group.bench_function("contrast", |b| b.iter(|| contrast.apply(black_box(magnitude))));
    group.bench_function("centroid", |b| b.iter(|| black_box(&sound).centroid()));
    group.bench_function("bandwidth", |b| b.iter(|| black_box(&sound).bandwidth()));
    group.bench_function("rolloff", |b| b.iter(|| black_box(&sound).rolloff(ROLL_PERCENT)));
    group.bench_function("flatness", |b| b.iter(|| flatness(black_box(magnitude))));
    group.bench_function("tempo and beats", |b| b.iter(|| (black_box(onset), sound.beats())));
    group.finish();
    let mut group = criterion.benchmark_group("from samples");
    group.bench_function("zero crossings", |b| b.iter(|| black_box(&sound).zero_crossing_rate()));
    group.bench_function("rms", |b| b.iter(|| black_box(&sound).rms()));
    group.bench_function("harmonic and percussive", |b| {
        b.iter(|| plans.separator().harmonic_and_percussive(black_box(&samples)));
    });
}

fn files(criterion: &mut Criterion) {
    let bytes = encode_wav(&Audio { samples: track(RATE_HZ), rate_hz: RATE_HZ });
    let wide = track(44_100);
    let mut group = criterion.benchmark_group("30 s of");
    group.bench_function("WAV decoded", |b| b.iter(|| decode_bytes(black_box(&bytes))));
    group.bench_function("44100 Hz resampled to 22050", |b| b.iter(|| resample(black_box(&wide), 44_100, RATE_HZ)));
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).sample_size(20);
    targets = spectra, descriptors, files
}
criterion_main!(benches);
