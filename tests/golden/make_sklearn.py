#!/usr/bin/env python3
"""Makes sklearn/golden.json: small point sets and what scikit-learn says about them. The unit tests read it.

    pip install scikit-learn==1.9.1 && python tests/golden/make_sklearn.py

External scores take noise (-1) as one more cluster, internal scores leave it out; accuracy (best one-to-one pairing of
clusters with classes) counts it as an error. A score scikit-learn refuses to give is null.
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist, squareform
from sklearn import cluster, datasets, decomposition, metrics, preprocessing
from sklearn.manifold import _t_sne, trustworthiness
from sklearn.metrics.cluster import contingency_matrix

HERE = pathlib.Path(__file__).parent / "sklearn"
PERPLEXITY = 10.0


def point_sets():
    """Points rounded to 5 decimals, so that the file is small and both sides read the same numbers."""
    wine, classes = datasets.load_wine(return_X_y=True)  # UCI wine, CC BY 4.0
    yield "wine", preprocessing.StandardScaler().fit_transform(wine), classes
    yield "blobs", *datasets.make_blobs(n_samples=90, centers=4, n_features=5, cluster_std=2.5, random_state=3)
    yield "wide", *datasets.make_blobs(n_samples=14, centers=2, n_features=20, cluster_std=3.0, random_state=5)


def labellings(points, truth, fixed):
    k, n = len(set(truth)), len(truth)
    draw = np.random.default_rng(0)
    typical = np.median(pdist(points))
    yield "kmeans", fixed.labels_
    yield "truth", truth
    yield "random", draw.integers(0, k + 1, n)
    yield "noisy", np.where(draw.random(n) < 0.2, -1, fixed.labels_)
    yield "dbscan", cluster.DBSCAN(eps=0.5 * typical, min_samples=3).fit(points).labels_
    yield "one cluster", np.zeros(n, int)
    yield "all noise", np.full(n, -1)
    yield "singletons", np.arange(n)


def accuracy(truth, assigned):
    kept = assigned >= 0
    if not kept.any():
        return 0.0
    table = contingency_matrix(truth[kept], assigned[kept])
    return table[linear_sum_assignment(-table)].sum() / len(truth)


def scores(points, truth, assigned):
    h, c, v = metrics.homogeneity_completeness_v_measure(truth, assigned)
    table = contingency_matrix(truth, assigned)
    kept = assigned >= 0

    def internal(score):
        try:
            return score(points[kept], assigned[kept])
        except ValueError:
            return None

    return {
        "ari": metrics.adjusted_rand_score(truth, assigned),
        "nmi": metrics.normalized_mutual_info_score(truth, assigned),
        "ami": metrics.adjusted_mutual_info_score(truth, assigned),
        "homogeneity": h, "completeness": c, "v_measure": v,
        "fowlkes_mallows": metrics.fowlkes_mallows_score(truth, assigned),
        "purity": table.max(axis=0).sum() / table.sum(),
        "accuracy": accuracy(truth, assigned),
        "silhouette": internal(metrics.silhouette_score),
        "calinski_harabasz": internal(metrics.calinski_harabasz_score),
        "davies_bouldin": internal(metrics.davies_bouldin_score),
        "noise_share": (assigned < 0).mean(),
    }


def describe(name, points, truth):
    points, k = np.round(points, 5), len(set(truth))
    rows = np.random.default_rng(1).choice(len(points), k, replace=False)
    fixed = cluster.KMeans(k, init=points[rows], n_init=1).fit(points)
    best = [cluster.KMeans(k, n_init=10, random_state=seed).fit(points).inertia_ for seed in range(5)]
    pca = decomposition.PCA(min(5, *points.shape), svd_solver="full").fit(points)
    return {
        "name": name, "points": points, "truth": truth,
        "pca": {"components": pca.components_, "explained_variance": pca.explained_variance_},
        "kmeans": {"rows": rows, "centres": fixed.cluster_centers_, "labels": fixed.labels_, "inertia": fixed.inertia_,
                   "iterations": fixed.n_iter_, "seeded_inertia": max(best)},
        "labellings": [{"name": what, "assigned": assigned, "scores": scores(points, truth, assigned)}
                       for what, assigned in labellings(points, truth, fixed)],
    }


def tsne(points):
    """P, its KL divergence and gradient at the first two columns, on the blobs; all without randomness."""
    points = np.round(points, 5)
    layout = points[:, :2]
    squared = squareform(pdist(points, "sqeuclidean"))
    joint = _t_sne._joint_probabilities(squared.astype(np.float32), PERPLEXITY, 0)
    divergence, gradient = _t_sne._kl_divergence(layout.ravel(), joint, 1, len(points), 2)
    final = _t_sne.TSNE(perplexity=PERPLEXITY, init="pca", method="exact", random_state=0).fit(points)
    return {"perplexity": PERPLEXITY, "first_row": squareform(joint)[0], "divergence": divergence,
            "gradient": gradient.reshape(-1, 2), "final_divergence": final.kl_divergence_,
            "final_trustworthiness": trustworthiness(points, final.embedding_, n_neighbors=12)}


def plain(value):
    """numpy to JSON; float64 keeps all its digits."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def main():
    warnings.simplefilter("ignore")
    sets = list(point_sets())
    versions = {package.__name__: package.__version__ for package in (sklearn, scipy, np)}
    golden = {"versions": versions, "sets": [describe(*one) for one in sets], "tsne": tsne(sets[1][1])}
    HERE.mkdir(exist_ok=True)
    (HERE / "golden.json").write_text(json.dumps(golden, default=plain, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
