"""A sentence-transformers folder gets an OpenVINO model beside its own weights.

    python -m vectorstore.openvino_export FOLDER [--int8 TEXT ...]

Weights are stored as float16 and computed with as float32. ``--int8`` adds a quantized model to it, which is faster only on
processors with int8 instructions (AVX512-VNNI and the like) and needs ``pip install 'zhengce[int8]'``.
"""

import argparse
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.errors import EmbeddingError
from vectorstore.openvino_embedding import MODEL, MODEL_INT8, open_tokenizer, openvino

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_CALIBRATED = 300  # texts; more change the ranges little
_SENTENCE = re.compile(r"[^。；;!！?？\n]{6,}[。；;!！?？]?")


def export(folder: Path) -> Path:
    """Write the OpenVINO model of ``folder`` and return its path. A stopped export leaves nothing behind.

    Raises EmbeddingError where the model cannot be converted.
    """
    openvino()  # before torch and transformers can have it imported with its telemetry
    try:
        converted = _convert(folder)
    except (RuntimeError, ValueError, OSError) as error:
        raise EmbeddingError(f"无法把 {folder} 转换成 OpenVINO 模型:{str(error).splitlines()[0]}") from error
    return save(converted, folder / MODEL, half=True)


def export_int8(folder: Path, texts: list[str]) -> Path:
    """Write an int8 model calibrated on ``texts``, as they are given to the model, and return its path.

    Raises EmbeddingError where nncf is not installed.
    """
    model = openvino().Core().read_model(folder / MODEL)
    return quantized(folder, _feeds(folder, texts, [port.any_name for port in model.inputs]))


def quantized(folder: Path, feeds: list[dict[str, Any]], smooth: float = 0.95) -> Path:
    """Write an int8 form of the OpenVINO model in ``folder``, calibrated on ``feeds``, its inputs, and return its path.

    ``smooth`` is how far outliers of activations go into the weights (alpha of SmoothQuant, arXiv 2211.10438).

    Raises EmbeddingError where nncf is not installed.
    """
    ov = openvino()
    try:
        import nncf
    except ImportError as error:
        raise EmbeddingError("int8 量化需要 nncf;请运行 make int8") from error
    model = ov.Core().read_model(folder / MODEL)
    alphas = nncf.AdvancedSmoothQuantParameters(matmul=smooth)
    made = nncf.quantize(
        model,
        nncf.Dataset(feeds),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(feeds),
        advanced_parameters=nncf.AdvancedQuantizationParameters(smooth_quant_alphas=alphas),
    )
    return save(made, folder / MODEL_INT8, half=False)


def sentences(files: list[Path]) -> list[str]:
    """Return sentences of ``files`` for calibration, every third as a question is embedded."""
    return [("passage: " if i % 3 else "query: ") + text for i, text in enumerate(calibration(files))]


def calibration(files: list[Path], count: int = _CALIBRATED) -> list[str]:
    """Return up to ``count`` sentences of ``files``, spread evenly."""
    found = [text.strip() for path in files for text in _SENTENCE.findall(path.read_text(encoding="utf-8"))]
    return found[:: max(1, len(found) // count)][:count]


def _convert(folder: Path) -> Any:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()  # it would report that the pooling head, which nothing uses, is not read
    logging.disable_progress_bar()
    ov = openvino()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # branches on shapes that are the same for every text
        warnings.simplefilter("ignore", FutureWarning)  # of transformers about itself, as its attributes are read
        warnings.simplefilter("ignore", DeprecationWarning)  # openvino traces as torch would no longer have it
        model = AutoModel.from_pretrained(folder, attn_implementation="sdpa", local_files_only=True).eval()
        model.config.return_dict = False
        names = _INPUTS if getattr(model.config, "type_vocab_size", 1) > 1 else _INPUTS[:2]
        example = {name: torch.ones((2, 8), dtype=torch.long) for name in names[:2]}
        example |= {name: torch.zeros((2, 8), dtype=torch.long) for name in names[2:]}
        shapes = [(name, [-1, -1], ov.Type.i64) for name in names]
        converted = ov.convert_model(model, example_input=example, input=shapes)
    states = converted.output(0)
    states.get_tensor().set_names({"last_hidden_state"})
    return ov.Model([states], converted.get_parameters())  # without a pooling head


def _feeds(folder: Path, texts: list[str], names: list[str]) -> list[dict[str, Any]]:
    """Return the inputs of the model for each text alone."""
    tokenizer = open_tokenizer(folder)
    feeds = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        feeds.append({name: feed[name] for name in names})
    return feeds


def save(model: Any, target: Path, *, half: bool) -> Path:
    """Write ``model`` to ``target``, beside it first: the description comes last, and it is what a model is known by."""
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        openvino().save_model(model, made, compress_to_fp16=half)
        for suffix in (".bin", ".xml"):
            made.with_suffix(suffix).replace(target.with_suffix(suffix))
    return target


def main() -> None:
    """Export the folder named on the command line."""
    parser = argparse.ArgumentParser(description="给 sentence-transformers 模型文件夹加上 OpenVINO 模型")
    parser.add_argument("folder", type=Path, metavar="文件夹")
    parser.add_argument("--int8", type=Path, nargs="+", metavar="文本", help="只加 int8 模型,用这些文本校准")
    args = parser.parse_args()
    try:
        if not args.int8 or not (args.folder / MODEL).is_file():
            sys.stderr.write(f"已生成 {export(args.folder)}\n")
        if args.int8:
            sys.stderr.write(f"已生成 {export_int8(args.folder, sentences(args.int8))}\n")
    except EmbeddingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
