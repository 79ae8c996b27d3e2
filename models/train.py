#!/usr/bin/env python3
"""Trains the project's two models and writes them as int8 .tflite files.

    python3 models/train.py             writes models/*.tflite, manifest.json
    python3 models/train.py --check     trains and measures, writes nothing

Needs numpy, and flatc (Debian: flatbuffers-compiler) to write. Data is made
here from a fixed seed; docs/guide/models.md says what the inputs mean.
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20261123
FULLY_CONNECTED, SOFTMAX = 9, 25  # BuiltinOperator


# ---- Inputs: what device/partitions/infer/features.cc computes --------------

@dataclasses.dataclass(frozen=True)
class Feature:
    """A quantity in thousandths of its unit and the int8 it becomes:
    q = clamp(round((value - centre) * numerator / denominator))"""
    name: str
    unit: str
    centre: int
    numerator: int
    denominator: int
    offset: int = 0

    def quantise(self, value):
        scaled = (np.asarray(value, dtype=np.float64) - self.centre)
        scaled = scaled * self.numerator / self.denominator
        rounded = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
        return np.clip(rounded + self.offset, -128, 127).astype(np.int64)


PHASE = Feature("phase", "mrad", 0, 255, 6283, -128)
TEMPERATURE = Feature("temperature", "m°C", 42500, 128, 85000)
WARMING = Feature("warming", "m°C", 0, 128, 64000)
FIELD = Feature("field", "nT", 100000, 128, 100000)
FIELD_CHANGE = Feature("field change", "nT", 0, 128, 128000)
CLASSES = ["normal", "overload", "fault"]


def label_machine(t, dt, f, df):
    """The rule that the classifier learns, in °C and µT."""
    del df  # present for models to come; the rule does not use it
    fault = (t >= 95) | (f >= 120)
    overload = (t >= 60) | ((t >= 45) & (dt >= 10)) | (f >= 90)
    return np.where(fault, 2, np.where(overload, 1, 0))


def sample_machine(rng, count):
    """Machines at rest, in work, warming, cooling, and with a failing winding
    whose stray field is strong; many samples lie near a threshold."""
    t = rng.uniform(-40, 125, count)
    near = rng.random(count) < 0.3
    t = np.where(near, rng.choice([45, 60, 95], count) + rng.normal(0, 6, count), t)
    f = np.abs(rng.normal(48, 15, count))
    f = np.where(rng.random(count) < 0.35, rng.uniform(0, 320, count), f)
    f = np.where(rng.random(count) < 0.15,
                 rng.choice([90, 120], count) + rng.normal(0, 8, count), f)
    dt = rng.normal(0, 0.7, count)
    dt = np.where(rng.random(count) < 0.5, rng.uniform(-60, 60, count), dt)
    dt = np.where(rng.random(count) < 0.2, rng.normal(10, 4, count), dt)
    df = rng.normal(0, 1.5, count)
    df = np.where(rng.random(count) < 0.4, rng.uniform(-127, 127, count), df)
    return np.clip(t, -40, 125), dt, np.clip(f, 0, 322), df


def quantise_machine(t, dt, f, df):
    return np.stack([TEMPERATURE.quantise(t * 1000), WARMING.quantise(dt * 1000),
                     FIELD.quantise(f * 1000), FIELD_CHANGE.quantise(df * 1000)], 1)


# ---- Float training ---------------------------------------------------------

def train(rng, x, target, sizes, loss_gradient, steps, rate, batch=256):
    """A ReLU MLP by Adam, cosine-decayed; float64, so that it repeats."""
    layers = [(rng.normal(0, np.sqrt(2 / a), (b, a)), np.zeros(b))
              for a, b in zip(sizes, sizes[1:])]
    flat = [p for layer in layers for p in layer]
    first = [np.zeros_like(p) for p in flat]
    second = [np.zeros_like(p) for p in flat]
    for step in range(1, steps + 1):
        pick = rng.integers(0, len(x), batch)
        acts = forward(layers, x[pick])
        grad = loss_gradient(acts[-1], target[pick]) / batch
        grads = []
        for i in reversed(range(len(layers))):
            w, _ = layers[i]
            grads[:0] = [np.einsum("nb,na->ba", grad, acts[i]), grad.sum(0)]
            grad = np.einsum("nb,ba->na", grad, w) * (acts[i] > 0)
        now = rate * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
        for p, g, m, v in zip(flat, grads, first, second):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g * g
            p -= now * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return layers


def forward(layers, x):
    acts = [x]
    for i, (w, b) in enumerate(layers):
        y = np.einsum("na,ba->nb", acts[-1], w) + b
        acts.append(y if i + 1 == len(layers) else np.maximum(y, 0))
    return acts


def softmax_gradient(logits, target):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True) - np.eye(logits.shape[1])[target]


def square_gradient(out, target):
    return 2 * (out - target)


# ---- Quantisation, as TFLite defines it for int8 ----------------------------

@dataclasses.dataclass
class Quantised:
    name: str
    input_scale: float
    input_zero: int
    layers: list  # (int8 weights, int32 bias, weight scale, out scale, out zero)
    softmax: bool


def f32(value):
    return float(np.float32(value))


def activation_range(values, relu):
    if relu:
        return f32(max(values.max(), 1e-3) / 255), -128
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    scale = f32((high - low) / 255)
    return scale, int(np.clip(round(-128 - low / scale), -128, 127))


def quantise(name, layers, calibration, input_scale, input_zero, softmax,
             output=None):
    """Weights symmetric per tensor, bias int32 in input scale * weight scale;
    activations by the range that the calibration inputs reach."""
    acts = forward(layers, calibration)
    result = Quantised(name, f32(input_scale), input_zero, [], softmax)
    scale = result.input_scale
    for i, (w, b) in enumerate(layers):
        last = i + 1 == len(layers)
        w_scale = f32(np.abs(w).max() / 127)
        q = np.clip(np.rint(w / w_scale), -127, 127).astype(np.int64)
        bias = np.rint(b / (scale * w_scale)).astype(np.int64)
        out = output if last and output else activation_range(acts[i + 1], not last)
        result.layers.append((q, bias, w_scale, *out))
        scale = out[0]
    return result


def multiplier(real):
    fraction, shift = np.frexp(real)
    value = int(np.floor(fraction * 2**31 + 0.5))
    return (value // 2, int(shift) + 1) if value == 2**31 else (value, int(shift))


def requantise(acc, value, shift):
    """SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT."""
    product = (acc << max(shift, 0)) * value
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    high = product + nudge
    high = np.where(high >= 0, high >> 31, -((-high) >> 31))  # truncates
    right = max(-shift, 0)
    mask = (1 << right) - 1
    return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0))


def run_int8(model, x):
    """Up to the logits: softmax changes no order, and lib/nn has it."""
    scale, zero = model.input_scale, model.input_zero
    for i, (w, b, w_scale, out_scale, out_zero) in enumerate(model.layers):
        acc = np.einsum("na,ba->nb", x - zero, w) + b
        real = float(np.float32(scale) * np.float32(w_scale)) / out_scale
        x = requantise(acc, *multiplier(real)) + out_zero
        relu = i + 1 < len(model.layers)
        x = np.clip(x, max(out_zero, -128) if relu else -128, 127)
        scale, zero = out_scale, out_zero
    return x


# ---- The file ---------------------------------------------------------------

def to_json(model):
    buffers, tensors, operators = [{}], [], []

    def tensor(name, shape, kind, scale, zero, data=None):
        buffer = 0
        if data is not None:
            buffers.append({"data": list(data)})
            buffer = len(buffers) - 1
        tensors.append({"shape": shape, "type": kind, "buffer": buffer, "name": name,
                        "quantization": {"scale": [scale], "zero_point": [zero]}})
        return len(tensors) - 1

    width = model.layers[0][0].shape[1]
    at = first = tensor("in", [1, width], "INT8", model.input_scale, model.input_zero)
    scale = model.input_scale
    for i, (w, b, w_scale, out_scale, out_zero) in enumerate(model.layers):
        weights = tensor(f"w{i}", list(w.shape), "INT8", w_scale, 0,
                         w.astype(np.int8).tobytes())
        bias = tensor(f"b{i}", [len(b)], "INT32", f32(scale * w_scale), 0,
                      b.astype("<i4").tobytes())
        out = tensor(f"y{i}", [1, len(b)], "INT8", out_scale, out_zero)
        relu = i + 1 < len(model.layers)
        operators.append({"opcode_index": 0, "inputs": [at, weights, bias],
                          "outputs": [out], "options_type": "FullyConnectedOptions",
                          "options": {"activation": "RELU" if relu else "NONE"}})
        at, scale = out, out_scale
    codes = [{"deprecated_builtin_code": FULLY_CONNECTED, "version": 4,
              "builtin_code": FULLY_CONNECTED}]
    if model.softmax:
        out = tensor("p", [1, len(model.layers[-1][1])], "INT8", 1 / 256, -128)
        operators.append({"opcode_index": 1, "inputs": [at], "outputs": [out],
                          "options_type": "SoftmaxOptions", "options": {"beta": 1.0}})
        codes.append({"deprecated_builtin_code": SOFTMAX, "version": 2,
                      "builtin_code": SOFTMAX})
        at = out
    return {"version": 3, "operator_codes": codes, "description": model.name,
            "subgraphs": [{"tensors": tensors, "inputs": [first], "outputs": [at],
                           "operators": operators}], "buffers": buffers}


def write(model, path):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / f"{model.name}.json"
        source.write_text(json.dumps(to_json(model)))
        subprocess.run(["flatc", "--binary", "--strict-json", "-o", folder,
                        str(HERE / "tflite.fbs"), str(source)], check=True)
        path.write_bytes((pathlib.Path(folder) / f"{model.name}.tflite").read_bytes())


# ---- The two models ---------------------------------------------------------

def make_sine(seeds):
    """The best of a few starts: eight-bit weights do not suit every solution."""
    made = [make_one_sine(np.random.default_rng(seed)) for seed in seeds]
    return min(made, key=lambda one: one[1]["int8_max_error"])


def make_one_sine(rng):
    phase = np.arange(0, 6283)
    q = PHASE.quantise(phase)
    x = ((q + 128) * (6.283 / 255))[:, None]
    target = np.sin(phase / 1000)[:, None]
    # Trained on a phase of unit range; the factor is folded into the weights.
    layers = train(rng, x / np.pi - 1, target, [1, 16, 16, 1], square_gradient,
                   20000, 0.01)
    w, b = layers[0]
    layers[0] = (w / np.pi, b - w[:, 0])
    model = quantise("sine", layers, x, 6.283 / 255, -128, False, (f32(1 / 120), 0))
    error = np.abs(forward(layers, x)[-1] - target)
    int8 = np.abs(run_int8(model, q[:, None]) / 120 - target)
    return model, {"float_max_error": round(float(error.max()), 4),
                   "int8_max_error": round(float(int8.max()), 4),
                   "int8_mean_error": round(float(int8.mean()), 4)}


def make_machine(rng):
    raw = sample_machine(rng, 60000)
    q, target = quantise_machine(*raw), label_machine(*raw)
    x = q / 128
    layers = train(rng, x, target, [4, 16, 12, 3], softmax_gradient, 30000, 0.01)
    model = quantise("machine", layers, x, 1 / 128, 0, True)
    test = sample_machine(rng, 20000)
    tq, tt = quantise_machine(*test), label_machine(*test)
    as_float = forward(layers, tq / 128)[-1].argmax(1)
    as_int8 = run_int8(model, tq).argmax(1)
    return model, {"float_accuracy": round(float((as_float == tt).mean()), 4),
                   "int8_accuracy": round(float((as_int8 == tt).mean()), 4),
                   "int8_recall": {name: round(float((as_int8[tt == k] == k).mean()), 4)
                                   for k, name in enumerate(CLASSES)}}


def describe(feature):
    return {"name": feature.name, "unit": feature.unit}


def entry(name, version, path, inputs, output, measured):
    return {"name": name, "version": version, "file": path.name,
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "inputs": [describe(f) for f in inputs], "output": output,
            "measured": measured}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true",
                        help="retrain in memory and print; write nothing")
    options = parser.parse_args()
    sine, sine_measured = make_sine(range(SEED, SEED + 8))
    machine, machine_measured = make_machine(np.random.default_rng(SEED))
    print(json.dumps({"sine": sine_measured, "machine": machine_measured}, indent=2))
    if options.check:
        return 0
    for model in (sine, machine):
        write(model, HERE / f"{model.name}.tflite")
    manifest = {"seed": SEED, "models": [
        entry("machine", "1.0.0", HERE / "machine.tflite",
              [TEMPERATURE, WARMING, FIELD, FIELD_CHANGE],
              {"kind": "classes", "classes": CLASSES, "scale": 1 / 256,
               "zero_point": -128}, machine_measured),
        entry("sine", "1.0.0", HERE / "sine.tflite", [PHASE],
              {"kind": "value", "unit": "1", "scale": f32(1 / 120), "zero_point": 0},
              sine_measured)]}
    (HERE / "manifest.json").write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
