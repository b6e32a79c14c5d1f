"""Writes what the training framework says of fixed texts, for the tests of the program.

    fixtures.py wordpiece OUT           the reference tokenizer on odd and ordinary strings
    fixtures.py answers MODEL TEXTS OUT the trained MODEL (the .pt beside it) on every N-th text
"""

import json
import random
import sys

import careful

ODD = [
    "", " ", "\t\n", "Cake", "CAKE!!!", "don't", "it's £55, isn't it?", "naïve café Zoë", "ÅNGSTRÖM", "straße", "İstanbul ŞİŞLİ",
    "生日蛋糕 please", "ケーキ", "торт на завтра", "كعكة", "עוגה", "कृपया", "한국어 케이크", "👩‍👩‍👧‍👧 family", "ok 👍🏽", "a\u200bb", "a\u00adb", "a\u202eb", "\ufeffbom",
    "[SEP] [CLS] [MASK] [PAD] [UNK]", "x" * 99, "x" * 100, "x" * 101, "x" * 300, "é" * 101, "…", "—dash—", "‘quoted’ “words”", "1,200.50", "3/12/2026", "o'clock",
    "a-b_c", "e.g.", "http://example.org/a?b=c&d", "ann@example.org", "\u0000nul", "\u0007bell", "\ufffd", "½ price", "№5", "™ ® ©", "ﬁne ﬂoor", "𝐫𝐞𝐟𝐮𝐧𝐝",
    "ǅ", "ẞ", "Σίσυφος", "ΟΔΟΣ", "a\u0301\u0302", "\u0301alone", "¿qué?", "¡hola!", "、。", "「cake」", "\U0001f382", "\U000e0041", "\ue000private", "\u2028line\u2029para",
    "tab\tnew\nline\rret", "~`^|<>=+$", "$5 €5 ¥5 ₹5", "co-operate re-do", "supercalifragilisticexpialidocious", "zxqwv", "ünïcödé", "a.b.c...d", "!?!?", "(((", "#hashtag @name",
]


def wordpiece(out):
    tokens = careful.tokenizer()
    rng = random.Random(7)
    letters = "abcdeéßñøłçюжя 中日  ,.!?'\"-\u200d\u0301\u00a0\u2009£€👍0123ABCÄİ\t\n"
    texts = ODD + ["".join(rng.choice(letters) for _ in range(rng.randint(1, 40))) for _ in range(160)]
    with open(out, "w", encoding="utf-8") as file:
        for text in texts:
            ids = tokens.encode(text, add_special_tokens=False).ids
            file.write(json.dumps({"text": text, "tokens": ids}) + "\n")


def answers(model, texts, out):
    import torch

    reader = careful.Reader()
    reader.load_state_dict(torch.load(model + ".pt"))
    reader.eval()
    # The layers are rounded since training; these as in the file.
    table = reader.bert.embeddings.word_embeddings.weight
    table.data = careful.rounded_rows(table.data, 127)
    kinds = reader.bert.embeddings.token_type_embeddings.weight.data
    table = reader.bert.embeddings.position_embeddings.weight
    table.data = careful.rounded_rows(table.data + kinds[0], 127) - kinds[0]
    rows = careful.prepared(texts)[::97]
    with open(out, "w", encoding="utf-8") as file:
        for row, answer in zip(rows, careful.answers_of(reader, rows)):
            line = {"subject": row["subject"], "body": row["body"], "tokens": row["ids"]}
            file.write(json.dumps(line | {"answers": [round(number, 4) for number in answer]}) + "\n")


if sys.argv[1] == "wordpiece":
    wordpiece(sys.argv[2])
else:
    answers(*sys.argv[2:])
