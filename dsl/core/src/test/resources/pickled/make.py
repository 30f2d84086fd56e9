"""Writes tensors.bin, in the format of torch.save of an OrderedDict (PyTorch 1.6 to 2.x), with
Python's own pickler. The names that the pickle uses are PyTorch's; stand-ins for them are made
here, so that PyTorch is not needed.

    python make.py
"""

import collections
import io
import pathlib
import pickle
import struct
import sys
import types
import zipfile

HERE = pathlib.Path(__file__).parent


def module(name):
    made = types.ModuleType(name)
    sys.modules[name] = made
    return made


torch = module("torch")
utils = module("torch._utils")


def function(where, name):
    def made(*arguments):
        raise NotImplementedError(name)

    made.__name__ = made.__qualname__ = name
    made.__module__ = where.__name__
    setattr(where, name, made)
    return made


def storage_type(name):
    made = type(name, (), {"__module__": "torch"})
    setattr(torch, name, made)
    return made


REBUILD = function(utils, "_rebuild_tensor_v2")
PARAMETER = function(utils, "_rebuild_parameter")
TYPES = {
    "f": storage_type("FloatStorage"),
    "d": storage_type("DoubleStorage"),
    "e": storage_type("HalfStorage"),
    "bf16": storage_type("BFloat16Storage"),
    "q": storage_type("LongStorage"),
    "?": storage_type("BoolStorage"),
}


class Storage:
    def __init__(self, key, kind, values):
        self.key, self.kind, self.values = key, kind, values

    def bytes(self):
        if self.kind == "bf16":
            return b"".join(struct.pack("<f", v)[2:] for v in self.values)
        return struct.pack(f"<{len(self.values)}{self.kind}", *self.values)


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.arguments = (storage, offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return REBUILD, self.arguments


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return PARAMETER, (self.tensor, True, collections.OrderedDict())


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", TYPES[value.kind], value.key, "cpu", len(value.values))
        return None


matrix = Storage("0", "f", [0.5 * i for i in range(12)])
half = Storage("1", "e", [1.0, -2.0, 0.25, 8.0])
double = Storage("2", "d", [3.5, -1e100])
brain = Storage("3", "bf16", [1.5, -4.0])
whole = Storage("4", "q", [7, -(2**40)])
flags = Storage("5", "?", [True, False, True])
empty = Storage("6", "f", [])

tensors = collections.OrderedDict()
tensors["matrix"] = Tensor(matrix, 0, (3, 4), (4, 1))
tensors["transposed"] = Tensor(matrix, 0, (4, 3), (1, 4))
tensors["column"] = Tensor(matrix, 2, (3,), (4,))
tensors["scalar"] = Tensor(matrix, 5, (), ())
tensors["half"] = Parameter(Tensor(half, 0, (2, 2), (2, 1)))
tensors["double"] = Tensor(double, 0, (2,), (1,))
tensors["brain"] = Tensor(brain, 0, (1, 2), (2, 1))
tensors["whole"] = Tensor(whole, 0, (2,), (1,))
tensors["flags"] = Tensor(flags, 0, (3,), (1,))
tensors["empty"] = Tensor(empty, 0, (0, 8), (8, 1))
tensors._metadata = collections.OrderedDict([("", {"version": 1})])

described = io.BytesIO()
Pickler(described, protocol=2).dump(tensors)
with zipfile.ZipFile(HERE / "tensors.bin", "w", zipfile.ZIP_STORED) as archive:
    def entry(name, data):
        archive.writestr(zipfile.ZipInfo("tensors/" + name), data)

    entry("data.pkl", described.getvalue())
    entry("byteorder", b"little")
    for storage in (matrix, half, double, brain, whole, flags, empty):
        entry("data/" + storage.key, storage.bytes())
    entry("version", b"3\n")
