"""What a source tells under the number of a merged record is filed there, and told of the survivor."""

from pathlib import Path

import psycopg
import pytest
from tests.store.register_office import RegisterOffice, proved
from tests.store.test_intake_load import loaded

from dancu.infra.db import Database
from dancu.kernel.codes import Sex
from dancu.register import commands

pytestmark = pytest.mark.anyio

FILE = """Họ và tên,Ngày sinh,Giới tính,Số định danh cá nhân,Quê quán
LÊ VĂN AN,01/01/1980,Nam,001080000002,"xã Văn Bình, huyện Thường Tín, Hà Nội"
LÊ THỊ BÌNH,02/03/2005,Nữ,001305000003,"xã Văn Bình, huyện Thường Tín, Hà Nội"
"""


async def test_it_is_filed_under_the_merged_record(
    database: Database, database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    office = RegisterOffice(database)
    survivor = await office.record(number="001080000001", since=2015, sex=Sex.MALE)
    merged = await office.record(number="001080000002", since=2005, sex=Sex.MALE)
    await office.do(commands.merge_records, survivor_id=survivor, merged_id=merged, reason="trùng")
    assert not any((await office.life(survivor)).origin)
    path = tmp_path / "que-quan.csv"
    path.write_text(FILE, encoding="utf-8")
    done = await loaded(database_dsn, path)
    assert (done.created, done.updated, done.queued, done.rejected) == (1, 1, 0, 0)
    assert any((await office.life(survivor)).origin)
    filed = connection.execute("SELECT person_id FROM register.event WHERE kind = 3").fetchall()
    assert filed == [(merged,)]
    assert proved(database_dsn) == []
    await office.do(commands.unmerge_records, merged_id=merged, reason="nhầm")
    assert any((await office.life(merged)).origin)
    assert not any((await office.life(survivor)).origin)
