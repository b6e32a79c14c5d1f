"""What simpler readers say of the same messages on the same folds, for the table in docs/evaluation.md.

    baselines.py TEXTS [--frozen]   words-only rules, naive Bayes, TF-IDF + logistic regression; with --frozen also the
                                    encoder as it comes, its sentence vector + logistic regression (some minutes)
"""

import re
import sys

import careful
import numpy
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline

NAMES = careful.QUESTIONS
RULES = {
    "emergency": r"urgent|asap|emergency|as soon as possible|last minute|right away|immediately|\btoday\b|tonight",
    "complaint": r"complain|disappoint|unhappy|unacceptable|terrible|broken|wrong|awful|not happy|still waiting",
    "unusual": r"discount|for free|exception|favou?r|cheaper|no charge|special",
    "refund": r"refund|money back|reimburse|compensat|chargeback|deposit back",
    "client": r"^(?!.*(unsubscribe|newsletter|click here|do not reply|automatic)).*$",
}


def report(name, given, rows):
    """`given` has one row of yes and no for each message, in the order of QUESTIONS."""
    scores, others = [], [row["sender"] == "other" for row in rows]
    said = given[:, :4] & given[:, 4:5]
    for at in range(4):
        wanted = numpy.array([NAMES[at] in row["concerns"] for row in rows])
        scores.append(2 * (said[:, at] & wanted).sum() / max(1, said[:, at].sum() + wanted.sum()))
    sender = (given[:, 4] == ~numpy.array(others)).mean()
    alarms = 1000 * said[others].any(axis=1).mean()
    each = " ".join(f"{value:.3f}" for value in scores)
    print(f"{name:<34} macro-F1 {sum(scores) / 4:.3f}  ({each})  sender {sender:.3f}  alarms {alarms:.0f}/1000", flush=True)


def by_folds(rows, features_of, model_of):
    """Answers of models that saw nothing of the fold they answer for."""
    folds = numpy.array([row["fold"] for row in rows])
    answers = numpy.zeros((len(rows), 5), dtype=bool)
    wanted = numpy.array([careful.target(row) for row in rows]) > 0.5
    for fold in sorted(set(folds)):
        train, held = folds != fold, folds == fold
        learn, ask = features_of(train), features_of(held)
        for at in range(5):
            model = model_of()
            model.fit(learn, wanted[train, at])
            answers[held, at] = model.predict(ask)
    return answers


def main():
    rows = careful.rows_of(sys.argv[1])
    texts = numpy.array([row["subject"] + "\n" + row["body"] for row in rows])
    rules = numpy.array([[bool(re.search(RULES[n], t, re.I | re.S)) for n in NAMES] for t in texts])
    report("words-only rules", rules, rows)
    pick = lambda chosen: list(texts[chosen])
    report("naive Bayes, words and pairs", by_folds(
        rows, pick, lambda: make_pipeline(CountVectorizer(ngram_range=(1, 2), min_df=2, binary=True), ComplementNB())
    ), rows)
    report("TF-IDF + logistic regression", by_folds(
        rows, pick,
        lambda: make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
        ),
    ), rows)
    if "--frozen" in sys.argv:
        import torch
        from transformers import BertModel

        bert = BertModel.from_pretrained(careful.BASE, add_pooling_layer=False).eval()
        prepared = careful.prepared(sys.argv[1])
        vectors = numpy.zeros((len(rows), 384), dtype=numpy.float32)
        order = sorted(range(len(rows)), key=lambda at: prepared[at]["length"])
        with torch.no_grad():
            for start in range(0, len(order), 64):
                some = order[start : start + 64]
                ids, mask = careful.batch_of([prepared[at]["ids"] for at in some])
                states = bert(input_ids=ids, attention_mask=mask).last_hidden_state
                weight = mask.unsqueeze(-1).float()
                pooled = (states * weight).sum(1) / weight.sum(1)
                vectors[some] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        report("frozen encoder + logistic regression", by_folds(
            rows, lambda chosen: vectors[chosen],
            lambda: LogisticRegression(C=30, class_weight="balanced", max_iter=2000),
        ), rows)


main()
