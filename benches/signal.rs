//! Time of the signal kernels on 30 seconds at 22,050 Hz, one thread.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use runner::random::Stream;
use runner::signal::analyser::{Analyser, mfcc};
use runner::signal::decibel::power_to_db;
use runner::signal::decode::{Audio, decode, encode_wav};
use runner::signal::resample::resample;
use runner::signal::stft::Stft;

const RATE_HZ: u32 = 22_050;

fn track(rate_hz: u32) -> Vec<f32> {
    Stream::new(0, "bench.signal").uniforms(30 * rate_hz as usize, -0.5, 0.5)
}

fn spectra(criterion: &mut Criterion) {
    let samples = track(RATE_HZ);
    let (stft, analyser) = (Stft::new(2048, 512), Analyser::standard(RATE_HZ));
    let power = analyser.mel_power(&samples);
    let mut group = criterion.benchmark_group("30 s at 22050 Hz");
    group.bench_function("stft power", |b| b.iter(|| stft.power(black_box(&samples))));
    group.bench_function("mel power", |b| b.iter(|| analyser.mel_power(black_box(&samples))));
    group.bench_function("mel to dB", |b| b.iter(|| power_to_db(black_box(power.clone()))));
    group.bench_function("mel to mfcc", |b| b.iter(|| mfcc(black_box(power.clone()), 20)));
    group.bench_function("mel and mfcc", |b| b.iter(|| mfcc(analyser.mel_power(black_box(&samples)), 20)));
}

fn files(criterion: &mut Criterion) {
    let bytes = encode_wav(&Audio { samples: track(RATE_HZ), rate_hz: RATE_HZ });
    let wide = track(44_100);
    let mut group = criterion.benchmark_group("30 s of");
    group.bench_function("WAV decoded", |b| b.iter(|| decode(black_box(&bytes))));
    group.bench_function("44100 Hz resampled to 22050", |b| b.iter(|| resample(black_box(&wide), 44_100, RATE_HZ)));
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(30);
    targets = spectra, files
}
criterion_main!(benches);
