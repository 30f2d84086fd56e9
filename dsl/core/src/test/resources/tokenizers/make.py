"""Makes the tokenizers beside it and ids.json: what AutoTokenizer of transformers gives for them.

Run with transformers 5. The files' own rules differ from those that the classes build, so that ids
tell which of them were applied. Each entry of ids.json has the model_type of config.json, the
content of tokenizer_config.json, and the ids of texts and of one pair.
"""

import json
import pathlib
import tempfile

import tokenizers
import transformers
from transformers import AutoTokenizer

# Some builds of tokenizers call the second argument cls_token; transformers passes cls.
PROCESSING = tokenizers.processors.RobertaProcessing
tokenizers.processors.RobertaProcessing = lambda sep, cls, **rest: PROCESSING(sep, cls, **rest)

here = pathlib.Path(__file__).resolve().parent
MARK = "\u2581"


def special(*names):
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    return [{"id": i, "content": name} | flags for i, name in enumerate(names)]


def tokenizer(names, **rules):
    parts = dict(normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None)
    fixed = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": special(*names)}
    return fixed | parts | rules


def byte_level(space):
    return dict(type="ByteLevel", add_prefix_space=space, trim_offsets=True, use_regex=True)


def bpe(names, merges):
    letters = [chr(c) for c in range(ord("!"), ord("~") + 1)]
    bytes_of_others = ["\u0120", "\u010a", "\u00c3", "\u00a9", "\u00cc", "\u0123", "\u00c2"]
    vocabulary = [*names, *letters, *bytes_of_others, *("".join(pair) for pair in merges)]
    return dict(
        type="BPE",
        dropout=None,
        unk_token=None,
        continuing_subword_prefix="",
        end_of_word_suffix="",
        fuse_unk=False,
        byte_fallback=False,
        ignore_merges=False,
        vocab={token: i for i, token in enumerate(dict.fromkeys(vocabulary))},
        merges=[list(pair) for pair in merges],
    )


MERGES = [("\u0120", "a"), ("f", "i"), ("\u0120", "fi"), ("1", "2"), ("l", "m"), ("\u0120fi", "lm")]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
roberta = tokenizer(
    ROBERTA,
    normalizer=dict(type="Lowercase"),
    pre_tokenizer=byte_level(True),
    post_processor=dict(
        type="RobertaProcessing",
        sep=["</s>", 2],
        cls=["<s>", 0],
        trim_offsets=True,
        add_prefix_space=True,
    ),
    model=bpe(ROBERTA, MERGES),
)
QWEN2 = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
qwen2 = tokenizer(QWEN2, pre_tokenizer=byte_level(False), model=bpe(QWEN2, MERGES))
XLM = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
pieces = {MARK: -2.0, MARK + "a": -3.0, "a": -3.5, MARK + "film": -4.0, "film": -4.5, "f": -6.0}
xlm = tokenizer(
    XLM,
    normalizer=dict(type="Lowercase"),
    pre_tokenizer=dict(type="Metaspace", replacement=MARK, prepend_scheme="never", split=True),
    post_processor=dict(
        type="RobertaProcessing",
        sep=["</s>", 2],
        cls=["<s>", 0],
        trim_offsets=True,
        add_prefix_space=True,
    ),
    model=dict(
        type="Unigram",
        unk_id=3,
        byte_fallback=False,
        vocab=[[name, 0.0] for name in XLM] + [list(piece) for piece in pieces.items()],
    ),
)

TEXTS = ["a film", "A film", " a  film 12", "e\u0301 film\n\n a", "a<mask>film", ""]
CASES = [
    ("roberta", "roberta", {}),
    ("roberta", "roberta", {"tokenizer_class": "RobertaTokenizer"}),
    ("roberta", "roberta", {"add_prefix_space": True}),
    ("roberta", "roberta", {"tokenizer_class": "RobertaTokenizerFast", "cls_token": "<mask>"}),
    ("roberta", "roberta", {"tokenizer_class": "PreTrainedTokenizerFast"}),
    ("xlm-roberta", "xlm-roberta", {}),
    ("xlm-roberta", "xlm-roberta", {"tokenizer_class": "XLMRobertaTokenizer"}),
    ("xlm-roberta", "xlm-roberta", {"add_prefix_space": False}),
    ("xlm-roberta", "xlm-roberta", {"tokenizer_class": "PreTrainedTokenizerFast"}),
    ("qwen2", "qwen2", {}),
    ("qwen2", "qwen2", {"tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": True}),
    ("qwen2", "qwen2", {"tokenizer_class": "PreTrainedTokenizerFast"}),
]

for name, json_file in [("roberta", roberta), ("xlm-roberta", xlm), ("qwen2", qwen2)]:
    text = json.dumps(json_file, ensure_ascii=True, separators=(",", ":"))
    (here / (name + ".json")).write_text(text + "\n")
rows = []
for file, model_type, config in CASES:
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tokenizer.json").write_text((here / (file + ".json")).read_text())
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        encode = AutoTokenizer.from_pretrained(folder)
        ids = {text: encode([text])["input_ids"][0] for text in TEXTS}
        pair = encode(TEXTS[0], TEXTS[1])["input_ids"]
        print(file, config, type(encode).__name__, ids, pair)
    rows.append(dict(file=file, model_type=model_type, config=config, ids=ids, pair=pair))
versions = dict(transformers=transformers.__version__, tokenizers=tokenizers.__version__)
document = dict(versions=versions, texts=TEXTS[:2], cases=rows)
(here / "ids.json").write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n")
