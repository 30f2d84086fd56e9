#!/usr/bin/env python3
"""The IMDb recipe of docs/benchmarks.md in transformers + PEFT: one JSON line an epoch.

    peft_imdb.py MODEL_FOLDER TRAIN.jsonl TEST.jsonl [--seed 1] [--epochs 3]

LoRA r 8, alpha 32, dropout 0.1 on query, key, value and dense; hidden and attention dropout 0.1; at most 256 tokens, batches of 32
padded to their longest row; AdamW at 1e-3 falling linearly to 0, weight decay 0.01.
"""
import argparse
import json
import time

import peft
import torch
import transformers
from torch.utils.data import DataLoader


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    return parser.parse_args()


def examples(tokenizer, file):
    with open(file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=256)
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


def main():
    options = arguments()
    transformers.set_seed(options.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    collate = transformers.DataCollatorWithPadding(tokenizer)
    train = DataLoader(examples(tokenizer, options.train), batch_size=32, shuffle=True, collate_fn=collate)
    test = DataLoader(examples(tokenizer, options.test), batch_size=32, collate_fn=collate)
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
    model = peft.get_peft_model(model, lora)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.01)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, len(train) * options.epochs)
    for epoch in range(1, options.epochs + 1):
        model.train()
        start = time.perf_counter()
        for batch in train:
            optimizer.zero_grad(set_to_none=True)
            model(**batch).loss.backward()
            optimizer.step()
            schedule.step()
        seconds = time.perf_counter() - start
        print(json.dumps({"epoch": epoch, "train_s": round(seconds, 2), "accuracy": accuracy(model, test)}), flush=True)


if __name__ == "__main__":
    main()
