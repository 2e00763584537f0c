#!/usr/bin/env python3
"""Makes the reference outputs in tests/golden/librosa that `cargo test` compares the crate with.

    pip install librosa==0.11.0 numpy==2.4.6 scipy==1.17.1
    python tests/golden/make_librosa.py

Signals are stored as int16 (x = int16 / 32768), so both sides read the very same samples. Arrays are [frames, bands],
as the crate has them; librosa's own are their transposes. All signals are synthetic.
"""
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


def signals():
    t = np.arange(10000) / RATE_HZ
    sweep = 0.5 * np.sin(2 * np.pi * (100 * t + 8000 * t**2))
    clicks = np.zeros(len(t))
    clicks[::2500] = 0.9
    return {
        "tonal": sweep * np.exp(-t) + clicks,  # a falling-off sweep from 100 Hz to 7.3 kHz, and clicks
        "noise": 0.3 * lcg(8000),
        "short": 0.3 * lcg(700),  # shorter than a frame
    }


def save(name, array):
    np.save(os.path.join(FOLDER, name + ".npy"), np.ascontiguousarray(array))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name, signal in signals().items():
        samples = np.clip(np.round(signal * 32768), -32768, 32767).astype(np.int16)
        x = samples.astype(np.float32) / np.float32(32768)
        mel = librosa.feature.melspectrogram(y=x, sr=RATE_HZ, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS)
        mel_db = librosa.power_to_db(mel, ref=1.0)
        save(f"{name}_samples", samples)
        save(f"{name}_mel", mel.T)
        save(f"{name}_mel_db", mel_db.T)
        save(f"{name}_clip_db_row3", librosa.power_to_db(mel, ref=np.max).T[min(3, mel.shape[1] - 1)])
        save(f"{name}_mfcc", librosa.feature.mfcc(S=mel_db, n_mfcc=N_MFCC).T)
    bank = librosa.filters.mel(sr=RATE_HZ, n_fft=N_FFT, n_mels=N_MELS)
    save("bank_row_sums", bank.sum(axis=1, dtype=np.float64))
    save("bank_column_sums", bank.sum(axis=0, dtype=np.float64))
    save("bank_htk_16000_512_40", librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, htk=True))


if __name__ == "__main__":
    main()
