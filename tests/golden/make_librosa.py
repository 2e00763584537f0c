#!/usr/bin/env python3
"""Makes the reference outputs in tests/golden/librosa that `cargo test` compares the crate with.

    pip install librosa==0.11.0 numpy==2.4.6 scipy==1.17.1
    python tests/golden/make_librosa.py

Signals are stored as int16 (x = int16 / 32768), so both sides read the very same samples. Arrays are [frames, values],
as the crate has them; librosa's own are their transposes. All signals are synthetic. Small arrays are stored whole; of
the chroma filter bank and of separated sound only sums and excerpts.
"""
import json
import os

import librosa
import numpy as np

RATE_HZ, N_FFT, HOP, N_MELS, N_MFCC = 22050, 2048, 512, 128, 20
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "librosa")


def lcg(n):
    """Uniform noise in [-1, 1) from a small generator that any language can repeat."""
    state, out = 1, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(state / 2**31 - 1)
    return np.array(out)


def music():
    """A chord of sawtooth notes a quarter of a semitone sharp, and a drum each half second: tuned, tonal and rhythmic."""
    t = np.arange(16000) / RATE_HZ
    notes = [220 * 2 ** ((semitone + 0.25) / 12) for semitone in (0, 4, 7)]
    chord = sum(2 * ((t * hz) % 1) - 1 for hz in notes) * 0.06
    drum = lcg(len(t)) * np.exp(-40 * (t % 0.25)) * 0.3
    return chord + drum


def signals():
    t = np.arange(10000) / RATE_HZ
    sweep = 0.5 * np.sin(2 * np.pi * (100 * t + 8000 * t**2))
    clicks = np.zeros(len(t))
    clicks[::2500] = 0.9
    return {
        "tonal": sweep * np.exp(-t) + clicks,  # a falling-off sweep from 100 Hz to 7.3 kHz, and clicks
        "noise": 0.3 * lcg(8000),
        "short": 0.3 * lcg(700),  # shorter than a frame
        "music": music(),
    }


def save(name, array):
    np.save(os.path.join(FOLDER, name + ".npy"), np.ascontiguousarray(array))


def spectra(name, x):
    mel = librosa.feature.melspectrogram(y=x, sr=RATE_HZ, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS)
    mel_db = librosa.power_to_db(mel, ref=1.0)
    save(f"{name}_mel_db", mel_db.T)
    mfcc = librosa.feature.mfcc(S=mel_db, n_mfcc=N_MFCC)
    save(f"{name}_mfcc", mfcc.T)
    if name != "music":
        save(f"{name}_mel", mel.T)
        save(f"{name}_clip_db_row3", librosa.power_to_db(mel, ref=np.max).T[min(3, mel.shape[1] - 1)])
    if mfcc.shape[1] >= 9:
        save(f"{name}_delta", librosa.feature.delta(mfcc)[:5].T)
        save(f"{name}_delta2", librosa.feature.delta(mfcc, order=2)[:5].T)
    return mel_db


def descriptors(name, x, mel_db):
    magnitude = np.abs(librosa.stft(x, n_fft=N_FFT, hop_length=HOP))
    power = magnitude**2
    of = dict(S=magnitude, sr=RATE_HZ)
    chroma = librosa.feature.chroma_stft(S=power, sr=RATE_HZ)
    one = {
        "centroid": librosa.feature.spectral_centroid(**of),
        "bandwidth": librosa.feature.spectral_bandwidth(**of),
        "rolloff": librosa.feature.spectral_rolloff(**of),
        "flatness": librosa.feature.spectral_flatness(S=magnitude),
        "zcr": librosa.feature.zero_crossing_rate(x, frame_length=N_FFT, hop_length=HOP),
        "rms": librosa.feature.rms(y=x, frame_length=N_FFT, hop_length=HOP),
        "onset": librosa.onset.onset_strength(S=mel_db, sr=RATE_HZ, hop_length=HOP)[None],
    }
    save(f"{name}_descriptors", np.concatenate([one[key].astype(np.float32) for key in sorted(one)]).T)
    save(f"{name}_contrast", librosa.feature.spectral_contrast(**of).astype(np.float32).T)
    save(f"{name}_chroma", chroma.astype(np.float32).T)
    save(f"{name}_tonnetz", librosa.feature.tonnetz(chroma=chroma, sr=RATE_HZ).astype(np.float32).T)
    return {"tuning": float(librosa.estimate_tuning(S=power, sr=RATE_HZ, bins_per_octave=12))}


def resampled():
    """The start of the noise, taken for sound at one rate, at another: soxr_hq, librosa's default."""
    samples = np.load(os.path.join(FOLDER, "noise_samples.npy"))[:1500].astype(np.float32) / np.float32(32768)
    for from_hz, to_hz in ((44100, 22050), (48000, 22050), (16000, 22050)):
        save(f"resampled_{from_hz}_{to_hz}", librosa.resample(samples, orig_sr=from_hz, target_sr=to_hz))


def rhythm(clicks_a_minute, seconds):
    """Onset strength made of pulses, which needs no signal to be stored."""
    frames = int(seconds * RATE_HZ / HOP)
    onset = np.zeros(frames)
    onset[np.round(np.arange(4, frames, 60 * RATE_HZ / HOP / clicks_a_minute)).astype(int) % frames] = 1
    bpm, beats = librosa.beat.beat_track(onset_envelope=onset, sr=RATE_HZ, hop_length=HOP)
    tempo = librosa.feature.tempo(onset_envelope=onset, sr=RATE_HZ, hop_length=HOP)
    return {
        "pulses": np.flatnonzero(onset).tolist(),
        "frames": frames,
        "tempo": float(tempo[0]),
        "bpm": float(np.atleast_1d(bpm)[0]),
        "beats": beats.tolist(),
    }


def vocoder(name, x):
    magnitude = np.abs(librosa.stft(x, n_fft=N_FFT, hop_length=HOP))
    sound = librosa.griffinlim(magnitude, n_iter=2, hop_length=HOP, n_fft=N_FFT, init=None, momentum=0.99, length=len(x))
    save(f"{name}_griffin_lim", sound[::8])
    if name == "noise":
        bank = librosa.filters.mel(sr=RATE_HZ, n_fft=N_FFT, n_mels=N_MELS).astype(float)
        power = np.linalg.pinv(bank) @ (bank @ magnitude.astype(float)[:, :5] ** 2)
        save(f"{name}_mel_pinv", np.maximum(power, 0).T.astype(np.float32))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    scalars = {}
    for name, signal in signals().items():
        samples = np.clip(np.round(signal * 32768), -32768, 32767).astype(np.int16)
        x = samples.astype(np.float32) / np.float32(32768)
        save(f"{name}_samples", samples)
        scalars[name] = descriptors(name, x, spectra(name, x))
        if name in ("noise", "music"):
            vocoder(name, x)
    resampled()
    music = np.load(os.path.join(FOLDER, "music_samples.npy")).astype(np.float32) / np.float32(32768)
    save("music_harmonic_percussive", np.stack([librosa.effects.harmonic(music)[::8], librosa.effects.percussive(music)[::8]]))
    scalars["rhythm"] = [rhythm(bpm, 20) for bpm in (60, 95, 120, 172)]
    bank = librosa.filters.mel(sr=RATE_HZ, n_fft=N_FFT, n_mels=N_MELS)
    save("bank_row_sums", bank.sum(axis=1, dtype=np.float64))
    save("bank_column_sums", bank.sum(axis=0, dtype=np.float64))
    save("bank_htk_16000_512_40", librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, htk=True, norm=None))
    reflected = librosa.feature.melspectrogram(
        y=music, sr=RATE_HZ, n_fft=N_FFT, hop_length=HOP, n_mels=64, htk=True, norm=None, pad_mode="reflect"
    )
    save("music_mel_torchaudio", reflected.T)
    with open(os.path.join(FOLDER, "scalars.json"), "w") as file:
        json.dump(scalars, file)
        file.write("\n")


if __name__ == "__main__":
    main()
