"""The committed models on another implementation: TFLite's reference kernels.

    python3 -m pytest models/crosscheck_test.py      compares with testdata/
    python3 models/crosscheck_test.py --write        makes testdata/ anew

lib/nn/golden_test.cc compares our engine with the same files, so that the two
implementations are held to the same bytes. Needs tflite-runtime==2.14.0 and
numpy<2. Not ai-edge-litert: its wheels (2.3.0) are built with single rounding,
which differs from TFLite's default, and from TFLite Micro, by one quantum here
and there.
"""

import hashlib
import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SEED = 7
COUNT = 32


def models():
    return json.loads((HERE / "manifest.json").read_text())["models"]


def reference_interpreter(path):
    try:
        from tflite_runtime import interpreter as tflite
    except ImportError:
        pytest.skip("tflite-runtime is not installed: the models were not "
                    "compared with another implementation")
    made = tflite.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=tflite.OpResolverType.BUILTIN_REF)
    made.allocate_tensors()
    return made


def run(interpreter, data):
    import numpy as np
    into = interpreter.get_input_details()[0]
    interpreter.set_tensor(into["index"],
                           np.frombuffer(data, np.int8).reshape(into["shape"]))
    interpreter.invoke()
    return interpreter.get_tensor(
        interpreter.get_output_details()[0]["index"]).tobytes()


@pytest.mark.parametrize("model", models(), ids=lambda m: m["name"])
def test_tflite_gives_the_bytes_of_testdata(model):
    interpreter = reference_interpreter(HERE / model["file"])
    inputs = sorted((HERE / "testdata" / model["name"]).glob("in_*.bin"))
    assert len(inputs) == COUNT
    for path in inputs:
        expected = path.with_name(path.name.replace("in", "out", 1)).read_bytes()
        assert run(interpreter, path.read_bytes()) == expected, path


@pytest.mark.parametrize("model", models(), ids=lambda m: m["name"])
def test_manifest_names_the_committed_bytes(model):
    data = (HERE / model["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == model["sha256"]
    assert len(data) == model["size"] < 3072


def inputs_of(model, rng):
    """Corners, then anything: every input of the sine in 32 even steps."""
    import numpy as np
    width = len(model["inputs"])
    if width == 1:
        return [bytes([(v - 128) % 256]) for v in np.linspace(0, 255, COUNT, dtype=int)]
    corners = [bytes([v % 256] * width) for v in (-128, 127, 0, -1)]
    return corners + [rng.integers(0, 256, width, dtype=np.uint8).tobytes()
                      for _ in range(COUNT - len(corners))]


def write_testdata():
    import numpy as np
    for model in models():
        interpreter = reference_interpreter(HERE / model["file"])
        folder = HERE / "testdata" / model["name"]
        folder.mkdir(parents=True, exist_ok=True)
        for i, data in enumerate(inputs_of(model, np.random.default_rng(SEED))):
            (folder / f"in_{i:02}.bin").write_bytes(data)
            (folder / f"out_{i:02}.bin").write_bytes(run(interpreter, data))


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write_testdata()
