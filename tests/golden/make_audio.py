#!/usr/bin/env python3
"""Makes the small sound files in tests/golden/audio that `cargo test` decodes, and what libsndfile and ffmpeg make of them.

    pip install soundfile==0.14.0 av==18.1.0 numpy==2.4.6
    python tests/golden/make_audio.py

All files hold the same synthetic sound: a sweep and a falling tone in two channels. `NAME_ENDING.npy` is every 16th
sample of the mean of the channels as the reference decodes it: soundfile (libsndfile 1.2.2), or PyAV (ffmpeg) for MP4.
"""
import os

import av
import numpy as np
import soundfile as sf

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio")
RATE_HZ = 22050


def sound(seconds):
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sweep = 0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t**2))
    tone = 0.3 * np.exp(-3 * t) * np.sin(2 * np.pi * 440 * t)
    return np.stack([sweep, tone], axis=1).astype(np.float32)


def mp4(path, codec, samples):
    with av.open(path, "w", format="ipod") as out:
        stream = out.add_stream(codec, rate=RATE_HZ, layout="stereo")
        stream.bit_rate = 48000
        planar = "s16p" if codec == "alac" else "fltp"
        values = np.round(samples * 32767).astype(np.int16) if codec == "alac" else samples
        step = 1024
        for at in range(0, len(values), step):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(values[at:at + step].T), planar, "stereo")
            frame.sample_rate, frame.pts = RATE_HZ, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def decoded_by_ffmpeg(path):
    with av.open(path) as file:
        resampler = av.AudioResampler(format="fltp")
        blocks = [block.to_ndarray() for frame in file.decode(audio=0) for block in resampler.resample(frame)]
    return np.concatenate(blocks, axis=1).T


def main():
    os.makedirs(FOLDER, exist_ok=True)
    path = lambda name: os.path.join(FOLDER, name)
    sf.write(path("tone.flac"), sound(0.25), RATE_HZ, subtype="PCM_16")
    sf.write(path("tone.ogg"), sound(2.5), RATE_HZ, subtype="VORBIS", compression_level=0.9)
    sf.write(path("tone.mp3"), sound(0.5), RATE_HZ, subtype="MPEG_LAYER_III", compression_level=0.7)
    mp4(path("tone_aac.m4a"), "aac", sound(0.5))
    mp4(path("tone_alac.m4a"), "alac", sound(0.2))
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith(".npy"):
            continue
        read = decoded_by_ffmpeg(path(name)) if name.endswith("m4a") else sf.read(path(name), dtype="float32")[0]
        np.save(path(name.split(".")[0] + "_" + name.split(".")[1] + ".npy"), np.mean(read, axis=1, dtype=np.float32)[::16])
        print(name, os.path.getsize(path(name)), "bytes,", len(read), "frames")


if __name__ == "__main__":
    main()
