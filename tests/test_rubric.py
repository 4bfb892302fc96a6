"""Rubric profiles: weights, signals, bands and grades, and what a user's own may get wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Run

from vmaudit.errors import ConfigError
from vmaudit.scoring import Band, find_rubric, load_rubric, read_rubric, rubric_names

OWN = """
name = "ours"
summary = "What we agreed on"
[weights]
value = 50
clarity = 30
callback = 20
delivery = 0
kind = "yours"
source = "our own choice"
[signals.direct_line]
want = "welcome"
points = 5
kind = "yours"
source = "our best rep"
[bands.words_per_minute]
low = 130
high = 200
far_low = 100
kind = "yours"
source = "the team, in March"
[[grades]]
name = "good"
at_least = 60
[[grades]]
name = "try again"
at_least = 0
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_profiles_that_users_are_promised() -> None:
    assert rubric_names() == ["b2b", "contractor", "dealer", "default", "insurance"]


@pytest.mark.parametrize("name", rubric_names())
def test_all_that_a_shipped_profile_says_has_a_source(name: str) -> None:
    rubric = load_rubric(name)
    assert rubric.name == name
    assert rubric.bands
    assert rubric.signals
    assert rubric.weights.value > 0
    rules = [rubric.weights, *rubric.bands.values(), *rubric.signals.values()]
    assert all(len(rule.source) > 20 for rule in rules)
    assert {rule.kind for rule in rules} <= {"practice", "study", "vendor"}
    assert rubric.grades[-1].at_least == 0


def test_shipped_profiles_differ_in_version() -> None:
    versions = {load_rubric(name).version for name in rubric_names()}
    assert len(versions) == len(rubric_names())
    assert all(version.split("@")[0] in rubric_names() for version in versions)


def test_any_change_is_another_version(tmp_path: Path) -> None:
    first = read_rubric(write(tmp_path, OWN)).version
    assert read_rubric(write(tmp_path, OWN)).version == first
    assert read_rubric(write(tmp_path, "# a remark\n" + OWN)).version == first
    assert read_rubric(write(tmp_path, OWN.replace("points = 5", "points = 6"))).version != first


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


def test_a_grade_begins_with_its_score(tmp_path: Path) -> None:
    rubric = read_rubric(write(tmp_path, OWN))
    assert [rubric.grade(overall) for overall in (0, 59, 60, 100)] == [
        "try again",
        "try again",
        "good",
        "good",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("low = 130", "low = 230", "must rise"),
        ("low = 130\nhigh = 200\n", "", "needs a low or a high end"),
        ("low = 130", "far_high = 230", "needs the near end"),
        ('kind = "yours"\nsource = "the team', 'kind = "vibes"\nsource = "the team', "kind"),
        ('source = "the team, in March"', "", "source"),
        ("low = 130", "low = nan", "finite"),
        ("[bands.words_per_minute]", "[bands.charm]", "no value of the delivery: charm"),
        ("[bands.words_per_minute]", "[bands.fillers]", "no value of the delivery: fillers"),
        ("low = 130", "low = 130\nlower = 1", "lower"),
        ('name = "ours"', "name =", "ours.toml"),
        ("value = 50", "value = -1", "weights.value"),
        ("value = 50\n", "", "weights.value"),
        (
            "value = 50\nclarity = 30\ncallback = 20",
            "value = 0\nclarity = 0\ncallback = 0",
            "above 0",
        ),
        ("[signals.direct_line]", "[signals.charm]", "no signal: charm"),
        ('want = "welcome"', 'want = "maybe"', "signals.direct_line.want"),
        ("points = 5", "points = 0", "signals.direct_line.points"),
        ("points = 5", "points = 101", "signals.direct_line.points"),
        ('source = "our best rep"', 'source = ""', "signals.direct_line.source"),
        ("at_least = 60", "at_least = 0", "must fall"),
        ("at_least = 0", "at_least = 1", "begins at 0"),
        ("at_least = 60", "at_least = 101", "grades.0.at_least"),
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


def test_a_profile_is_found_by_name_or_file(tmp_path: Path) -> None:
    assert find_rubric("dealer") == load_rubric("dealer")
    assert find_rubric(str(write(tmp_path, OWN))).name == "ours"
    for neither in ("none", str(tmp_path), ""):
        with pytest.raises(ConfigError, match="neither a rubric"):
            find_rubric(neither)


def test_commands_list_and_show_what_is_aimed_at(run: Run) -> None:
    listed = run("rubric", "list").out.splitlines()
    assert [line.split()[0] for line in listed] == rubric_names()
    shown = " ".join(run("rubric", "show").out.split())
    assert "weights value 40, clarity 30, callback 20, delivery 10" in shown
    assert "fillers_per_minute at most 5; far off over 12" in shown
    assert "study: Laske and DiGennaro Reed 2024" in shown
    dealer = " ".join(run("rubric", "show", "dealer").out.split())
    assert "asks_callback required, 4 points" in dealer
    assert "grades strong from 75" in dealer
    assert run("rubric", "show", "none").code == 2


def test_check_shows_a_profile_of_ones_own_or_what_is_wrong(tmp_path: Path, run: Run) -> None:
    own = run("rubric", "check", write(tmp_path, OWN))
    assert own.code == 0
    assert "words_per_minute  130 to 200; far off under 100" in own.out
    assert "direct_line  welcome, 5 points" in own.out
    assert "grades  good from 60, try again from 0" in own.out
    for wrong in (tmp_path / "none.toml", write(tmp_path, OWN.replace("points = 5", "points = x"))):
        ended = run("rubric", "check", wrong)
        assert (ended.code, ended.err.count("\n"), ended.out) == (2, 1, "")
