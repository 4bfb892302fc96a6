"""Rubric profiles: bands, and what a user's own file may get wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vmaudit.cli.app import app
from vmaudit.errors import ConfigError
from vmaudit.scoring import Band, load_rubric, read_rubric, rubric_names

OWN = """
name = "ours"
summary = "What we agreed on"
[bands.words_per_minute]
low = 130
high = 200
far_low = 100
kind = "yours"
source = "the team, in March"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", rubric_names())
def test_every_band_of_a_shipped_profile_has_a_source(name: str) -> None:
    rubric = load_rubric(name)
    assert rubric.name == name
    assert rubric.bands
    assert all(len(band.source) > 20 for band in rubric.bands.values())


@pytest.mark.parametrize(
    ("value", "place"),
    [(99, "far_low"), (100, "low"), (130, "within"), (200, "within"), (200.1, "high")],
)
def test_the_ends_of_a_band_belong_to_it(tmp_path: Path, value: float, place: str) -> None:
    band = read_rubric(write(tmp_path, OWN)).bands["words_per_minute"]
    assert band.place(value) == place


def test_an_open_band_misses_on_one_side_only() -> None:
    band = Band(high=5, far_high=12, kind="study", source="a study")
    assert [band.place(value) for value in (-1e9, 5, 6, 12, 13)] == [
        "within",
        "within",
        "high",
        "high",
        "far_high",
    ]
    assert str(band) == "at most 5"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("low = 130", "low = 230", "must rise"),
        ("low = 130\nhigh = 200\n", "", "needs a low or a high end"),
        ("low = 130", "far_high = 230", "needs the near end"),
        ('kind = "yours"', 'kind = "vibes"', "kind"),
        ('source = "the team, in March"', "", "source"),
        ("low = 130", "low = nan", "finite"),
        ("[bands.words_per_minute]", "[bands.charm]", "no value of the delivery: charm"),
        ("[bands.words_per_minute]", "[bands.fillers]", "no value of the delivery: fillers"),
        ("low = 130", "low = 130\nlower = 1", "lower"),
        ('name = "ours"', "name =", "ours.toml"),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in OWN
    with pytest.raises(ConfigError, match=said):
        read_rubric(write(tmp_path, OWN.replace(old, new)))


def test_a_profile_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        read_rubric(tmp_path / "none.toml")
    (tmp_path / "ours.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot read"):
        read_rubric(tmp_path / "ours.toml")
    with pytest.raises(ConfigError, match=r"there are: .*default"):
        load_rubric("../default")


def test_commands_show_the_bands_with_their_source(tmp_path: Path) -> None:
    run = CliRunner()
    assert "default  " in run.invoke(app, ["rubric", "list"]).stdout
    shown = run.invoke(app, ["rubric", "show"]).stdout
    assert "fillers_per_minute  at most 5; far off over 12" in shown
    assert "study: Laske and DiGennaro Reed 2024" in shown
    own = run.invoke(app, ["rubric", "check", str(write(tmp_path, OWN))])
    assert own.exit_code == 0
    assert "words_per_minute  130 to 200; far off under 100" in own.stdout
    wrong = run.invoke(app, ["rubric", "check", str(tmp_path / "none.toml")])
    assert isinstance(wrong.exception, ConfigError)
