"""Makes the folders beside it: small models, adapters that PEFT saved for them, and PEFT's answers.

Run with torch, transformers 5 and peft. Each folder has base/ (a Hugging Face model with random
weights), adapter/ (what PEFT's save_pretrained wrote, unless "keys" says otherwise), case.json with
the architecture, inputs.safetensors, and expected.safetensors: logits with the adapter and of the
base alone. Biases and B matrices are moved off zero, so that a forgotten one shows.
"""

import json
import pathlib
import shutil

import safetensors.torch
import torch
import transformers
from peft import LoraConfig, get_peft_model

here = pathlib.Path(__file__).resolve().parent
bert = dict(vocab_size=16, hidden_size=8, num_hidden_layers=2, num_attention_heads=2)
bert |= dict(intermediate_size=12, max_position_embeddings=12, hidden_dropout_prob=0.0)
bert |= dict(attention_probs_dropout_prob=0.0, num_labels=3)
distil = dict(vocab_size=16, dim=8, n_layers=1, n_heads=2, hidden_dim=12, dropout=0.0)
distil |= dict(max_position_embeddings=12, attention_dropout=0.0)
gpt = dict(vocab_size=16, n_embd=8, n_layer=2, n_head=2, n_positions=12, resid_pdrop=0.0)
gpt |= dict(embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0)
vit = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12)
vit |= dict(image_size=4, patch_size=2, num_channels=3, num_labels=3, hidden_dropout_prob=0.0)
vit |= dict(attention_probs_dropout_prob=0.0)


def ids(low):
    return {"input_ids": torch.randint(low, 16, (2, 6)), "attention_mask": torch.ones(2, 6).long()}


def moved(model, only_trained):
    for parameter in model.parameters():
        if parameter.requires_grad or not only_trained:
            parameter.data += 0.2 * torch.randn(parameter.shape)


def case(name, config, architecture, inputs, keys="saved", **lora):
    torch.manual_seed(sum(map(ord, name)))
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    model = getattr(transformers, architecture)(config)
    moved(model, only_trained=False)
    model.eval()
    model.save_pretrained(folder / "base")
    (folder / "base/generation_config.json").unlink(missing_ok=True)
    with torch.no_grad():
        base = model(**inputs).logits
    model = get_peft_model(model, LoraConfig(r=2, lora_alpha=4, **lora)).eval()
    moved(model, only_trained=True)
    with torch.no_grad():
        logits = model(**inputs).logits
    model.save_pretrained(folder / "adapter")
    (folder / "adapter/README.md").unlink()
    file = folder / "adapter/adapter_model.safetensors"
    if keys == "default":  # as a state_dict has them, and tools that save it as it is
        named = {n: p for n, p in model.named_parameters() if p.requires_grad}
        safetensors.torch.save_file({n: p.data.contiguous() for n, p in named.items()}, file)
    safetensors.torch.save_file(inputs, folder / "inputs.safetensors")
    expected = {"logits": logits.contiguous(), "base": base.contiguous()}
    safetensors.torch.save_file(expected, folder / "expected.safetensors")
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    about = {"architecture": architecture, "keys": keys, "versions": versions}
    (folder / "case.json").write_text(json.dumps(about, indent=1) + "\n")
    print(name, float((logits - base).abs().max()))


torch.manual_seed(1)
roberta = transformers.RobertaConfig(**bert, type_vocab_size=1, pad_token_id=1)
sequence = dict(task_type="SEQ_CLS")
case(
    "roberta-bias-all",
    roberta,
    "RobertaForSequenceClassification",
    ids(2),
    target_modules="all-linear",
    bias="all",
    **sequence,
)
case(
    "roberta-default-keys",
    roberta,
    "RobertaForSequenceClassification",
    ids(2),
    keys="default",
    target_modules=["query", "dense"],
    **sequence,
)
case(
    "bert-bias-all-pooler",
    transformers.BertConfig(**bert),
    "BertForSequenceClassification",
    ids(1),
    target_modules=["query", "value"],
    modules_to_save=["pooler", "classifier"],
    bias="all",
    **sequence,
)
case(
    "distilbert-bias-all",
    transformers.DistilBertConfig(**distil, num_labels=3),
    "DistilBertForSequenceClassification",
    ids(1),
    target_modules=["q_lin", "lin1"],
    bias="all",
    **sequence,
)
case(
    "bert-other-names",
    transformers.BertConfig(**bert),
    "BertForSequenceClassification",
    ids(1),
    target_modules=["query", "q_proj", "c_attn", "v_lin"],
    modules_to_save=["classifier", "score"],
    rank_pattern={"q_proj": 4},
    **sequence,
)
case(
    "gpt2-fan-in-fan-out",
    transformers.GPT2Config(**gpt),
    "GPT2LMHeadModel",
    ids(1),
    target_modules=["c_attn", "c_proj"],
    fan_in_fan_out=True,
    task_type="CAUSAL_LM",
)
for family, prefix, config in [
    ("bert", "Bert", transformers.BertConfig(**bert, tie_word_embeddings=False)),
    (
        "roberta",
        "Roberta",
        transformers.RobertaConfig(
            **bert, type_vocab_size=1, pad_token_id=1, tie_word_embeddings=False
        ),
    ),
    (
        "distilbert",
        "DistilBert",
        transformers.DistilBertConfig(**distil, tie_word_embeddings=False),
    ),
]:
    case(
        family + "-untied-decoder",
        config,
        prefix + "ForMaskedLM",
        ids(2),
        target_modules=["q_lin" if family == "distilbert" else "query"],
        modules_to_save=["vocab_projector" if family == "distilbert" else "decoder"],
        bias="all",
    )
pixels = {"pixel_values": torch.randn(2, 3, 4, 4)}
image = "ViTForImageClassification"
case(
    "vit-all-linear",
    transformers.ViTConfig(**vit),
    image,
    pixels,
    target_modules="all-linear",
    bias="all",
)
case(
    "vit-modules-to-save",
    transformers.ViTConfig(**vit),
    image,
    pixels,
    target_modules=["q_proj"],
    modules_to_save=["classifier", "o_proj"],
)
case(
    "vit-excluded",
    transformers.ViTConfig(**vit),
    image,
    pixels,
    target_modules="all-linear",
    exclude_modules=["fc2", "classifier"],
)
