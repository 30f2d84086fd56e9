#!/usr/bin/env python3
"""One LoRA training step in transformers + PEFT, measured like `jlora bench step` and printed under the same JSON keys.

    peft_peer.py [--model bert-base] [--targets query,key,value,dense] [--batch 8] [--length 128]
                 [--precision fp32|autocast|bf16] [--steps 9] [--device cpu|cuda] [--compile] [--kernels]

The model has random weights in the shape of the published configuration; LoRA has r 8, alpha 32, dropout 0.1; AdamW. A
step is zero_grad, forward, backward, update. `bf16` keeps all weights in bfloat16, `autocast` only computes in it.
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

WARM_UP = 4


class Peer:
    """A model, the modules that get an adapter, and a random batch with labels."""

    def __init__(self, model, task, targets, batch):
        self.model, self.task, self.targets, self.batch = model, task, targets, batch


def bert(options, **size):
    config = transformers.BertConfig(num_labels=2, **size)
    shape = (options.batch, options.length)
    batch = {
        "input_ids": torch.randint(0, config.vocab_size, shape),
        "attention_mask": torch.ones(shape, dtype=torch.long),
        "labels": torch.randint(0, 2, (options.batch,)),
    }
    return Peer(
        transformers.BertForSequenceClassification(config), peft.TaskType.SEQ_CLS, "query,key,value,dense", batch
    )


def gpt2(options, **size):
    config = transformers.GPT2Config(**size)
    ids = torch.randint(0, config.vocab_size, (options.batch, options.length))
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    return Peer(transformers.GPT2LMHeadModel(config), peft.TaskType.CAUSAL_LM, "c_attn", batch)


def llama(options, **size):
    config = transformers.LlamaConfig(**size)
    ids = torch.randint(0, config.vocab_size, (options.batch, options.length))
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    return Peer(transformers.LlamaForCausalLM(config), peft.TaskType.CAUSAL_LM, "q_proj,v_proj", batch)


def vit(options, **size):
    config = transformers.ViTConfig(num_labels=2, **size)
    batch = {
        "pixel_values": torch.randn(options.batch, 3, config.image_size, config.image_size),
        "labels": torch.randint(0, 2, (options.batch,)),
    }
    model = transformers.ViTForImageClassification(config)
    old_names = any(name.endswith(".query") for name, _ in model.named_modules())  # until transformers 5
    return Peer(model, None, "query,value" if old_names else "q_proj,v_proj", batch)


LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
TINY = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 512}
TINY_LLAMA = {
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 22,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "vocab_size": 32000,
}
MODELS = {
    "bert-base": lambda options: bert(options),
    "bert-large": lambda options: bert(options, **LARGE),
    "gpt2": lambda options: gpt2(options),
    "gpt2-medium": lambda options: gpt2(options, n_embd=1024, n_layer=24, n_head=16),
    "vit-base": lambda options: vit(options),
    "bert-tiny": lambda options: bert(options, **TINY),
    "tinyllama-1.1b": lambda options: llama(options, **TINY_LLAMA),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=sorted(MODELS), default="bert-base")
    parser.add_argument("--targets", help="names of modules, by commas; each model has its usual ones")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--precision", choices=["fp32", "autocast", "bf16"], default="fp32")
    parser.add_argument("--steps", type=int, default=9)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--kernels", action="store_true", help="count the CUDA kernels of a step by PyTorch's profiler")
    return parser.parse_args()


def build(options):
    torch.manual_seed(options.seed)
    peer = MODELS[options.model](options)
    lora = peft.LoraConfig(
        task_type=peer.task,
        r=8,
        lora_alpha=32,
        lora_dropout=0.1,
        target_modules=(options.targets or peer.targets).split(","),
        modules_to_save=["classifier"] if peer.task is None else None,
        fan_in_fan_out=options.model.startswith("gpt2"),
    )
    model = peft.get_peft_model(peer.model, lora)
    batch = peer.batch
    if options.precision == "bf16":
        model.to(torch.bfloat16)
        batch = {name: t.to(torch.bfloat16) if t.is_floating_point() else t for name, t in batch.items()}
    return model.to(options.device).train(), {name: t.to(options.device) for name, t in batch.items()}


def look_at_kernels(step):
    """How many CUDA kernels one step is, copies and fills among them, and the sum of their seconds."""
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        step()
        torch.cuda.synchronize()
    kernels = [event for event in profiler.events() if event.device_type == DeviceType.CUDA]
    return len(kernels), sum(event.device_time_total for event in kernels) / 1e6


def main():
    options = arguments()
    model, batch = build(options)
    trainable, total = model.get_nb_trainable_parameters()
    forward = torch.compile(model) if options.compile else model
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.01)
    cuda = options.device.startswith("cuda")
    kind = "cuda" if cuda else "cpu"

    def half():
        return torch.autocast(kind, torch.bfloat16) if options.precision == "autocast" else contextlib.nullcontext()

    def one_step():
        optimizer.zero_grad(set_to_none=True)
        with half():
            loss = forward(**batch).loss
        loss.backward()
        optimizer.step()
        return loss

    seconds, queued = [], []
    for _ in range(WARM_UP + options.steps):
        start = time.perf_counter()
        one_step()
        queued.append(time.perf_counter() - start)
        if cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    step = statistics.median(seconds[WARM_UP:])
    peak = torch.cuda.max_memory_allocated() if cuda else 0
    kernels, busy = look_at_kernels(one_step) if cuda and options.kernels else (0, 0)
    ids = batch.get("input_ids", batch["labels"])
    report = {
        "step_s": step,
        "step_min_s": min(seconds[WARM_UP:]),
        "tokens_per_s": ids.numel() / step,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_device_bytes": peak,
        "host_s": statistics.median(queued[WARM_UP:]),
        "kernels_per_step": kernels,
        "kernels_busy_s": busy,
        "launch_gap_s": max(0, step - busy) if kernels else 0,
        "precision": options.precision,
        "model": options.model,
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
