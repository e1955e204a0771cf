"""On real mail: the words rank well by time, and counting is cheap."""

import tarfile

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from roadworthy.bundle.encoded import Encoded
from roadworthy.bundle.mail import Mail, mail_columns, parse_mail
from roadworthy.features.design import make_design

LISTS = {name for name, kind in Mail.__annotations__.items() if "list" in str(kind)}
LEAKS = (
    "list_*",
    "mailing_list",
    "precedence",
    "errors_to",
    "sender",
    "delivered_to",
    "return_path",
    "received",
    "x_spam*",
)
REDACT = (
    "netnoteinc taint.org spamassassin exmh zzzz jmason linux.ie freshrpms razor-users ilug redhat sourceforge xent"
)


def matrix(encoded: Encoded) -> sparse.csr_matrix:
    words = encoded.sparse
    return sparse.csr_matrix((words.data, words.indices, words.indptr), shape=(len(encoded.dense), words.width))


@pytest.mark.corpus
@pytest.mark.slow
def test_words_rank_mail_by_time(corpus, declared):
    with tarfile.open(corpus / "spamassassin" / "spamassassin_raw.tar.gz") as archive:
        members = [member for member in archive if member.isfile()]
        spam = np.array(["spam" in member.name.split("/")[-2] for member in members], dtype=np.int8)
        mails = [parse_mail(archive.extractfile(member).read()) for member in members]
    columns = mail_columns(mails)
    table = pl.DataFrame(
        {name: pl.Series(name, v, dtype=pl.List(pl.String) if name in LISTS else None) for name, v in columns.items()}
    )
    data = {"time": "received", "key": "message_id", "leaks": LEAKS, "redact": tuple(REDACT.split())}
    design = make_design(table, declared(kind="mail", data=data), truth=spam)
    order = np.argsort([mail.time or 0.0 for mail in mails], kind="stable")
    train, test = np.split(order, [int(0.7 * len(order))])
    steps = design.fit(train)
    fitted, held = design.encode(steps, train, fitted_on=True), design.encode(steps, test)
    model = LogisticRegression(C=30, solver="liblinear", tol=1e-3).fit(matrix(fitted), spam[train])
    assert roc_auc_score(spam[test], model.decision_function(matrix(held))) > 0.9992
