"""The floor of `make coverage` judges each room by itself."""

from __future__ import annotations

from tests.coverage_floor import by_room


def file(covered_lines: int, covered_branches: int) -> dict[str, dict[str, int]]:
    numbers = {"covered_lines": covered_lines, "num_statements": 100}
    return {"summary": {**numbers, "covered_branches": covered_branches, "num_branches": 50}}


def test_a_room_is_judged_by_all_its_files_and_by_no_other():
    rooms = by_room(
        {
            "files": {
                "calico_bgp/rules/a.py": file(90, 50),
                "calico_bgp/rules/observed/b.py": file(100, 40),
                "calico_bgp/cluster/view.py": file(94, 50),
                "calico_bgp/routes/counts.py": file(100, 44),
            }
        }
    )
    assert {room: (covered.of_lines, covered.of_branches) for room, covered in rooms.items()} == {
        "rules": (95, 90),
        "cluster": (94, 100),
        "routes": (100, 88),
    }
    assert [room for room, covered in rooms.items() if covered.is_enough] == ["rules"]


def test_a_room_of_which_nothing_is_known_is_not_enough():
    empty = {"summary": {"covered_lines": 0, "num_statements": 0, "covered_branches": 0, "num_branches": 0}}
    assert not by_room({"files": {"calico_bgp/rules/__init__.py": empty}})["rules"].is_enough
