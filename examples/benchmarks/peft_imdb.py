#!/usr/bin/env python3
"""The IMDb recipe of docs/benchmarks.md in transformers + PEFT: one JSON line per epoch.

    peft_imdb.py MODEL_FOLDER TRAIN.jsonl [TEST.jsonl] [--seed 1] [--epochs 3] [--batch 32] [--max-length 256]
                 [--padding longest|max_length] [--rows N] [--steps N]

LoRA r 8, alpha 32, dropout 0.1 on query, key, value and dense; hidden and attention dropout 0.1; batches padded to their
longest row, or all of them to the maximum; AdamW at 1e-3 with linear decay to 0, weight decay 0.01. Without TEST nothing
is evaluated. --rows uses only the first rows. --steps stops after that many timed steps, which follow one warm-up step, and
prints their median instead of epochs.
"""
import argparse
import itertools
import json
import statistics
import time

import peft
import torch
import transformers
from torch.utils.data import DataLoader


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("test", nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--padding", choices=["longest", "max_length"], default="longest")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--steps", type=int)
    return parser.parse_args()


def examples(tokenizer, file, options, count=None):
    with open(file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, count)]
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=options.max_length)
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": row["label"]}
        for ids, mask, row in zip(encoded["input_ids"], encoded["attention_mask"], rows)
    ]


def accuracy(model, loader):
    model.eval()
    right = rows = 0
    with torch.no_grad():
        for batch in loader:
            labels = batch.pop("labels")
            right += int((model(**batch).logits.argmax(-1) == labels).sum())
            rows += len(labels)
    return right / rows


def adapted(options):
    model = transformers.BertForSequenceClassification.from_pretrained(
        options.model, num_labels=2, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1
    )
    lora = peft.LoraConfig(
        task_type=peft.TaskType.SEQ_CLS,
        r=8,
        lora_alpha=32,
        lora_dropout=0.1,
        target_modules=["query", "key", "value", "dense"],
    )
    return peft.get_peft_model(model, lora)


def timed(learn, loader, steps):
    """The median of some steps, after one to warm up."""
    seconds = []
    for batch in itertools.islice(loader, steps + 1):
        start = time.perf_counter()
        learn(batch)
        seconds.append(time.perf_counter() - start)
    return {"step_s": statistics.median(seconds[1:]), "steps": len(seconds) - 1, "batches": len(loader)}


def main():
    options = arguments()
    transformers.set_seed(options.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    collate = transformers.DataCollatorWithPadding(tokenizer, padding=options.padding, max_length=options.max_length)
    rows = examples(tokenizer, options.train, options, options.rows)
    train = DataLoader(rows, batch_size=options.batch, shuffle=True, collate_fn=collate)
    model = adapted(options)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.01)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, len(train) * options.epochs)

    def learn(batch):
        optimizer.zero_grad(set_to_none=True)
        model(**batch).loss.backward()
        optimizer.step()
        schedule.step()

    model.train()
    if options.steps:
        report = timed(learn, train, options.steps)
        report["mean_length"] = statistics.mean(len(row["input_ids"]) for row in rows)
        print(json.dumps(report))
        return
    test = None
    if options.test:
        test = DataLoader(examples(tokenizer, options.test, options), batch_size=options.batch, collate_fn=collate)
    for epoch in range(1, options.epochs + 1):
        model.train()
        start = time.perf_counter()
        for batch in train:
            learn(batch)
        seconds = time.perf_counter() - start
        right = accuracy(model, test) if test else None
        print(json.dumps({"epoch": epoch, "train_s": round(seconds, 2), "accuracy": right}), flush=True)


if __name__ == "__main__":
    main()
