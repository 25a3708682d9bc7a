"""The command line, as a user meets it: through its entry point, with exit codes, JSON and sentences."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from baocao.cli import main
from baocao.forms.reading.read import read_workbook
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, SIGNATURE, Site

# the entry point ---------------------------------------------------------------------------------------------------


def test_the_installed_program_answers(site: Site) -> None:
    program = Path(sys.executable).with_name("baocao")
    arguments = [program, "periods", "--period", PERIOD, "--json"]
    env = {**site.env, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(arguments, capture_output=True, text=True, env=env, check=True)
    assert {row["period"] for row in json.loads(done.stdout)} == {PERIOD}
    assert done.stderr == ""


def test_the_commands_are_those_of_the_road() -> None:
    road = {"open", "collect", "remind", "consolidate", "approve", "sign", "dispatch", "status", "trace", "replay"}
    assert road | {"periods", "blank", "check", "audit"} <= set(main.commands)
    for name in road:
        options = {o for p in main.commands[name].params for o in p.opts}
        assert {"--regime", "--period", "--as-of", "--json"} <= options, name


# periods -----------------------------------------------------------------------------------------------------------

SAFE = {  # the table of working days before the statutory dates: unit and province, half-year and year
    2026: ("2026-06-19", "2026-06-24", "2026-12-18", "2026-12-24"),
    2027: ("2027-06-18", "2027-06-24", "2027-12-17", "2027-12-24"),
    2028: ("2028-06-19", "2028-06-23", "2028-12-19", "2028-12-22"),
    2029: ("2029-06-19", "2029-06-22", "2029-12-19", "2029-12-24"),
    2030: ("2030-06-19", "2030-06-24", "2030-12-19", "2030-12-24"),
}


def test_calendar_lists_deadlines_of_both_levels(cli: Cli) -> None:
    rows = cli("periods", "--json").json
    assert all({"period", "kind", "level", "cutoff_on", "due_at", "safe_on"} <= set(row) for row in rows)
    found = {(row["period"], row["level"]): row for row in rows}
    expected = {}
    for year, (half_unit, half_province, year_unit, year_province) in SAFE.items():
        expected |= {
            (f"{year}-H1", "unit"): (f"{year}-06-14", f"{year}-06-19T23:59:59+07:00", half_unit),
            (f"{year}-H1", "province"): (f"{year}-06-14", f"{year}-06-24T23:59:59+07:00", half_province),
            (f"{year}-Y", "unit"): (f"{year}-12-14", f"{year}-12-19T23:59:59+07:00", year_unit),
            (f"{year}-Y", "province"): (f"{year}-12-14", f"{year}-12-24T23:59:59+07:00", year_province),
        }
    for key, (cutoff, due, safe) in expected.items():
        row = found[key]
        assert (row["cutoff_on"], row["due_at"], row["safe_on"]) == (cutoff, due, safe), key
    special = {
        ("2028-MID", "unit"): ("2028-08-24T23:59:59+07:00", "2028-08-24"),
        ("2028-MID", "province"): ("2028-08-31T23:59:59+07:00", "2028-08-31"),
        ("2030-END", "unit"): ("2030-08-24T23:59:59+07:00", "2030-08-23"),
        ("2030-END", "province"): ("2030-08-31T23:59:59+07:00", "2030-08-30"),
    }
    for key, both in special.items():
        assert (found[key]["due_at"], found[key]["safe_on"]) == both, key
    assert set(found) == set(expected) | set(special)
    assert all(datetime.fromisoformat(row["due_at"]).utcoffset() == timedelta(hours=7) for row in rows)
    assert all(date.fromisoformat(row["safe_on"]) <= date.fromisoformat(row["due_at"][:10]) for row in rows)


# what is asked wrongly ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("periods", "--regime", "khong-co"), REGIME),
        (("status", "--period", "2026-H3"), "2026-H1"),
        (("periods", "--period", "2026-H3"), "2026-H1"),
        (("status", "--as-of", "20/6/2026"), "2026-06-20"),
        (("check", "TỆP", "--period", "2026-H3"), "2026-H1"),
        (("check", "TỆP", "--regime", "khong-co"), REGIME),
        (("status", "--as-of", "2020-01-01"), "--period 2026-H1"),
        (("blank", "99999", "--period", PERIOD), "99999"),
        (("waive", "14797", "--until", "30/6/2026", "--reason", "x", "--by", "y", "--period", PERIOD), "2026-06-20"),
        (("confirm", "khong-co", "--receipt", "1", "--by", "ai", "--period", PERIOD), "consolidate"),
        (("trace", "PL01", "--period", PERIOD), "BIỂU/DÒNG/CỘT"),
        (("trace", "PL01/CT01/TH", "--period", PERIOD), "consolidate"),
        (("approve", "--by", "ai", "--period", PERIOD), "consolidate"),
        (("dispatch", "--period", PERIOD), "consolidate"),
        (("replay", "--period", PERIOD), "consolidate"),
        (("consolidate", "--period", PERIOD), "2026-H1"),
        (("open", "--period", PERIOD, "--as-of", "2026-01-02"), "2026-H1"),
        (("baseline", "TỆP"), "2025-Y"),
        (("baseline", "TỆP", "--period", PERIOD), "2026-H1"),
    ],
)
def test_wrong_request_gives_exit_3_and_a_reason(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    file = tmp_path / "tep.xlsx"
    file.write_bytes(b"PK")
    given = [file if a == "TỆP" else a for a in arguments]
    plain, as_json = cli(*given), cli(*given, "--json")
    assert (plain.code, as_json.code) == (3, 3)
    assert plain.out == "" and plain.err.startswith("Lỗi: ") and named in plain.err
    assert "Traceback" not in plain.err
    assert as_json.json["error"] in plain.err


# the whole road ----------------------------------------------------------------------------------------------------


def test_command_line_alone_completes_a_whole_period(cli: Cli, tmp_path: Path) -> None:
    site = cli.site
    first = tmp_path / "nen.csv"
    lines = [f"{u},{k.form},{k.row},{k.column},{v}" for u, found in site.before.items() for k, v in found.items()]
    first.write_text("\n".join(["unit,form,row,column,value", *lines]) + "\n", encoding="utf-8")
    loaded = cli("baseline", first, "--period", "2025-Y", "--as-of", "2026-06-01", "--json").json
    assert loaded["new"] == len(site.units)
    at = ("--period", PERIOD, "--json", "--as-of")
    opened = cli("open", *at, "2026-06-01").json
    assert (opened["units"], opened["mails_sent"]) == (len(site.units), len(site.units))
    site.send_all(but=[COMMUNES[-1]])
    assert cli("collect", *at, "2026-06-17T10:00").json["accepted"] == len(site.units) - 1
    assert cli("remind", *at, "2026-06-19").json["reminders"] >= 1
    waived = cli("waive", COMMUNES[-1], "--reason", "Lũ quét", "--by", "Thường trực", *at, "2026-06-19")
    assert (waived.code, waived.json["kind"]) == (0, "waiver")
    frozen = cli("consolidate", *at, "2026-06-23T10:00").json
    assert frozen["status"] == "FROZEN"
    given = [x for name, value in SIGNATURE.items() for x in (f"--{name.replace('_', '-')}", value)]
    assert cli("sign", "--by", "văn thư", *given, *at, "2026-06-23T10:30").code == 3  # not approved yet
    assert cli("approve", "--by", "trực ban", *at, "2026-06-23T11:00").json["status"] == "APPROVED"
    wrong = cli("sign", "--by", "văn thư", "--content", "0" * 64, *given, *at, "2026-06-23T14:00")
    assert wrong.code == 3
    assert cli("sign", "--by", "văn thư", *given, *at, "2026-06-23T14:00").json["status"] == "SIGNED"
    sent = cli("dispatch", *at, "2026-06-23T15:00").json
    assert sent["status"] == "DISPATCHED" and not sent["late"]
    noted = cli(
        "confirm", sent["recipients"][0], "--receipt", "Đã nhận số 9", "--by", "van-thu", *at, "2026-06-24"
    ).json
    assert noted["receipt"] == "Đã nhận số 9"
    status = cli("status", *at, "2026-06-24").json
    assert (status["accepted"], status["waived"], status["missing"]) == (len(site.units) - 1, 1, [])
    assert {d["recipient"] for d in status["report"]["dispatched"]} == set(sent["recipients"])
    assert [a["by"] for a in status["report"]["approvals"]] == ["trực ban", "văn thư"]
    trace = cli("trace", "PL01/CT01/TH", "--period", PERIOD, "--json").json
    assert sum(int(c["value"]) for c in trace["contributions"]) == int(trace["value"])
    assert all(len(c["sha256"]) == 64 and c["sheet"] and c["a1"] for c in trace["contributions"])
    replayed = cli("replay", "--period", PERIOD, "--json")
    assert (replayed.code, replayed.json["identical"], replayed.json["differences"]) == (0, True, [])
    audit = cli("audit", "verify", "--json")
    assert (audit.code, audit.json["ok"]) == (0, True) and audit.json["events"] > len(site.units)


def test_status_and_trace_are_readable_without_json(on_signed: Cli) -> None:
    status = on_signed("status", "--period", PERIOD, "--as-of", "2026-06-23").out
    assert f"{len(on_signed.site.units)}/{len(on_signed.site.units)} đã tiếp nhận" in status
    assert f"số {SIGNATURE['number']}/" in status
    first, *lines = on_signed("trace", "PL01/CT01/TH", "--period", PERIOD).out.splitlines()
    assert first.startswith("PL01/CT01/TH = ") and len(lines) == len(COMMUNES)
    assert all("!" in line for line in lines)


def test_unknown_cell_is_not_traced(on_signed: Cli) -> None:
    answer = on_signed("trace", "PL01/CT99/TH", "--period", PERIOD)
    assert answer.code == 3 and "PL01/CT99/TH" in answer.err


def test_tampered_audit_trail_gives_exit_1_and_place(on_signed: Cli) -> None:
    with on_signed.site.place.store.engine.begin() as conn:
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        conn.exec_driver_sql("UPDATE event SET actor = 'ai đó' WHERE seq = 2")
    answer = on_signed("audit", "verify", "--json")
    assert (answer.code, answer.json["ok"], answer.json["first_bad_seq"]) == (1, False, 2)


# single commands ---------------------------------------------------------------------------------------------------


def test_blank_is_written_for_given_unit_and_period(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "trong.xlsx"
    answer = cli("blank", COMMUNES[0], "--period", PERIOD, "--out", target, "--as-of", "2026-06-01", "--json").json
    data = target.read_bytes()
    assert answer["bytes"] == len(data)
    meta = read_workbook(data).meta
    assert (meta["unit"], meta["period"]) == (COMMUNES[0], PERIOD)
    assert load_workbook(BytesIO(data)).sheetnames[0] == "Hướng dẫn"


def test_an_extension_moves_the_deadline_of_one_unit(cli: Cli) -> None:
    cli.site.open()
    at = ("--period", PERIOD, "--as-of", "2026-06-18", "--json")
    answer = cli("waive", COMMUNES[0], "--until", "2026-06-22", "--reason", "Mất điện", "--by", "Thường trực", *at).json
    assert (answer["kind"], answer["until"]) == ("extension", "2026-06-22T23:59:59+07:00")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("14797,B04,NGHIEN,CK", 3),
        ("99999,B04,NGHIEN,CK,5", 3),
        ("14797,B04,KHONGCO,CK,5", 3),
        ("14797,B04,NGHIEN,CK,năm", 3),
        ("14797,B04,NGHIEN,CK,-1", 3),
        ("14797,B04,SUDUNG,CK,5", 3),
    ],
)
def test_faulty_baseline_line_is_named_and_nothing_kept(cli: Cli, tmp_path: Path, line: str, number: int) -> None:
    file = tmp_path / "nen.csv"
    file.write_text(f"unit,form,row,column,value\n14797,B04,SUDUNG,CK,4\n{line}\n", encoding="utf-8")
    answer = cli("baseline", file, "--period", "2025-Y", "--as-of", "2026-06-01")
    assert answer.code == 3 and f"dòng {number}:" in answer.err
    file.write_text("unit,form,row,column,value\n14797,B04,SUDUNG,CK,4\n", encoding="utf-8")
    assert cli("baseline", file, "--period", "2025-Y", "--as-of", "2026-06-01", "--json").json["new"] == 1


def test_baseline_file_that_is_not_utf8_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "nen.csv"
    file.write_bytes("đơn vị".encode("utf-16"))
    answer = cli("baseline", file, "--period", "2025-Y", "--as-of", "2026-06-01")
    assert answer.code == 3 and "UTF-8" in answer.err
