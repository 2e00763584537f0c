#!/usr/bin/env python3
"""Makes sklearn/clusterers.json: small made-up point sets and how scikit-learn clusters them. The unit tests read it.

    pip install scikit-learn==1.9.1 && python tests/golden/make_clusterers.py

Nothing is random but the points. Where two distances are equal, scikit-learn's HDBSCAN labels depend on the order of the
points; such results are left out, so that those in the file are facts about the points.
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from sklearn import cluster, datasets, metrics

HERE = pathlib.Path(__file__).parent / "sklearn"
LINKAGES = ["ward", "complete", "average", "single"]
HDBSCANS = [
    {"min_cluster_size": 8, "min_samples": 4},
    {"min_cluster_size": 6},
    {"min_cluster_size": 5, "min_samples": 2, "cluster_selection_method": "leaf"},
    {"min_cluster_size": 3, "min_samples": 1},
    {"min_cluster_size": 12, "min_samples": 5, "allow_single_cluster": True},
    {"min_cluster_size": 40, "min_samples": 3, "allow_single_cluster": True, "cluster_selection_epsilon": 0.8},
]


def point_sets():
    """Points rounded to 4 decimals, so that the file is small and both sides read the same numbers."""
    yield "blobs", datasets.make_blobs(n_samples=90, centers=4, n_features=5, cluster_std=1.6, random_state=3)[0], 4, 3.0
    yield "moons", datasets.make_moons(n_samples=120, noise=0.07, random_state=50)[0], 2, 0.22
    rings, draw = datasets.make_circles(n_samples=90, noise=0.05, factor=0.4, random_state=2)[0], np.random.default_rng(1)
    yield "rings and noise", np.vstack([rings, draw.uniform(-1.5, 1.5, (20, 2))]), 3, 0.25
    yield "one cloud", np.random.default_rng(11).normal(size=(80, 3)), 3, 0.9


def hdbscan(points, settings):
    fit = cluster.HDBSCAN(copy=True, **settings).fit(points)
    for seed in range(60):
        order = np.random.default_rng(seed).permutation(len(points))
        again = cluster.HDBSCAN(copy=True, **settings).fit(points[order])
        same = metrics.adjusted_rand_score(fit.labels_[order], again.labels_) == 1.0
        if not same or not np.allclose(fit.probabilities_[order], again.probabilities_, rtol=1e-9):
            return None
    return {"settings": settings, "labels": fit.labels_, "probabilities": fit.probabilities_}


def agglomerative(points, k, linkage):
    fit = cluster.AgglomerativeClustering(k, linkage=linkage, compute_distances=True).fit(points)
    threshold = float(np.round(np.quantile(fit.distances_, 0.93), 3))
    cut = cluster.AgglomerativeClustering(None, linkage=linkage, distance_threshold=threshold).fit(points)
    return {"linkage": linkage, "labels": fit.labels_, "heights": fit.distances_, "threshold": threshold, "cut": cut.labels_}


def describe(name, points, k, eps):
    points = np.round(points, 4)
    dbscan = cluster.DBSCAN(eps=eps, min_samples=5).fit(points)
    return {
        "name": name, "points": points, "k": k,
        "agglomerative": [agglomerative(points, k, linkage) for linkage in LINKAGES],
        "dbscan": {"eps": eps, "labels": dbscan.labels_, "core": dbscan.core_sample_indices_},
        "hdbscan": [fit for settings in HDBSCANS if (fit := hdbscan(points, settings))],
    }


def plain(value):
    """numpy to JSON; 10 digits are more than the tests ask for."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    return float(f"{value:.10g}") if isinstance(value, float) else value


def main():
    warnings.simplefilter("ignore")
    versions = {package.__name__: package.__version__ for package in (sklearn, scipy, np)}
    golden = {"versions": versions, "sets": [describe(*one) for one in point_sets()]}
    (HERE / "clusterers.json").write_text(json.dumps(plain(golden), separators=(",", ":")))


if __name__ == "__main__":
    main()
