"""The documentation says what the code does: names, options, defaults, links, examples."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import re
import shutil
import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import vmaudit
from vmaudit.asr import weights
from vmaudit.bench import BenchReport
from vmaudit.cli import app
from vmaudit.config import Config
from vmaudit.errors import VmauditError
from vmaudit.isolation.outcomes import Ending, outcomes_of
from vmaudit.isolation.scene import Scene
from vmaudit.isolation.utterances import Utterance
from vmaudit.pipeline import judge
from vmaudit.records import Audit, CallMetadata, Failure, Outcome, Word
from vmaudit.report.table import SCHEMA
from vmaudit.runs import RunReport
from vmaudit.store import tables

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(p for folder in ("docs", "samples", "benchmarks") for p in (ROOT / folder).rglob("*.md")),
    ]
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Options of other programs that the pages name alone, without their command.
FOREIGN_OPTIONS = {"--require-hashes", "--no-deps", "--only-binary"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(text: str, heading: str) -> str:
    """The text under a heading, up to the next one of any level."""
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    assert match, f"no heading {heading!r}"
    return match[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {i for i, row in enumerate(cells) if all(set(cell) <= set("-:") for cell in row)}
    return [row for i, row in enumerate(cells) if i not in rules and i + 1 not in rules]


# Code in the pages


def code_lines(text: str) -> Iterator[str]:
    """Every line of code: inline spans, fenced blocks, indented blocks."""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def test_code_lines_finds_each_kind() -> None:
    text = "Say `vmaudit one`.\n\n    vmaudit two\n\n```sh\nvmaudit three\n```\nvmaudit no\n"
    assert list(code_lines(text)) == ["vmaudit one", "vmaudit two", "vmaudit three"]


# Commands and options


def commands() -> dict[str, Any]:
    """Every command by its full name, groups included."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        found[name] = command
        for key, child in getattr(command, "commands", {}).items():
            walk(child, f"{name} {key}")

    walk(typer.main.get_command(app), "vmaudit")
    return found


COMMANDS = commands()


def options(name: str) -> set[str]:
    return {
        option
        for parameter in COMMANDS[name].params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


ALL_OPTIONS = {option for name in COMMANDS for option in options(name)} | {"--help"}


def wrong_words(line: str) -> list[str]:
    """What one line of code takes for a command or an option of vmaudit, and is not."""
    if line.startswith("--"):
        option = re.split(r"[=\s]", line)[0]
        return [] if option in ALL_OPTIONS | FOREIGN_OPTIONS else [option]
    match = re.search(r"(?<!from )(?<!import )\bvmaudit((?: [a-z-][\w-]*)+)", line)
    if match is None:
        return []
    name, words = "vmaudit", match[1].split()
    while words and f"{name} {words[0]}" in COMMANDS:
        name = f"{name} {words.pop(0)}"
    is_group = hasattr(COMMANDS[name], "commands")
    wrong = words[:1] if is_group and words and not words[0].startswith("-") else []
    call = line[match.start() :].partition("  #")[0]
    given = re.findall(r"(?<=\s)--?[a-z][a-z-]*", call)
    return wrong + [option for option in given if option not in options(name) | {"--help"}]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("vmaudit audit FOLDER --out OUT -q", []),
        ("vmaudit models pull turbo --from file.pt", []),
        (".venv/bin/vmaudit --version", []),
        ("from vmaudit import Auditor", []),
        ("vmaudit audti FOLDER", ["audti"]),
        ("vmaudit models fetch base", ["fetch"]),
        ("vmaudit show OUT FILE --json", ["--json"]),
        ("--colour", ["--colour"]),
        ("--from PATH", []),
    ],
)
def test_wrong_words_are_noticed(line: str, wrong: list[str]) -> None:
    assert wrong_words(line) == wrong


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_pages_name_only_commands_and_options_that_exist(page: Path) -> None:
    wrong = {line: words for line in code_lines(read(page)) if (words := wrong_words(line))}
    assert not wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_its_options_and_an_example(name: str) -> None:
    text = section(read(DOCS / "commands.md"), name)
    first_cells = " ".join(row[0] for row in rows(text))
    missing = [o for o in options(name) if not re.search(rf"`{re.escape(o)}[ `]", first_cells)]
    assert not missing
    if not hasattr(COMMANDS[name], "commands"):
        assert re.search(rf"^    {re.escape(name)}\b", text, re.M), "no example"
        assert COMMANDS[name].help


def test_audit_options_have_the_defaults_of_the_configuration() -> None:
    shown = {
        option[1].replace("-", "_"): row[1]
        for row in rows(section(read(DOCS / "commands.md"), "vmaudit audit"))
        if (option := re.match(r"`--([\w-]+)", row[0]))
    }
    fields = {name: f for part in sections().values() for name, f in part["properties"].items()}
    fixed = {name: f["default"] for name, f in fields.items() if f.get("default") is not None}
    for name in sorted(shown.keys() & fixed.keys() - {"force"}):
        wanted = fixed[name] if isinstance(fixed[name], str) else f"{fixed[name]:g}"
        assert shown[name].strip("`") == wanted, name


# vmaudit.toml


def sections() -> dict[str, Any]:
    """JSON schema of every section of vmaudit.toml."""
    schema = Config.model_json_schema()
    by_reference = schema["$defs"]
    return {
        name: by_reference[(part.get("allOf", [part])[0])["$ref"].rsplit("/", 1)[1]]
        for name, part in schema["properties"].items()
    }


def bounds(field: dict[str, Any]) -> set[str]:
    """Every value that limits an option, as the page writes it."""
    found: set[str] = set()
    for part in (field, *field.get("anyOf", [])):
        for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            if key in part:
                found.add(f"{part[key]:g}")
        found |= set(part.get("enum", [])) | ({part["pattern"]} if "pattern" in part else set())
    return found


@pytest.mark.parametrize("name", sections())
def test_every_option_is_documented_with_default_and_range(name: str) -> None:
    documented = {
        row[0].strip("`"): row for row in rows(section(read(DOCS / "commands.md"), f"[{name}]"))
    }
    fields = sections()[name]["properties"]
    assert list(documented) == list(fields)
    for option, field in fields.items():
        _, default, allowed, _ = documented[option]
        wanted = field.get("default")
        assert default == ("none" if wanted is None else f"`{json.dumps(wanted)}`"), option
        for bound in bounds(field):
            assert re.search(rf"(?<![\w.]){re.escape(bound)}(?![\w.])", allowed), (option, bound)


def test_example_of_vmaudit_toml_is_valid() -> None:
    text = section(read(DOCS / "commands.md"), "vmaudit.toml")
    example = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    assert Config.model_validate(tomllib.loads(example)).content.region == "GB"


# Output


def field_names(record: Any) -> set[str]:
    """Names of all fields of a record and of the records within it."""
    names: set[str] = set()
    hints = typing.get_type_hints(record)
    for field in dataclasses.fields(record):
        names.add(field.name)
        for inner in inner_types(hints[field.name]):
            if dataclasses.is_dataclass(inner):
                names |= field_names(inner)
    return names


def inner_types(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) is None and not isinstance(hint, types.UnionType):
        yield hint
    for argument in typing.get_args(hint):
        yield from inner_types(argument)


def in_code(name: str, text: str) -> bool:
    """Whether the name stands in an inline span, alone or after its parent's."""
    return any(re.fullmatch(rf"(.*\.)?{name}", span) for span in re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("record", [Audit, CallMetadata])
def test_every_field_of_a_message_is_documented(record: Any) -> None:
    names = field_names(record) - ({"extra"} if record is CallMetadata else set())
    if record is Audit:
        assert {"digits_per_second", "evidence", "sample_rate_hz", "overall"} <= names
    text = read(DOCS / "output.md").partition("\n## messages.csv")[0]
    assert not {name for name in names if not in_code(name, text)}


@pytest.mark.parametrize(
    ("heading", "record"),
    [("messages.jsonl", Audit), ("failures.jsonl", Failure), ("run.json", RunReport)],
)
def test_top_level_fields_are_listed_in_their_order(heading: str, record: Any) -> None:
    listed = [row[0].strip("`") for row in rows(section(read(DOCS / "output.md"), heading))]
    assert listed == [field.name for field in dataclasses.fields(record)]


def test_figures_of_a_bench_are_documented_in_their_order() -> None:
    listed = rows(section(read(DOCS / "commands.md"), "Figures of a bench"))
    assert [row[0].strip("`") for row in listed] == [
        f.name for f in dataclasses.fields(BenchReport)
    ]
    text = "\n".join(row[1] for row in listed)
    inner = field_names(BenchReport) - {row[0].strip("`") for row in listed}
    assert {"wall_share", "streams", "per_1000_messages"} <= inner
    assert not {name for name in inner if not in_code(name, text)}


def test_columns_of_the_table_are_listed_in_their_order() -> None:
    text = section(read(DOCS / "output.md"), "messages.csv and messages.parquet")
    listed = [name for row in rows(text) for name in re.findall(r"`(\w+)`", row[0])]
    assert listed == SCHEMA.names


def test_tables_of_the_store_are_documented_with_their_columns() -> None:
    text = section(read(DOCS / "output.md"), "vmaudit.db")
    listed = {
        row[0].strip("`"): re.findall(r"`(\w+)`", row[2].replace("messages.jsonl", ""))
        for row in rows(text)
    }
    assert listed == {
        table.name: [column.name for column in table.columns]
        for table in tables.metadata.tables.values()
    }
    assert f"schema {tables.SCHEMA_VERSION}." in text


def test_exit_codes_of_all_errors_are_documented() -> None:
    def descendants(kind: type[VmauditError]) -> Iterator[type[VmauditError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from descendants(child)

    text = section(read(DOCS / "output.md"), "Exit codes")
    listed = {int(row[0]) for row in rows(text)}
    assert listed == {0, 130} | {kind.exit_code for kind in descendants(VmauditError)}


def test_limits_state_the_thresholds_of_the_judge() -> None:
    text = section(read(DOCS / "limits.md"), "When a message cannot be judged")
    assert f"below {judge.MIN_CONFIDENCE:g} (`MIN_CONFIDENCE`)" in text


def test_limits_state_what_counts_as_a_hang_up() -> None:
    text = section(read(DOCS / "limits.md"), "When a message cannot be judged")
    stated = re.search(r"Less than ([\d.]+) s of voice activity", text)
    assert stated
    least_s = float(stated[1])
    said = [Utterance((Word("Ray", 0.0, least_s, 0.9),), gap_s=0.0, beeped=False)]
    ending = Ending(Scene(4.0, (), ()), least_s, least_s, menu=())
    assert outcomes_of(ending, said, least_s, early=False) == ("left_message",)
    assert outcomes_of(ending, said, least_s - 0.01, early=False) == ("hang_up",)


def test_every_outcome_is_documented() -> None:
    text = section(read(DOCS / "output.md"), "outcomes")
    listed = [row[0].strip("`") for row in rows(text)]
    assert sorted(listed) == sorted(typing.get_args(Outcome))


# Architecture and dependencies


def test_architecture_draws_the_import_layers_as_they_are_checked() -> None:
    layers = next(c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    lines = [line.replace("vmaudit.", "") for line in layers["layers"]]
    text = read(DOCS / "architecture.md")
    assert "\n".join(f"    {line}" for line in lines) in text
    rooms = {room for line in lines for room in line.split(" | ")}
    assert {row[0].strip("`") for row in rows(section(text, "Rooms"))} == rooms


def dependencies() -> dict[str, str]:
    """Every runtime dependency with the licence cell of the decision on it."""
    names = [re.split(r"[>=<\[;]", d)[0] for d in PROJECT["project"]["dependencies"]]
    table = rows(section(read(DOCS / "decisions" / "0001-dependencies.md"), "Decision"))
    cells = {re.findall(r"`([^`]+)`", row[0])[0]: row[1] for row in table}
    assert sorted(cells) == sorted(names)
    return cells


def licence_titles(package: str) -> list[str]:
    """The first lines of the licence files that a package brings."""
    paths = [p for p in importlib.metadata.files(package) or () if p.stem.upper() == "LICENSE"]
    return [path.read_text("utf-8").strip().partition("\n")[0] for path in paths]


def test_every_dependency_is_justified_under_the_licence_it_states() -> None:
    for name, cell in dependencies().items():
        metadata = importlib.metadata.metadata(name)
        stated = " ".join(
            [
                *(metadata.get_all("License-Expression") or []),
                *(metadata.get_all("License") or []),
                *(c for c in metadata.get_all("Classifier") or [] if "License" in c),
                *licence_titles(name),
            ]
        )
        family = re.split(r"[-\s;]", cell)[0]
        assert re.search(rf"\b{family}\b", stated), (name, cell, stated[:80])


# Links


def anchors(text: str) -> set[str]:
    """Anchors of the headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        found = goal.exists() and (not anchor or anchor in anchors(read(goal)))
        broken += [] if found else [target]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_paths_in_code_spans_exist(page: Path) -> None:
    spans = re.findall(r"`((?:vmaudit|docs|tests|tools|samples|models)/[\w/.-]+)`", read(page))
    assert not [span for span in spans if not (ROOT / span).exists()]


# Python


API_PAGE = read(DOCS / "python-api.md")
BLOCKS = re.findall(r"^```python( model)?\n(.*?)^```$", API_PAGE, re.M | re.S)
LIGHT = [code for mark, code in BLOCKS if not mark]
NEEDS_MODEL = [code for mark, code in BLOCKS if mark]


@pytest.fixture
def repository_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``samples/`` in it, as the working directory."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def execute(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "docs/python-api.md", "exec"), names)
    return names


def test_public_names_are_documented_and_importable() -> None:
    listed = {re.findall(r"\w+", row[0])[0] for row in rows(API_PAGE)}
    assert listed == set(vmaudit.__all__)
    assert vmaudit.__all__ == sorted(vmaudit.__all__)
    for name in vmaudit.__all__:
        assert getattr(vmaudit, name).__doc__
    with pytest.raises(AttributeError, match="audit_everything"):
        _ = vmaudit.audit_everything


def test_example_without_a_folder_of_results(
    repository_like: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(LIGHT[0])
    assert capsys.readouterr().out.splitlines() == [
        "estimate-follow-up.wav scored ['3035550157']",
        "kitchen-leak.wav not_scorable [] no words were heard in the speech",
    ]
    assert sorted(path.name for path in repository_like.iterdir()) == ["samples"]


def test_example_of_progress(repository_like: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = execute(LIGHT[1])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("0 of 2, 0 failed")
    assert lines[-1].startswith("2 of 2, 0 failed")
    report = names["report"]
    assert (report.audited, report.failed, report.skipped, report.exit_code) == (2, 0, 13, 0)
    assert (repository_like / "results-progress" / "messages.csv").is_file()


def test_example_of_another_engine(repository_like: Path) -> None:
    names = execute(LIGHT[2])
    assert names["report"].speech_model == "mumble@1"
    lines = (repository_like / "results-mumble" / "messages.jsonl").read_text("utf-8").splitlines()
    words = [json.loads(line)["transcript"]["words"] for line in lines]
    assert len(words) == 2
    assert all(word["text"] == "mumble" for message in words for word in message)
    assert all(words)


def test_every_light_example_is_run() -> None:
    assert len(LIGHT) == 3
    assert len(NEEDS_MODEL) == 2


@pytest.mark.model
@pytest.mark.usefixtures("repository_like")
def test_examples_with_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    if weights.installed_path("base") is None:
        pytest.skip("base is not installed; run: vmaudit models pull base")
    for code in NEEDS_MODEL:
        execute(code)
    counts, *messages = capsys.readouterr().out.splitlines()
    assert counts == "2 audited, 0 failed; exit code 0"
    assert [line.split(" ")[1] for line in messages] == ["scored", "scored"]
