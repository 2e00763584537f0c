"""Loads a run's weights into plain PyTorch modules and compares their codes with the run's.

usage: torch_loads.py RUN EXPORT     (EXPORT: what `runner data export` made of the same experiment)
Needs numpy, torch and safetensors. Ends with 1 if a code differs by more than 1e-4.
"""
import json, sys
from pathlib import Path
import numpy as np, torch
from safetensors.torch import load_file
from torch import nn


class MlpVae(nn.Module):
    def __init__(self, values, hidden, latent):
        super().__init__()
        widths = [values, *hidden]
        self.encoder = nn.Sequential(*(m for a, b in zip(widths, widths[1:]) for m in (nn.Linear(a, b), nn.SiLU())))
        widths = [latent, *hidden[::-1]]
        steps = [m for a, b in zip(widths, widths[1:]) for m in (nn.Linear(a, b), nn.SiLU())]
        self.decoder = nn.Sequential(*steps, nn.Linear(hidden[0], values))
        self.mean, self.logvar = nn.Linear(hidden[-1], latent), nn.Linear(hidden[-1], latent)


class ConvVae(nn.Module):
    """Maps whose sides are multiples of 2 to the number of channels; `side` is (bins, frames) after the last halving."""

    def __init__(self, planes, channels, side, latent):
        super().__init__()
        norm = lambda c: nn.GroupNorm(max(g for g in range(1, 9) if c % g == 0), c)
        widths, flat = [planes, *channels], channels[-1] * side[0] * side[1]
        down = [m for a, b in zip(widths, widths[1:]) for m in (nn.Conv2d(a, b, 4, 2, 1), norm(b), nn.SiLU())]
        up = [m for a, b in zip(widths[:1:-1], widths[-2:0:-1]) for m in (nn.ConvTranspose2d(a, b, 4, 2, 1), norm(b), nn.SiLU())]
        self.encoder = nn.Sequential(*down, nn.Flatten())
        self.decoder = nn.Sequential(nn.Linear(latent, flat), nn.Unflatten(1, (channels[-1], *side)), *up,
                                     nn.ConvTranspose2d(channels[0], planes, 4, 2, 1))
        self.mean, self.logvar = nn.Linear(flat, latent), nn.Linear(flat, latent)


def network(weights, rows):
    latent = len(weights["mean.bias"])
    encoder = [tensor for name, tensor in weights.items() if name.startswith("encoder.") and name.endswith("weight")]
    convolutions = [w for w in encoder if w.dim() == 4]
    if not convolutions:
        return MlpVae(rows.shape[1], [len(w) for w in encoder], latent)
    channels = [len(w) for w in convolutions]
    return ConvVae(rows.shape[1], channels, [side >> len(channels) for side in rows.shape[2:]], latent)


def main(run, export):
    weights = load_file(run / "artifacts/model.safetensors")
    weights = {name: weights[name] for name in sorted(weights, key=lambda name: [int(p) if p.isdigit() else 0 for p in name.split(".")])}
    kind = "mel_spectrograms" if any(w.dim() == 4 for w in weights.values()) else "audio_features"
    rows = torch.from_numpy(np.load(export / f"{kind}.npy", allow_pickle=False).astype(np.float32))
    rows = rows.unsqueeze(1) if rows.dim() == 3 else rows
    scale = json.loads((run / "artifacts/scale.json").read_text())
    rows = (rows - torch.tensor(scale["mean"])) / torch.tensor(scale["std"])
    model = network(weights, rows)
    model.load_state_dict(weights)
    with torch.no_grad():
        codes = model.mean(model.encoder(rows)).numpy()
        outputs = model.decoder(torch.from_numpy(codes))
    assert outputs.shape == rows.shape, (outputs.shape, rows.shape)
    gap = np.abs(codes - np.load(run / "artifacts/latents.npy", allow_pickle=False)).max()
    print(f"{type(model).__name__}: {codes.shape[0]} codes of {codes.shape[1]}, largest difference {gap:.1e}")
    sys.exit(0 if gap < 1e-4 else 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
