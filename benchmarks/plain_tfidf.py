"""The peer of `spam.py`: subject and text through TfidfVectorizer and LogisticRegression, all defaults."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score

artefacts = Path(sys.argv[1]) / ".roadworthy" / "artefacts"
table = pl.read_parquet(next((artefacts / "acquire").glob("*/table.parquet")))
with np.load(next((artefacts / "prepare").glob("*/split.npz")), allow_pickle=False) as kept:
    train, test = kept["train"], kept["test"]
texts = (table["subject"] + "\n" + table["text"]).to_list()
truth = (table["label"] == "spam").to_numpy()
words = TfidfVectorizer()
fitted = LogisticRegression(max_iter=1000).fit(words.fit_transform([texts[row] for row in train]), truth[train])
score = fitted.predict_proba(words.transform([texts[row] for row in test]))[:, 1]
said, true = score >= 0.5, truth[test]
tn, fp, _, _ = confusion_matrix(true, said).ravel()
print(
    json.dumps(
        {
            "f1": float(f1_score(true, said)),
            "false_positive_rate": float(fp / (fp + tn)),
            "one_minus_auc_percent": float(100 * (1 - roc_auc_score(true, score))),
            "precision": float(precision_score(true, said)),
            "recall": float(recall_score(true, said)),
        }
    )
)
