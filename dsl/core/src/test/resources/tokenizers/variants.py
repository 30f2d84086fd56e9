"""Makes variants.json beside it: tokenizers with one part changed each, and what AutoTokenizer gives.

Run with transformers and tokenizers (5.18.0 and 0.23.2 here). "dec" is the text of the ids without special
tokens; it is null where an added token is normalized, which tokenizers 0.23
decodes to the normalized text, and the bundled 0.21 to its own.
"""

import copy
import json
import pathlib
import tempfile

import transformers
from transformers import AutoTokenizer

transformers.logging.set_verbosity_error()
W = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "a",
    "good",
    "film",
    "bad",
    "this",
    "was",
    "very",
    "##s",
    "##ly",
    "the",
    ",",
    ".",
    "!",
    "é",
    "e",
    "##e",
    "<x>",
    "New",
    "York",
    "new",
    "york",
]


def added(content, id, special=True, **k):
    d = dict(
        id=id,
        content=content,
        single_word=False,
        lstrip=False,
        rstrip=False,
        normalized=not special,
        special=special,
    )
    d.update(k)
    return d


SP = [added(t, i) for i, t in enumerate(W[:5])]
base = dict(
    version="1.0",
    truncation=None,
    padding=None,
    added_tokens=SP,
    normalizer=None,
    pre_tokenizer={"type": "Whitespace"},
    post_processor=None,
    decoder=None,
    model=dict(
        type="WordPiece",
        unk_token="[UNK]",
        continuing_subword_prefix="##",
        max_input_chars_per_word=100,
        vocab={w: i for i, w in enumerate(W)},
    ),
)
T = [
    "a good film",
    "A good FILM, was very bad!",
    "this  was\tverys goodly",
    "New York new york",
    "the<x>film <x> good",
    "é e\u0301 bad",
    "  a [MASK] film",
    "a[MASK]good [SEP] x",
    "",
    "newyork Newyork New  York",
    "a.b,c!d",
]
tmpl = lambda **k: dict(
    type="TemplateProcessing",
    single=[
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    ],
    pair=[
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 1}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 1}},
    ],
    special_tokens={
        "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
        "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
    },
    **k,
)
V = {}


def case(name, cfg=None, **ch):
    V[name] = (ch, cfg or {})


case("plain")
case("template", post_processor=tmpl())
for n in [
    {"type": "Lowercase"},
    {"type": "NFD"},
    {"type": "NFC"},
    {"type": "NFKC"},
    {"type": "NFKD"},
    {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "StripAccents"},
    {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
    {"type": "Replace", "pattern": {"String": "York"}, "content": "film"},
    {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
    {"type": "Prepend", "prepend": "a "},
    {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    {"type": "Nmt"},
    {"type": "ByteLevel"},
]:
    case("norm-" + json.dumps(n)[:60].replace("/", "_"), normalizer=n, post_processor=tmpl())
for p in [
    None,
    {"type": "BertPreTokenizer"},
    {"type": "WhitespaceSplit"},
    {"type": "Punctuation", "behavior": "Isolated"},
    {"type": "Punctuation", "behavior": "Removed"},
    {"type": "Digits", "individual_digits": True},
    {"type": "CharDelimiterSplit", "delimiter": " "},
    {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed", "invert": False},
    {"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated", "invert": True},
    {
        "type": "Sequence",
        "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}],
    },
    {"type": "UnicodeScripts"},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
    {"type": "FixedLength", "length": 3},
]:
    case("pre-" + json.dumps(p)[:70].replace("/", "_"), pre_tokenizer=p, post_processor=tmpl())
for k in ["lstrip", "rstrip", "single_word", "normalized"]:
    for val in (True, False):
        for sp in (True, False):
            case(
                f"added-{k}-{val}-{sp}",
                added_tokens=SP + [added("<x>", 21, sp, **{k: val}), added("New York", 26, sp, **{k: val})],
                normalizer={"type": "Lowercase"},
                post_processor=tmpl(),
            )
case(
    "added-mask-lstrip", added_tokens=SP[:4] + [added("[MASK]", 4, True, lstrip=True)], post_processor=tmpl()
)
case(
    "truncation-stored",
    truncation=dict(direction="Right", max_length=4, strategy="LongestFirst", stride=0),
    padding=dict(
        strategy={"Fixed": 9},
        direction="Left",
        pad_to_multiple_of=None,
        pad_id=0,
        pad_type_id=0,
        pad_token="[PAD]",
    ),
    post_processor=tmpl(),
)
case("bertproc", post_processor={"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]})
case(
    "robertaproc",
    post_processor={
        "type": "RobertaProcessing",
        "sep": ["[SEP]", 3],
        "cls": ["[CLS]", 2],
        "trim_offsets": True,
        "add_prefix_space": False,
    },
)
case(
    "seqproc",
    post_processor={
        "type": "Sequence",
        "processors": [{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}],
    },
)
case(
    "seqproc2",
    post_processor={
        "type": "Sequence",
        "processors": [
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            tmpl(),
        ],
    },
)
for d in [
    {"type": "WordPiece", "prefix": "##", "cleanup": True},
    {"type": "WordPiece", "prefix": "##", "cleanup": False},
    {"type": "Fuse"},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
    {"type": "BPEDecoder", "suffix": "</w>"},
    {"type": "Strip", "content": "a", "start": 1, "stop": 0},
    {"type": "Replace", "pattern": {"String": "##"}, "content": ""},
    {"type": "CTC", "pad_token": "[PAD]", "word_delimiter_token": "|", "cleanup": True},
    {
        "type": "Sequence",
        "decoders": [{"type": "Replace", "pattern": {"String": "##"}, "content": ""}, {"type": "Fuse"}],
    },
]:
    case("dec-" + json.dumps(d)[:60].replace("/", "_"), decoder=d, post_processor=tmpl())
case("wordlevel", model=dict(type="WordLevel", vocab={w: i for i, w in enumerate(W)}, unk_token="[UNK]"))
case(
    "unigram",
    model=dict(type="Unigram", unk_id=1, vocab=[[w, -float(i)] for i, w in enumerate(W)]),
    pre_tokenizer=None,
)
for n, c in {
    "cfg-addedtokens": {
        "added_tokens_decoder": {
            "26": {
                "content": "<new>",
                "lstrip": False,
                "rstrip": False,
                "single_word": False,
                "normalized": False,
                "special": True,
            }
        }
    },
    "cfg-extra": {"additional_special_tokens": ["<x>"]},
    "cfg-extra2": {"extra_special_tokens": ["<x>"]},
    "cfg-mask": {
        "mask_token": {
            "content": "[MASK]",
            "lstrip": True,
            "rstrip": False,
            "single_word": False,
            "normalized": False,
            "special": True,
            "__type": "AddedToken",
        }
    },
    "cfg-eos": {"eos_token": "<x>"},
    "cfg-eosnew": {"eos_token": "<end>"},
    "cfg-unk": {"unk_token": "<x>"},
    "cfg-special-x": {"pad_token": "film"},
    "cfg-clean": {"clean_up_tokenization_spaces": True},
}.items():
    for cls in ("PreTrainedTokenizerFast", "BertTokenizer"):
        case(
            n + "-" + cls,
            dict(tokenizer_class=cls, **c),
            post_processor=tmpl(),
            decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
        )
cases = []
for name, (changes, config) in V.items():
    config = dict({"tokenizer_class": "PreTrainedTokenizerFast"}, **config)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tokenizer.json").write_text(json.dumps(dict(copy.deepcopy(base), **changes)))
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        ids = [tokenizer(text)["input_ids"] for text in T]
        plain = any(not t["special"] and t["normalized"] for t in changes.get("added_tokens", []))
        plain |= any(t["content"] == "New York" and t["normalized"] for t in changes.get("added_tokens", []))
        cases.append(
            dict(
                name=name,
                changes=changes,
                config=config,
                ids=ids,
                pair=tokenizer(T[0], T[1])["input_ids"],
                dec=None if plain else [tokenizer.decode(i, skip_special_tokens=True) for i in ids],
            )
        )
lines = ",\n".join(json.dumps(case) for case in cases)
here = pathlib.Path(__file__).resolve().parent
(here / "variants.json").write_text(
    '{"base": %s,\n"texts": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(base), json.dumps(T), lines)
)
