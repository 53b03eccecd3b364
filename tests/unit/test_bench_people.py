"""Who is who, by movies and roles: made-up people in made-up films."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest
from bench_script import bench_script


@pytest.fixture
def bench() -> ModuleType:
    return bench_script("people")


def credits(who: str, text: str) -> pd.DataFrame:
    """``film role who who`` per line; A is Actor, D is Director, W is Writer."""
    roles = {"A": "Actor", "D": "Director", "W": "Writer"}
    rows = [
        (film, roles[role], one)
        for film, role, *all_ in (line.split() for line in text.strip().splitlines())
        for one in all_
    ]
    return pd.DataFrame(rows, columns=["film", "role", who])


def given(bench: ModuleType, people: str, names: str) -> dict[str, str]:
    found = bench.assign(credits("person", people), credits("name", names))
    return dict(zip(found["person"], found["name"], strict=True))


def test_who_has_the_same_films_in_the_same_role_is_the_same(bench: ModuleType) -> None:
    cast = "f1 A p1 p2 p3\nf2 A p1 p2 p4\nf3 A p2 p5"
    assert given(bench, cast, "f1 A ann\nf2 A ann\nf3 A ann") == {"p2": "ann"}
    assert given(bench, cast, "f1 D ann\nf2 D ann\nf3 D ann") == {}  # another role
    assert given(bench, cast, "f3 A ann") == {}  # one film of two people


def test_two_people_with_the_same_films_stay_unnamed(bench: ModuleType) -> None:
    cast = "f1 A p1 p2\nf2 A p1 p2\nf3 A p2"
    assert given(bench, cast, "f1 A ann\nf2 A ann") == {}
    assert given(bench, cast, "f1 A ann bob\nf2 A ann bob") == {}


def test_who_is_known_leaves_fewer_to_choose_from(bench: ModuleType) -> None:
    """Bob is p2 by the third film, so that p1 is left for Ann."""
    cast = "f1 A p1 p2\nf2 A p1 p2\nf3 A p2"
    found = given(bench, cast, "f1 A ann bob\nf2 A ann bob\nf3 A bob")
    assert found == {"p1": "ann", "p2": "bob"}


def test_a_name_of_two_people_is_nobodys(bench: ModuleType) -> None:
    """Each of the namesakes has half of what the name has."""
    cast = "f1 A p1\nf2 A p1\nf3 A p2 p3\nf4 A p2 p3"
    assert given(bench, cast, "f1 A lee\nf2 A lee\nf3 A lee\nf4 A lee") == {}
    assert given(bench, cast, "f1 A lee\nf2 A lee") == {"p1": "lee"}


def test_a_person_with_two_names_gets_neither(bench: ModuleType) -> None:
    cast = "f1 A p1\nf2 A p1\nf3 A p1\nf4 A p1"
    assert given(bench, cast, "f1 A ann\nf2 A ann\nf3 A bob\nf4 A bob") == {}
    assert given(bench, cast, "f1 A ann\nf2 A ann\nf3 A ann bob\nf4 A bob") == {"p1": "ann"}


def test_one_film_is_enough_for_its_only_director(bench: ModuleType) -> None:
    assert given(bench, "f1 D p1", "f1 D ann") == {"p1": "ann"}
    assert given(bench, "f1 D p1 p2", "f1 D ann bob") == {}
    assert given(bench, "f1 D p1", "f1 D ann bob") == {}
    assert given(bench, "f1 A p1", "f1 A ann") == {}
    # p1 directed another film, whose directors are known and do not have Ann among them
    assert given(bench, "f1 D p1\nf2 D p1", "f1 D ann\nf2 D bob") == {}


def test_a_missing_writer_says_nothing_a_missing_actor_does(bench: ModuleType) -> None:
    cast = "f1 A p1\nf2 A p1\nf3 {role} p2"
    names = "f1 A ann\nf2 A ann\nf3 {role} ann"
    assert given(bench, cast.format(role="W"), names.format(role="W")) == {"p1": "ann"}
    assert given(bench, cast.format(role="A"), names.format(role="A")) == {}
    assert given(bench, "f1 A p1\nf2 A p1", names.format(role="A")) == {"p1": "ann"}  # not known


def many() -> tuple[pd.DataFrame, pd.DataFrame]:
    """30 people who each acted in the same four films as a name, two to a film."""
    rows = [(f"f{n}{film}", f"p{n + one}") for n in range(30) for film in "abcd" for one in (0, 1)]
    people = pd.DataFrame(rows, columns=["film", "person"]).assign(role="Actor")
    names = people.rename(columns={"person": "name"})
    return people, names.assign(name=names["name"].str.replace("p", "n"))


def test_hidden_films_count_what_is_right_and_what_is_not(bench: ModuleType) -> None:
    people, names = many()
    checks = bench.hidden_films(people, names)
    assert checks["right"].all() and len(checks) > 100
    assert (checks["person"].str[1:] == checks["name"].str[1:]).all()
    # the person of a name is missing in Freebase, in films where another one always is
    wrong = people[people["person"] != "p7"]
    extra = people[people["person"] == "p7"].assign(person="p99")
    extra = extra[extra["film"] != "f7d"]
    checks = bench.hidden_films(pd.concat([wrong, extra]), names)
    assert checks.loc[~checks["right"], ["film", "name"]].to_numpy().tolist() == [["f7d", "n7"]]


def test_hidden_people_leave_names_to_nobody_or_to_others(bench: ModuleType) -> None:
    people, names = many()
    assert bench.hidden_people(people, names)["right"].all()
    # an extra in two thirds of p7's films is taken for n7 when p7 is gone, but not before
    shadow = people[people["person"] == "p7"].assign(person="p99").iloc[:7]
    found = bench.hidden_people(pd.concat([people, shadow]), names)
    assert found.loc[~found["right"], "name"].tolist() == ["n7"]


def test_files_that_contradict_each_other_are_no_evidence(bench: ModuleType) -> None:
    names = pd.DataFrame(
        [
            ("remade", "Director", "old", "one"),
            ("remade", "Director", "new", "two"),
            ("same", "Director", "ann", "one"),
            ("same", "Director", "ann", "two"),
            ("same", "Director", "bob", "two"),
            ("lonely", "Director", "cy", "one"),
            ("lonely", "Actor", "di", "two"),
        ],
        columns=["film", "role", "name", "file"],
    )
    assert bench.contradicted(names) == {"remade"}


def test_spellings_of_a_name_are_one_name(bench: ModuleType) -> None:
    written = ["Ren\u00e9e Zellweger", "Renee Zellweger", "Renee  ZELLWEGER"]
    assert len({bench.folded(one) for one in written}) == 1
    assert bench.folded("Conan O'Brien") == bench.folded("Conan O\u2019Brien")
    names = pd.DataFrame({"name": "a", "written": [*written, written[1], written[0]]})
    assert bench.spellings(names).to_dict() == {"a": written[0]}
