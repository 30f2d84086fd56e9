#!/usr/bin/env python3
"""One LoRA training step in transformers + PEFT, measured like `jlora bench step` and printed under the same JSON keys.

    peft_peer.py [--batch 8] [--length 128] [--precision fp32|autocast|bf16] [--steps 9] [--device cpu|cuda] [--compile]

BERT of the base size from its configuration with random weights, LoRA on query, key, value and dense (r 8, alpha 32, dropout
0.1), AdamW; a step is zero_grad, forward, backward, update. `bf16` keeps all weights in bfloat16, `autocast` only computes in it.
For a fair CPU figure use a PyTorch whose BLAS shares OpenMP's threads, set OMP_NUM_THREADS, and quote the faster of glibc's
default allocation and MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184.
"""
import argparse
import contextlib
import json
import resource
import statistics
import time

import peft
import torch
import transformers

WARM_UP = 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--precision", choices=["fp32", "autocast", "bf16"], default="fp32")
    parser.add_argument("--steps", type=int, default=9)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args()


def build(options):
    torch.manual_seed(options.seed)
    config = transformers.BertConfig(num_labels=2)
    model = transformers.BertForSequenceClassification(config)
    lora = peft.LoraConfig(
        task_type=peft.TaskType.SEQ_CLS,
        r=8,
        lora_alpha=32,
        lora_dropout=0.1,
        target_modules=["query", "key", "value", "dense"],
    )
    model = peft.get_peft_model(model, lora)
    if options.precision == "bf16":
        model.to(torch.bfloat16)
    return model.to(options.device).train(), config


def main():
    options = arguments()
    model, config = build(options)
    trainable, total = model.get_nb_trainable_parameters()
    forward = torch.compile(model) if options.compile else model
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.01)
    shape = (options.batch, options.length)
    ids = torch.randint(0, config.vocab_size, shape, device=options.device)
    mask = torch.ones(shape, dtype=torch.long, device=options.device)
    labels = torch.randint(0, 2, (options.batch,), device=options.device)
    cuda = options.device.startswith("cuda")
    kind = "cuda" if cuda else "cpu"

    def half():
        return torch.autocast(kind, torch.bfloat16) if options.precision == "autocast" else contextlib.nullcontext()

    seconds = []
    for _ in range(WARM_UP + options.steps):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with half():
            loss = forward(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        optimizer.step()
        loss.item()
        if cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    step = statistics.median(seconds[WARM_UP:])
    report = {
        "step_s": step,
        "step_min_s": min(seconds[WARM_UP:]),
        "tokens_per_s": options.batch * options.length / step,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_device_bytes": torch.cuda.max_memory_allocated() if cuda else 0,
        "precision": options.precision,
        "model": "bert-base",
        "batch": options.batch,
        "length": options.length,
        "steps": options.steps,
        "threads": torch.get_num_threads(),
        "device": options.device,
        "compiled": options.compile,
        "trainable_parameters": trainable,
        "all_parameters": total,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
