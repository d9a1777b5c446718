"""Writes model/gguf/testdata/types.gguf with the gguf package, and what that package reads from it, as float32, to types.f32.

One tensor of each type that Rankloop reads, in the order of the file, and metadata of every kind of value.
Run it from the repository's root with the gguf package installed: python interop/gguf_golden.py
"""

from pathlib import Path

import gguf
import numpy as np

out = Path("model/gguf/testdata")
rng = np.random.default_rng(1)
writer = gguf.GGUFWriter(out / "types.gguf", "llama")
writer.add_uint8("test.uint8", 200)
writer.add_int8("test.int8", -100)
writer.add_uint16("test.uint16", 60000)
writer.add_int16("test.int16", -30000)
writer.add_uint32("test.uint32", 4000000000)
writer.add_int32("test.int32", -2000000000)
writer.add_uint64("test.uint64", 1 << 63)
writer.add_int64("test.int64", -(1 << 62))
writer.add_float32("test.float32", 1e-5)
writer.add_float64("test.float64", 1e-300)
writer.add_bool("test.bool", True)
writer.add_string("test.string", "café <|im_end|>")
writer.add_array("test.strings", ["Ġthe", "", "好"])
writer.add_array("test.ints", [1, -2, 3])
writer.add_array("test.floats", [0.5, -0.25])
writer.add_array("test.bools", [True, False])

TYPES = gguf.GGMLQuantizationType
# Rows whose values span magnitudes, so that scales, offsets and rounding all matter.
values = (rng.standard_normal((4, 256)) * np.float32(10.0) ** rng.integers(-3, 2, (4, 1))).astype(np.float32)
for kind in (TYPES.F32, TYPES.F16, TYPES.BF16, TYPES.Q8_0, TYPES.Q4_0, TYPES.Q4_1):
    writer.add_tensor(kind.name.lower(), gguf.quants.quantize(values, kind), raw_dtype=kind)
# The package has no quantiser for Q6_K: bytes at random, under scales that are finite.
blocks = rng.integers(0, 256, (4, 210), dtype=np.uint8)
blocks[:, 208:] = (rng.standard_normal(4) * 0.01).astype(np.float16).view(np.uint8).reshape(4, 2)
writer.add_tensor("q6_k", blocks, raw_dtype=TYPES.Q6_K)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

with open(out / "types.f32", "wb") as f:
    for tensor in gguf.GGUFReader(out / "types.gguf").tensors:
        f.write(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype("<f4").tobytes())
