#!/usr/bin/env python3
"""Makes sklearn/retrieval.json: nearest rows by cosine of the set `wine` in golden.json, and scores of their rankings.

    pip install scikit-learn==1.9.1 && python tests/golden/make_retrieval.py
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import average_precision_score, ndcg_score
from sklearn.metrics.pairwise import cosine_similarity

HERE = pathlib.Path(__file__).parent / "sklearn"
wine = next(s for s in json.loads((HERE / "golden.json").read_text())["sets"] if s["name"] == "wine")
points, truth = np.array(wine["points"]), np.array(wine["truth"])
similar = cosine_similarity(points)
nearest, scores = [], []
for row, line in enumerate(similar):
    others = np.delete(np.arange(len(points)), row)
    order = others[np.argsort(-line[others], kind="stable")]
    relevant = (truth[order] == truth[row]).astype(int)
    nearest.append(order[:5].tolist())
    falling = np.arange(len(order), 0, -1)
    scores.append([relevant[:10].mean(), relevant[:10].sum() / relevant.sum(), 1 / (1 + relevant.argmax()),
                   average_precision_score(relevant, falling), ndcg_score([relevant], [falling], k=10)])
told = {"nearest": nearest, "means": np.mean(scores, axis=0).tolist()}
(HERE / "retrieval.json").write_text(json.dumps(told, separators=(",", ":")) + "\n")
