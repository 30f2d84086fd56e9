"""Writes defaults.json: the fields of PEFT's configurations with their defaults, by peft_type; and
targets.json: its default target modules by peft_type and model type.

    python make.py path/of/peft

Reads the source of a checkout of https://github.com/huggingface/peft (version 0.20), and needs
neither torch nor PEFT itself. Fields that PEFT never writes (runtime_config) are left out.
"""

import ast
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
CONFIGS = {
    "ADALORA": "adalora/config.py:AdaLoraConfig",
    "FOURIERFT": "fourierft/config.py:FourierFTConfig",
    "HRA": "hra/config.py:HRAConfig",
    "IA3": "ia3/config.py:IA3Config",
    "LN_TUNING": "ln_tuning/config.py:LNTuningConfig",
    "LOHA": "loha/config.py:LoHaConfig",
    "LOKR": "lokr/config.py:LoKrConfig",
    "LORA": "lora/config.py:LoraConfig",
    "MISS": "miss/config.py:MissConfig",
    "OFT": "oft/config.py:OFTConfig",
    "P_TUNING": "p_tuning/config.py:PromptEncoderConfig",
    "PREFIX_TUNING": "prefix_tuning/config.py:PrefixTuningConfig",
    "PROMPT_TUNING": "prompt_tuning/config.py:PromptTuningConfig",
    "TRAINABLE_TOKENS": "trainable_tokens/config.py:TrainableTokensConfig",
    "VERA": "vera/config.py:VeraConfig",
}
# values that are no literals in the source
NAMES = {
    "list": [],
    "dict": {},
    "PromptTuningInit.RANDOM": "RANDOM",
    "PromptEncoderReparameterizationType.MLP": "MLP",
    "LoraRuntimeConfig": None,
}


def value(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return NAMES[ast.unparse(node)]


def default(node):
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "field":
        arguments = {k.arg: k.value for k in node.keywords}
        return value(arguments.get("default", arguments.get("default_factory")))
    return value(node)


def fields(tree, name, others):
    found = {}
    for part in tree.body:
        if isinstance(part, ast.ClassDef) and part.name == name:
            for base in map(ast.unparse, part.bases):
                found.update(others(tree, base))
            for line in part.body:
                if isinstance(line, ast.AnnAssign) and line.value is not None:
                    found[line.target.id] = default(line.value)
    return found


def main(root):
    root = pathlib.Path(root) / "src" / "peft"

    def parse(path):
        return ast.parse(path.read_text())

    def inherited(tree, base):
        inside = fields(tree, base, inherited)
        if inside:
            return inside
        for path in [root / "config.py", root / "tuners/lycoris_utils.py", root / "tuners/lora/config.py"]:
            inside = fields(parse(path), base, inherited)
            if inside:
                return inside
        return {}

    result = {}
    for kind, place in CONFIGS.items():
        path, name = place.split(":")
        own = fields(parse(root / "tuners" / path), name, inherited)
        own.pop("runtime_config", None)
        own["peft_type"] = kind
        result[kind] = dict(sorted(own.items()))
    write("defaults.json", result)
    write("targets.json", targets(root))


def targets(root):
    """The tables of constants.py, whose assignments run without its imports."""
    tables = {}
    for line in ast.parse((root / "utils/constants.py").read_text()).body:
        if isinstance(line, ast.Assign) and "TARGET_MODULES_MAPPING" in ast.unparse(line):
            exec(ast.unparse(line), tables)
    named = {kind: f"TRANSFORMERS_MODELS_TO_{kind.replace('_', '')}_TARGET_MODULES_MAPPING" for kind in CONFIGS}
    named = {kind: tables[name] for kind, name in named.items() if name in tables}
    return named


def write(name, content):
    (HERE / name).write_text(json.dumps(content, indent=1) + "\n")


main(sys.argv[1])
