"""What a source's columns mean is kept, in versions, and the next file of the source is read by it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dancu.infra.db import Database
from dancu.intake import kept
from dancu.intake.mapping import Mapping, NoNames

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FILE = "Họ tên,Sinh,Cột lạ\nLê Văn Nam,1990,0912345678\n"


def written(folder: Path, content: str) -> Path:
    path = folder / "list.csv"
    path.write_text(content, encoding="utf-8")
    return path


async def versions(database: Database, source: str = "bhxh") -> list[kept.Kept]:
    async with database.transaction(scope="nation") as tx:
        return await kept.versions(tx, source)


async def keep(database: Database, headers: tuple[str, ...], mapping: Mapping, source: str = "bhxh") -> int:
    async with database.transaction(scope="nation") as tx:
        return await kept.keep(tx, source, headers, mapping, by=7, now=NOW)


async def test_a_first_file_is_read_by_what_its_headers_suggest(database: Database, tmp_path: Path) -> None:
    opened = kept.understand(written(tmp_path, FILE), await versions(database), now=NOW)
    assert opened.understood.version == 0
    assert dict(opened.understood.mapping.columns) == {"Họ tên": "name", "Sinh": "born", "Cột lạ": "ignored"}


async def test_the_next_file_is_read_by_what_was_said_of_the_first(database: Database, tmp_path: Path) -> None:
    opened = kept.understand(written(tmp_path, FILE), [], now=NOW)
    said = replace(opened.understood.mapping, columns={**opened.understood.mapping.columns, "Cột lạ": "phone"})
    assert await keep(database, opened.reading.columns, said) == 1
    assert await keep(database, opened.reading.columns, said) == 1
    again = kept.understand(written(tmp_path, FILE), await versions(database), now=NOW)
    assert again.understood.version == 1
    assert not again.understood.changed
    rows = next(again.reading.chunks()).records.to_pylist()
    assert rows[0]["phone"] == "0912345678"


async def test_other_headers_are_told_and_what_is_known_stands(database: Database, tmp_path: Path) -> None:
    await keep(database, ("Họ tên", "Sinh", "Cột lạ"), Mapping({"Họ tên": "name", "Sinh": "born", "Cột lạ": "phone"}))
    file = "HỌ TÊN,Cột lạ,Giới tính\nLê Văn Nam,0912345678,Nam\n"
    understood = kept.understand(written(tmp_path, file), await versions(database), now=NOW).understood
    assert (understood.version, understood.added, understood.missing) == (1, ("Giới tính",), ("Sinh",))
    assert dict(understood.mapping.columns) == {"HỌ TÊN": "name", "Cột lạ": "phone", "Giới tính": "sex"}
    assert await keep(database, ("HỌ TÊN", "Cột lạ", "Giới tính"), understood.mapping) == 2
    assert [one.version for one in await versions(database)] == [2, 1]


async def test_a_file_of_another_shape_is_read_by_its_own_headers(database: Database, tmp_path: Path) -> None:
    await keep(database, ("a", "b", "c"), Mapping({"a": "name", "b": "born", "c": "sex"}))
    understood = kept.understand(written(tmp_path, FILE), await versions(database), now=NOW).understood
    assert understood.version == 0


async def test_the_encoding_that_an_operator_named_is_kept(database: Database, tmp_path: Path) -> None:
    columns = {"Ho ten": "name", "Sinh": "born"}
    await keep(database, ("Ho ten", "Sinh"), Mapping(columns, encoding="mixed", encodings={"Ho ten": "tcvn3"}))
    path = tmp_path / "list.csv"
    path.write_bytes(b"Ho ten,Sinh\nV\xe2 H\xb5,1990\n")
    opened = kept.understand(path, await versions(database), now=NOW)
    row = next(opened.reading.chunks()).records.to_pylist()[0]
    assert (row["surname"], row["given"]) == ("Võ", "Hà")


async def test_columns_that_nobody_knows_need_a_mapping(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    with pytest.raises(NoNames):
        kept.understand(path, await versions(database), now=NOW)
    columns = {"a": "name", "b": "born"}
    await keep(database, ("a", "b"), Mapping(columns))
    assert dict(kept.understand(path, await versions(database), now=NOW).understood.mapping.columns) == columns
